import type { BufferMap, Standing } from "../../edge/protocol/peer_frames.ts";
import { emptyBitmap } from "../../edge/protocol/bitmap.ts";
import { type Unit, unitKey } from "../../edge/protocol/unit.ts";
import { mayGive, noteGiven, notePushed } from "./allowance.ts";
import { pullRank, pushRank } from "./fairness.ts";
import type { Conduct } from "./io.ts";
import { isQuiet, KEEPALIVE_MS, type Partner } from "./partner_book.ts";
import { codeFor, isOfNoUse } from "./parity.ts";
import { isComplete, pieceAt, pieceBytes, runOf, type Segment } from "./segment.ts";
import { type EngineState, send } from "./state.ts";
import { letChildrenGo } from "./children.ts";
import { slotOf } from "./slots.ts";
import { capacity, lagAt, standing } from "./standing.ts";
import { dueAtMs, renditionsTaken } from "./taking.ts";
import { HURRY_MS, isShaken } from "./unrest.ts";
import type { Wish } from "./upload_queue.ts";

/** Changes of buffer maps are collected for this long: a message costs about 93 bytes on the wire. */
const TELL_INTERVAL_MS = 500;
/** Bytes that wait to leave this machine, as time at its uplink's rate, ms; at least one piece. With 25 and 100 the mesh is as good (churn). */
const WAITING_MS = 50;
const LEAST_WAITING_BYTES = 16 * 1024;
/**
 * What comes so shortly before it is due here has come too late for children too, who play at about
 * the same time: they have turned to the edge as this peer has. It is shown, but not pushed, nor is what has
 * waited for the uplink until then, ms: when that was still sent poor had 0.732 of the offload, so 0.736 (150
 * peers, 30 s, sixteen seeds).
 */
const TOO_LATE_MS = 600;

export function onWant<P>(
  state: EngineState<P>,
  peer: string,
  unit: Unit,
  pieces: readonly number[],
): void {
  const segment = state.buffer.get(unitKey(unit));
  const partner = state.partners.get(peer);
  const rate = capacity(state);
  const refused: number[] = [];
  for (const index of pieces) {
    const held = segment !== undefined && pieceAt(segment, index) !== undefined;
    const gives = state.conduct.upload && mayGive(state);
    if (gives && segment && !held && codeFor(state, segment, index, peer)) continue;
    const wish: Wish = {
      key: unitKey(unit),
      index,
      bytes: held ? pieceBytes(segment!, index) : 0,
      push: false,
      rank: partner ? pullRank(partner) : 0,
    };
    const taken = held && gives && state.uploads.add(peer, wish, rate);
    if (taken) noteGiven(state, wish.bytes);
    else refused.push(index);
  }
  if (refused.length > 0) send(state, peer, { type: "refuse", unit, pieces: refused });
}

/** The partner no longer wants what it asked for or would have been pushed. */
export function onCancel<P>(
  state: EngineState<P>,
  peer: string,
  unit: Unit,
  pieces: readonly number[],
): void {
  const key = unitKey(unit);
  for (const index of pieces) {
    state.uploads.cancel(peer, key, index);
    state.buffer.get(key)?.coding.get(index)?.delete(peer);
  }
}

/**
 * Parity goes after all media: it is for what may be lost, media for what surely is needed. With the
 * rank of media 300 peers under churn had 572 segments with holes in a minute, with this 318.
 */
const PARITY_RANK = -1;

/**
 * So many partners at least are pushed what this peer injects. Of fourteen runs that most of 300 viewers
 * had to get from the edge, nine were at an injector with two children or fewer (bench:sim, renditions).
 */
const SEEDS = 3;

/** Hands a piece that has just come on to the children of its substream. */
export function pushOn<P>(state: EngineState<P>, segment: Segment<P>, index: number): void {
  if (!state.conduct.upload || !segment.live) return;
  if (isTooLate(state, segment)) return;
  const run = runOf(segment, index);
  const slot = slotOf(segment.entry.unit.rendition, run);
  let children = 0;
  for (const partner of state.partners.values()) {
    if (!partner.children.has(slot)) continue;
    push(state, segment, index, partner);
    if (!isQuiet(partner, state.nowMs)) children++;
  }
  if (!segment.injecting.has(run)) return;
  for (const partner of bestHeirs(state, segment, run, SEEDS - children)) {
    push(state, segment, index, partner);
  }
}

function isTooLate(state: EngineState<unknown>, segment: Segment<unknown>): boolean {
  return state.edgeReachable && state.nowMs > dueAtMs(state, segment) - TOO_LATE_MS;
}

/**
 * Those to whom an injector with few children pushes its run though they have not asked: who watches
 * the rendition, and passes most on. A new injector may be nobody's parent yet.
 */
function bestHeirs<P>(
  state: EngineState<P>,
  { entry }: Segment<P>,
  run: number,
  count: number,
): Partner[] {
  if (count <= 0) return [];
  const slot = slotOf(entry.unit.rendition, run);
  return [...state.partners.values()]
    .filter((one) =>
      lagAt(one, slot) !== undefined && !one.children.has(slot) && !isQuiet(one, state.nowMs)
    )
    .sort((a, b) => pushRank(b, run, entry.runs) - pushRank(a, run, entry.runs))
    .slice(0, count);
}

/** Has a piece pushed to a child that does not show it. */
export function push<P>(
  state: EngineState<P>,
  segment: Segment<P>,
  index: number,
  partner: Partner,
): void {
  if (!isOfNoUse(partner, segment, index)) {
    const wish: Wish = {
      key: segment.key,
      index,
      bytes: pieceBytes(segment, index),
      push: true,
      rank: index < segment.count
        ? pushRank(partner, runOf(segment, index), segment.entry.runs)
        : PARITY_RANK,
    };
    state.uploads.add(partner.peer, wish, Infinity);
  }
}

