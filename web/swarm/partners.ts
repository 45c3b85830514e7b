import type { Unit } from "../../edge/protocol/unit.ts";
import { PROTOCOL_VERSION } from "../../edge/protocol/version.ts";
import { gossipSoon } from "./gossip.ts";
import { meetAgain, meetMembers } from "./meeting.ts";
import { isQuiet, newPartner, SILENT_MS, STUCK_MS } from "./partner_book.ts";
import { noteLoss } from "./parity.ts";
import { heldKeys } from "./serving.ts";
import { type EngineState, send } from "./state.ts";
import { mostHomes } from "./standing.ts";

/**
 * Partners that are sought, and one more for each substream that a peer is at home in, at least one.
 * So those with much uplink know many others of their kind, and the way from the source stays short:
 * with eight for everyone, 1,000 peers came to 0.95 mesh continuity after a minute,
 * with this to 0.9999 after half of one (bench:sim, steady, no fallback).
 *
 * With 3, 6, 10 and 14 here 100 peers have 8.6, 11.6, 15 and 19 partners; in `steady` all come to
 * 0.9999 and more, at a control overhead of 0.7, 0.85, 1.0 and 1.2 % of the payload. In `churn` 3, 6
 * and 10 come to 0.983, 0.987 and 0.996: more partners help there, but do not fit into 1 % (bench:sim,
 * no fallback, 30 s, means of the seeds 2 and 3).
 */
const LEAST_PARTNERS = 6;
/**
 * So many more where there are several renditions, of which partners watch this or that one: with 4
 * and with none, 0.93 and 0.87 offload at 200 and 300 peers who change now and then (bench:sim,
 * renditions).
 */
const PARTNERS_FOR_CHOICE = 4;
/** Partners that are taken beyond those that are sought. */
const MORE_PARTNERS = 4;
/**
 * Being introduced and connecting takes less than this, ms. Where it fails, as without WebRTC, the
 * element must not wait for partners any longer: that would be worse than plain HTTP.
 */
const HOPE_MS = 3_000;
/** How often more partners are asked for while there are too few, ms. */
const SEEK_INTERVAL_MS = 15_000;
/** More often, ms, while more than this share of them is missing: that many do not leave by chance. */
const URGENT_INTERVAL_MS = 2_500;
const URGENT = 1 / 3;

export function onLinkOpen<P>(state: EngineState<P>, peer: string): void {
  if (!mayJoin(state, peer)) {
    state.outputs.push({ type: "drop", peer });
    return;
  }
  state.partners.set(peer, newPartner(peer, state.nowMs));
  state.meeting.delete(peer);
  state.membership.connected(peer);
  send(state, peer, { type: "hello", version: PROTOCOL_VERSION, peer: state.self });
}

/** How many watch, as the edge tells. Who hears of others for the first time soon meets some. */
export function onAudience(state: EngineState<unknown>, count: number): void {
  if (state.audience === 1 && count > 1) state.hopesUntilMs = state.nowMs + HOPE_MS;
  state.audience = Math.max(1, count);
}

/** The edge has come or gone. While it is away, whoever is missing is sought among members. */
export function onEdge(state: EngineState<unknown>, reachable: boolean): void {
  state.edgeReachable = reachable;
  state.edge.forgive();
  if (reachable) {
    // Whom it knows it names by itself to those who join.
    state.soughtMs = state.nowMs;
  } else {
    state.nextMeetMs = state.nowMs;
    gossipSoon(state);
  }
}

/** How many partners this peer seeks. */
function wantedPartners(state: EngineState<unknown>): number {
  const choice = state.buffer.renditions().size > 1 ? PARTNERS_FOR_CHOICE : 0;
  return state.conduct.partners ?? LEAST_PARTNERS + choice + Math.max(1, mostHomes(state));
}

/** Partners of which something is expected. */
function livePartners({ partners, nowMs }: EngineState<unknown>): number {
  let live = 0;
  for (const partner of partners.values()) if (!isQuiet(partner, nowMs)) live++;
  return live;
}

/** How many more partners this peer would take. */
export function room(state: EngineState<unknown>): number {
  return Math.max(0, wantedPartners(state) + MORE_PARTNERS - livePartners(state));
}

/** Whether this peer would be taken as a partner. */
export function mayJoin(state: EngineState<unknown>, peer: string): boolean {
  return !state.banned.has(peer) && !state.partners.has(peer) && peer !== state.self &&
    room(state) > 0;
}

