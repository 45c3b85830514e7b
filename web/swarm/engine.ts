/**
 * The swarm engine: what to ask of whom, what to send to whom, when to turn to the edge. It does no
 * I/O, reads no clock and rolls no dice of its own: `handle` an input, drain `poll`, sleep until
 * `wakeMs`. Media bytes are opaque to it; checking and storing them are outputs that later inputs
 * answer. So the same code runs in a page, in a relay and thousands of times in a simulator.
 */
import { fadePushed } from "./allowance.ts";
import { hasBit } from "../../edge/protocol/bitmap.ts";
import type { PeerFrame } from "../../edge/protocol/peer_frames.ts";
import { type Unit, unitKey } from "../../edge/protocol/unit.ts";
import { declineAll, meetDeadlines, openDemand } from "./demands.ts";
import { inject, onFetchedDigests, onFetchedPiece, onFetchEnded } from "./fetching.ts";
import type { EngineInput, EngineOutput } from "./io.ts";
import { fade } from "./fairness.ts";
import { gossip, onMembers } from "./gossip.ts";
import { onIntroduced } from "./meeting.ts";
import { noteMap } from "./partner_book.ts";
import {
  ban,
  dropSilent,
  forget,
  leave,
  mayJoin,
  onAudience,
  onEdge,
  onHello,
  onLinkOpen,
  seek,
} from "./partners.ts";
import { onCoded, rebuild } from "./parity.ts";
import { onRefuse, pull, reviewAsked } from "./pulling.ts";
import { onCheckedDigests, onCheckedPiece, onDigests, onHeld, onPiece } from "./receiving.ts";
import type { Segment } from "./segment.ts";
import { changeConduct, onCancel, onSent, onWant, serve, tell } from "./serving.ts";
import { onEdgeSignal, onPeerSignal, sendSignal } from "./signalling.ts";
import { type EngineOptions, type EngineState, newState } from "./state.ts";
import { onSubscribe } from "./children.ts";
import { onUnsubscribe, reviewParents } from "./parents.ts";
import { capacity, noteStanding } from "./standing.ts";
import { renditionsTaken } from "./taking.ts";
import { noticeShake } from "./unrest.ts";

/** How an engine is driven, for live or for files. */
export interface SwarmEngine<Input, Payload> {
  handle(input: Input, nowMs: number): void;
  /** The next thing to do, or `undefined` when there is nothing more for now. */
  poll(): EngineOutput<Payload> | undefined;
  /** When to send `wake`, ms on the clock of `handle`; `Infinity`: not before another input. */
  wakeMs(): number;
  /** Whether a link to this peer would be taken. */
  mayJoin(peer: string): boolean;
  totals(): EngineTotals;
}

export interface Engine<Payload> extends SwarmEngine<EngineInput<Payload>, Payload> {
  /** Whether all of a unit is here or at partners: playable without the edge. */
  hasWithoutEdge(unit: Unit): boolean;
}

export interface EngineTotals {
  /** Partners that have said hello. */
  readonly partners: number;
  /** What this peer can upload, bytes/s. */
  readonly uplink: number;
  /** Renditions that this peer takes part in. */
  readonly renditions: readonly number[];
  /** Media bytes received, by source, duplicates too; without what came past the engine. */
  readonly received: { readonly peers: number; readonly edge: number };
  readonly uploaded: number;
  /** Peers that sent what they should not, and are not partners again. */
  readonly banned: number;
  /** Units held whole. */
  readonly complete: number;
}

/** What follows from the state by itself is looked at this often at most, ms. */
const LOOK_INTERVAL_MS = 50;

export function createEngine<Payload>(options: EngineOptions): Engine<Payload> {
  const state = newState<Payload>(options);
  let wakeMs = -Infinity;
  return {
    handle(input, nowMs) {
      // In whole ms: numbers of so few bits are kept in place, where others take a place of their own each.
      state.nowMs = Math.floor(nowMs);
      accept(state, input);
      if (!isCalm(state, input)) {
        state.nextLookMs = Math.min(state.nextLookMs, state.lastLookMs + LOOK_INTERVAL_MS);
      }
      if (state.nextLookMs <= state.nowMs) look(state);
      wakeMs = Math.ceil(Math.min(state.nextLookMs, serve(state)));
    },
    poll: () => state.outputs.shift(),
    wakeMs: () => wakeMs,
    mayJoin: (peer) => mayJoin(state, peer),
    hasWithoutEdge: (unit) => hasWithoutEdge(state, unit),
    totals: () => ({
      partners: [...state.partners.values()].filter((partner) => partner.greeted).length,
      uplink: capacity(state),
      renditions: renditionsTaken(state),
      received: { ...state.received },
      uploaded: state.uploaded,
      banned: state.banned.size,
      complete: state.buffer.segments().filter((one) => one.held === one.count).length,
    }),
  };
}