/** Sends what waits as far as cap and links allow. Answers when to look again, ms. */
export function serve<P>(state: EngineState<P>): number {
  const cap = state.conduct.uploadCap;
  const most = Math.max(LEAST_WAITING_BYTES, ((state.uplink.rate ?? 0) * WAITING_MS) / 1000);
  const sending = (peer: string) => {
    const partner = state.partners.get(peer);
    return partner && !isQuiet(partner, state.nowMs) ? partner.sending : Infinity;
  };
  while (state.uplink.waiting < most) {
    const next = state.uploads.next(state.nowMs, cap, sending);
    if (!next) return state.uploads.readyAtMs(state.nowMs, cap);
    sendPiece(state, next.peer, next.wish);
  }
  return Infinity;
}

function sendPiece<P>(state: EngineState<P>, peer: string, wish: Wish): void {
  const { key, index, bytes } = wish;
  const segment = state.buffer.get(key);
  const partner = state.partners.get(peer);
  const payload = segment && pieceAt(segment, index);
  if (!segment || !partner || payload === undefined) return;
  // It may have it from somebody else by now.
  if (wish.push && (isOfNoUse(partner, segment, index) || isTooLate(state, segment))) return;
  if (partner.sending === 0) partner.movedMs = state.nowMs;
  partner.sending += bytes;
  state.uplink.handed(bytes, state.nowMs);
  state.uploaded += bytes;
  if (wish.push) notePushed(state, bytes);
  send(state, peer, { type: "piece", unit: segment.entry.unit, index, payload });
}

export function onSent(state: EngineState<unknown>, peer: string, bytes: number): void {
  const partner = state.partners.get(peer);
  if (!partner) return;
  state.uplink.left(bytes, state.nowMs);
  partner.sending = Math.max(0, partner.sending - bytes);
  partner.movedMs = state.nowMs;
}

/** Notes that the buffer map of a segment has changed. */
export function tellLater(state: EngineState<unknown>, segment: Segment<unknown>): void {
  for (const { greeted, untold } of state.partners.values()) if (greeted) untold.add(segment.key);
}

/** Tells partners of changed buffer maps, some together. Answers when to look again, ms. */
export function tell<P>(state: EngineState<P>): number {
  if (state.nowMs < state.nextTellMs) return state.nextTellMs;
  state.nextTellMs = state.nowMs + (isShaken(state) ? HURRY_MS : TELL_INTERVAL_MS);
  const standings = new Map<number, Standing>();
  for (const partner of state.partners.values()) {
    if (!partner.greeted) continue;
    const maps = state.conduct.upload ? mapsFor(state, partner, partner.untold) : [];
    partner.untold.clear();
    // Who hears nothing for long takes this peer for gone.
    const silent = state.nowMs - partner.toldMs >= KEEPALIVE_MS;
    if (maps.length > 0 || silent) have(state, partner, maps, standings);
  }
  return state.partners.size > 0 ? state.nextTellMs : Infinity;
}

/** The buffer maps of those units that a partner may want something of. */
function mapsFor<P>(state: EngineState<P>, partner: Partner, keys: Iterable<string>): BufferMap[] {
  const maps: BufferMap[] = [];
  for (const key of keys) {
    const segment = state.buffer.get(key);
    if (!segment || showsAll(partner, segment)) continue;
    const pieces = state.conduct.upload ? segment.map : emptyBitmap(segment.count);
    maps.push({ unit: segment.entry.unit, pieces });
  }
  return maps;
}

/** `standings`: what partners have been told at this moment, by rendition, since it is the same for all. */
function have<P>(
  state: EngineState<P>,
  partner: Partner,
  maps: BufferMap[],
  standings: Map<number, Standing>,
): void {
  partner.toldMs = state.nowMs;
  const rendition = maps.at(-1)?.unit.rendition ?? renditionsTaken(state).at(-1) ?? 0;
  const mine = standings.get(rendition) ?? standing(state, rendition);
  standings.set(rendition, mine);
  send(state, partner.peer, { type: "have", standing: mine, maps });
}

/** Tells a partner what this peer is to it in a rendition now. */
export function tellStanding<P>(state: EngineState<P>, partner: Partner, rendition: number): void {
  if (!partner.greeted) return;
  partner.toldMs = state.nowMs;
  send(state, partner.peer, { type: "have", standing: standing(state, rendition), maps: [] });
}

/** Who has all of it wants nothing of it. */
function showsAll(partner: Partner, segment: Segment<unknown>): boolean {
  const map = partner.maps.get(segment.key);
  if (!map || !isComplete(segment)) return false;
  return segment.map.every((bits, at) => bits === map[at]);
}

/** A peer that may not upload shows empty buffer maps, so that nobody asks. */
export function changeConduct<P>(state: EngineState<P>, conduct: Conduct): void {
  const uploadChanged = conduct.upload !== state.conduct.upload;
  state.conduct = conduct;
  if (!uploadChanged) return;
  if (!conduct.upload) {
    for (const { peer, wish } of state.uploads.clear()) {
      const segment = state.buffer.get(wish.key);
      if (!segment || wish.push) continue;
      send(state, peer, { type: "refuse", unit: segment.entry.unit, pieces: [wish.index] });
    }
    for (const partner of state.partners.values()) letChildrenGo(state, partner);
  }
  const standings = new Map<number, Standing>();
  for (const partner of state.partners.values()) {
    if (partner.greeted) have(state, partner, mapsFor(state, partner, heldKeys(state)), standings);
  }
}

export function heldKeys<P>(state: EngineState<P>): string[] {
  return state.buffer.segments().filter((one) => one.held > 0).map((one) => one.key);
}