export function onHello<P>(
  state: EngineState<P>,
  peer: string,
  hello: { version: number; peer: string },
): void {
  const partner = state.partners.get(peer);
  if (!partner || partner.greeted) return;
  if (hello.version !== PROTOCOL_VERSION) return drop(state, peer);
  if (hello.peer !== peer) return ban(state, peer);
  partner.greeted = true;
  for (const key of heldKeys(state)) partner.untold.add(key);
  // Who has just come has little time. Told in their turn, newcomers of a flash crowd took 3.7 segments each
  // from the edge, and told at once 2.9; under churn 2.09 and 2.01 (300 peers, means of two and three seeds).
  state.nextTellMs = state.nowMs;
}

/** Forgets the partner; what was asked of it is free for others. */
export function forget<P>(state: EngineState<P>, peer: string): void {
  const partner = state.partners.get(peer);
  if (!partner) return;
  state.partners.delete(peer);
  state.membership.forgetRelay(peer);
  state.uplink.lost(partner.sending);
  state.uploads.forget(peer);
  for (const segment of state.buffer.segments()) {
    for (const [index, asked] of segment.asked) {
      if (asked.peer === peer) segment.asked.delete(index);
    }
  }
  for (const [slot, parent] of state.parents) {
    if (parent.peer !== peer) continue;
    state.parents.delete(slot);
    noteLoss(state);
  }
  state.nextReviewMs = state.nowMs;
}

export function drop<P>(state: EngineState<P>, peer: string): void {
  forget(state, peer);
  state.outputs.push({ type: "drop", peer });
}

/** The partner has left the swarm, or is as good as gone. */
export function leave<P>(state: EngineState<P>, peer: string): void {
  state.membership.tried(peer, state.nowMs);
  drop(state, peer);
}

/** Drops those that have said nothing, or taken nothing, for too long. */
export function dropSilent<P>(state: EngineState<P>): void {
  for (const { peer, heardMs, sending, movedMs } of state.partners.values()) {
    const stuck = sending > 0 && state.nowMs - movedMs > STUCK_MS;
    if (stuck || state.nowMs - heardMs > SILENT_MS) leave(state, peer);
  }
}

/** Drops the partner for good, with what it sent that is not checked yet. */
export function ban<P>(state: EngineState<P>, peer: string): void {
  state.banned.add(peer);
  for (const { unchecked } of state.buffer.segments()) {
    for (const [index, piece] of unchecked) if (piece.peer === peer) unchecked.delete(index);
  }
  if (state.partners.has(peer)) drop(state, peer);
}

/** Bans a peer that sent what is not in the ledger, and tells the edge of it, once. */
export function accuse<P>(state: EngineState<P>, peer: string, unit: Unit): void {
  if (!state.banned.has(peer)) state.outputs.push({ type: "accuse", peer, unit });
  ban(state, peer);
}

/**
 * Looks for more partners while there are too few: asks the edge, and meets members that partners
 * know where the edge is away or has not brought enough. Answers when to look again, ms.
 */
export function seek<P>(state: EngineState<P>): number {
  const wanted = wantedPartners(state);
  const missing = wanted - livePartners(state);
  if (missing <= 0) {
    state.askedEdge = false;
    return Infinity;
  }
  // Where few watch, there are no more to be had.
  const missed = Math.min(wanted, state.audience - 1) - livePartners(state);
  return state.edgeReachable
    ? askEdge(state, missing, missed > wanted * URGENT)
    : meetAgain(state, missing);
}

/** Has the edge asked for partners now and then. Answers when it is asked again, ms. */
function askEdge<P>(state: EngineState<P>, missing: number, urgent: boolean): number {
  const nextMs = state.soughtMs + (urgent ? URGENT_INTERVAL_MS : SEEK_INTERVAL_MS);
  if (state.nowMs < nextMs) return nextMs;
  // What it was asked for has not come.
  if (state.askedEdge) meetMembers(state, missing);
  state.askedEdge = true;
  state.soughtMs = state.nowMs;
  const known = [...state.partners.keys(), ...state.banned].slice(0, 64);
  const silent = [...state.partners.values()].filter((partner) => isQuiet(partner, state.nowMs))
    .map(({ peer }) => peer);
  state.outputs.push({ type: "seek", want: missing, known, silent });
  return state.nowMs + URGENT_INTERVAL_MS;
}