function accept<P>(state: EngineState<P>, input: EngineInput<P>): void {
  switch (input.type) {
    case "ledger":
      return onLedger(state, input);
    case "linkOpen":
      return onLinkOpen(state, input.peer);
    case "linkClosed":
      return forget(state, input.peer);
    case "frame":
      return onFrame(state, input.peer, input.frame);
    case "junk":
      return ban(state, input.peer);
    case "introduced":
      return onIntroduced(state, input.peers);
    case "signal":
      return sendSignal(state, input.to, input.signal);
    case "signalled":
      return onEdgeSignal(state, input.from, input.signal);
    case "sent":
      return onSent(state, input.peer, input.bytes);
    case "demand":
      return openDemand(state, input.demand, input.unit, input.deadlineMs);
    case "abandon":
      state.demands.delete(input.demand);
      return;
    case "fetchedPiece":
      return onFetchedPiece(state, input.fetch, input.index, input.payload);
    case "fetchEnded":
      return onFetchEnded(state, input.fetch, input.result);
    case "fetchedDigests":
      return onFetchedDigests(state, input.unit, input.digests);
    case "held":
      return onHeld(state, input.unit, input.digests, input.payloads);
    case "checkedPiece":
      return onCheckedPiece(state, input.unit, input.index, input.payload, input.ok);
    case "checkedDigests":
      return onCheckedDigests(state, input.unit, input.digests, input.ok);
    case "coded":
      return onCoded(state, input.unit, input.index, input.payload);
    case "conduct":
      return changeConduct(state, input.conduct);
    case "audience":
      return onAudience(state, input.count);
    case "edge":
      return onEdge(state, input.reachable);
    case "wake":
      return;
  }
}

/** Does what follows from the state by itself, and notes when to look again. */
function look<P>(state: EngineState<P>): void {
  if (state.lastLookMs > -Infinity) {
    fade(state, state.nowMs - state.lastLookMs);
    fadePushed(state, state.nowMs - state.lastLookMs);
  }
  const shakeMs = noticeShake(state);
  state.lastLookMs = state.nowMs;
  dropSilent(state);
  reviewAsked(state);
  rebuild(state);
  state.nextLookMs = Math.min(
    meetDeadlines(state),
    tell(state),
    shakeMs,
    reviewParents(state),
    seek(state),
    gossip(state),
    pull(state),
  );
}

/** What is answered at once, and after which nothing follows from the state that did not before. */
const CALM: readonly string[] = ["have", "piece", "want", "subscribe", "checkedPiece"];

/** Whether the input is what comes all the time, and nothing waits for what it may show. */
function isCalm<P>({ hungry }: EngineState<P>, input: EngineInput<P>): boolean {
  const { type } = input;
  return type === "sent" || (!hungry && CALM.includes(type === "frame" ? input.frame.type : type));
}

function hasWithoutEdge<P>(state: EngineState<P>, unit: Unit): boolean {
  const segment = state.buffer.get(unitKey(unit));
  if (!segment) return false;
  const maps = [...state.partners.values()].map((partner) => partner.maps.get(segment.key));
  return segment.pieces.every((piece, index) =>
    piece !== undefined || maps.some((map) => map !== undefined && hasBit(map, index))
  );
}

function onLedger<P>(
  state: EngineState<P>,
  input: Extract<EngineInput<P>, { type: "ledger" }>,
): void {
  const segment = state.buffer.add(input.entry, input.live, state.nowMs, state.random());
  if (!segment) return;
  if (input.digests) onDigests(state, input.entry.unit, input.digests);
  inject(state, segment, input.inject);
  for (const gone of state.buffer.evict(state.playheadMs ?? Infinity)) letGo(state, gone);
}

function letGo<P>(state: EngineState<P>, segment: Segment<P>): void {
  declineAll(state, segment.key, "no longer kept");
  for (const fetch of new Set(segment.fetching.values())) {
    state.fetches.delete(fetch);
    state.outputs.push({ type: "cancelFetch", fetch });
  }
  for (const partner of state.partners.values()) {
    partner.untold.delete(segment.key);
    state.uploads.keepPushes(partner.peer, (key) => key !== segment.key);
    partner.maps.delete(segment.key);
  }
}

function onFrame<P>(state: EngineState<P>, peer: string, frame: PeerFrame<P>): void {
  const partner = state.partners.get(peer);
  if (!partner) return;
  if (!partner.greeted && frame.type !== "hello" && frame.type !== "bye") {
    return ban(state, peer);
  }
  partner.heardMs = state.nowMs;
  switch (frame.type) {
    case "hello":
      return onHello(state, peer, frame);
    case "have":
      noteStanding(partner, frame.standing);
      for (const { unit, pieces } of frame.maps) noteMap(partner, unitKey(unit), pieces);
      return;
    case "want":
      return onWant(state, peer, frame.unit, frame.pieces);
    case "cancel":
      return onCancel(state, peer, frame.unit, frame.pieces);
    case "refuse":
      return onRefuse(state, peer, frame.unit, frame.pieces);
    case "subscribe":
      return onSubscribe(state, partner, frame.rendition, frame.runs);
    case "unsubscribe":
      return onUnsubscribe(state, partner, frame.rendition, frame.runs);
    case "piece":
      return onPiece(state, peer, frame.unit, frame.index, frame.payload);
    case "members":
      return onMembers(state, partner, frame);
    case "signal":
      return onPeerSignal(state, partner, frame);
    case "bye":
      return leave(state, peer);
    case "shelf":
    case "spare":
    case "lists":
    case "digests":
      // Files are another engine's, in a swarm of their own.
      return;
  }
}
