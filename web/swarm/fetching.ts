import { runSpan, type Span } from "../../edge/protocol/pieces.ts";
import { type Unit, unitKey } from "../../edge/protocol/unit.ts";
import { declineAll } from "./demands.ts";
import { missingSpans } from "./edge_fallback.ts";
import { cancelAsked } from "./pulling.ts";
import { admitPiece, onDigests } from "./receiving.ts";
import { hasRun, isMissing, pieceBytes, type Segment } from "./segment.ts";
import { type EngineState, send } from "./state.ts";
import { noteMiss, pusherOf } from "./parents.ts";
import { slotIn } from "./slots.ts";
import { isShaken } from "./unrest.ts";

/** Who was given a run counts on the next one of its substream for so many durations of the segment. */
const INJECTOR_DURATIONS = 2;

/** What comes later than this from the edge may come from partners sooner, ms. */
const SLOW_FETCH_MS = 500;

/** So many pieces that are here and would come from the edge once more are worth another request. */
const NEEDLESS_PIECES = 4;

/** A range request to the edge that is under way. */
export interface Fetch {
  /** Of the unit. */
  readonly key: string;
  readonly startedMs: number;
  /** Pieces that have come, the one that comes next, and the one after the last. */
  brought: number;
  next: number;
  readonly to: number;
  /** What is before this piece is not awaited of partners any more. */
  takenBack: number;
}

/** Fetches the runs that the edge gave to this peer, so that the others can have them from it. */
export function inject<P>(
  state: EngineState<P>,
  segment: Segment<P>,
  runs: readonly number[],
): void {
  if (!state.conduct.inject) return;
  for (const run of runs) {
    if (run >= segment.entry.runs) continue;
    segment.injecting.add(run);
    // After a shake runs are given to many, and next time to few of them: who leaves its parent then is without.
    if (!isShaken(state)) {
      const untilMs = state.nowMs + INJECTOR_DURATIONS * segment.entry.durationMs;
      state.injectsUntilMs.set(slotIn(segment, run), untilMs);
    }
    fetchSpans(state, segment, "inject", runSpan(segment.entry, run));
  }
  // It may have all of them already.
  noteInjected(state, segment);
}

/** Tells the edge of the runs that it gave to this peer and that are here now. */
export function noteInjected<P>(state: EngineState<P>, segment: Segment<P>): void {
  const runs = [...segment.injecting].filter((run) =>
    hasRun(segment, run, (index) => segment.pieces[index] !== undefined)
  );
  if (runs.length === 0) return;
  for (const run of runs) segment.injecting.delete(run);
  state.outputs.push({ type: "injected", unit: segment.entry.unit, runs });
}

/**
 * Fetches what is missing of a segment and `wanted`. What partners have been asked for is taken back
 * once the edge begins to answer: from one that is slow or fails, it comes from partners sooner.
 */
export function fetchMissing<P>(
  state: EngineState<P>,
  segment: Segment<P>,
  wanted: (index: number) => boolean,
): void {
  for (let index = 0; index < segment.count; index++) {
    if (isMissing(segment, index) && wanted(index)) noteMiss(state, segment, index);
  }
  const all = { from: 0, to: segment.count };
  fetchSpans(state, segment, "fallback", all, wanted);
}

function fetchSpans<P>(
  state: EngineState<P>,
  segment: Segment<P>,
  purpose: "inject" | "fallback",
  within: Span,
  wanted: (index: number) => boolean = () => true,
): void {
  const spans = missingSpans(segment, within, wanted);
  for (const pieces of spans) {
    const fetch = ++state.lastFetch;
    const { key } = segment;
    const { from, to } = pieces;
    const startedMs = state.nowMs;
    state.fetches.set(fetch, { key, startedMs, brought: 0, next: from, to, takenBack: from });
    for (let index = pieces.from; index < pieces.to; index++) segment.fetching.set(index, fetch);
    state.outputs.push({ type: "fetch", fetch, entry: segment.entry, pieces, purpose });
  }
  if (spans.length > 0 || segment.unchecked.size > 0) askForDigests(state, segment);
}

/** Whether a piece is on its way from the edge, but so slowly that partners may bring it sooner. */
export function isSlowToCome(
  { fetches, nowMs }: EngineState<unknown>,
  segment: Segment<unknown>,
  index: number,
): boolean {
  const fetch = fetches.get(segment.fetching.get(index) ?? -1);
  if (!fetch) return false;
  const overMs = nowMs - fetch.startedMs - SLOW_FETCH_MS;
  if (fetch.brought === 0) return overMs > 0;
  return ((index + 1 - fetch.next) * overMs) / fetch.brought > SLOW_FETCH_MS;
}

/** Partners need not send what the edge will have sent soon. They are told once. */
function takeBack<P>(state: EngineState<P>, segment: Segment<P>, fetch: number): void {
  const under = state.fetches.get(fetch)!;
  const pushed = new Map<string, number[]>();
  for (; under.takenBack < under.to; under.takenBack++) {
    const index = under.takenBack;
    if (segment.fetching.get(index) !== fetch) continue;
    if (isSlowToCome(state, segment, index)) break;
    if (segment.asked.has(index)) cancelAsked(state, segment, [index]);
    const pusher = pusherOf(state, segment, index);
    if (pusher) pushed.set(pusher.peer, [...pushed.get(pusher.peer) ?? [], index]);
  }
  for (const [peer, pieces] of pushed) {
    send(state, peer, { type: "cancel", unit: segment.entry.unit, pieces });
  }
}

/** A partner has brought a piece that is on its way from the edge too. */
export function forgoFetched<P>(state: EngineState<P>, segment: Segment<P>, index: number): void {
  const fetch = segment.fetching.get(index);
  if (fetch === undefined) return;
  segment.fetching.delete(index);
  endNeedless(state, segment, fetch);
}

/**
 * Ends a fetch if what it brings next is here; what it would bring after that is asked for anew when it is due.
 * What is to be injected is due at once: there that goes on while anything is missing.
 */
function endNeedless<P>(state: EngineState<P>, segment: Segment<P>, fetch: number): void {
  const indexes = [...segment.fetching].filter(([, by]) => by === fetch).map(([index]) => index);
  const needed = Math.min(...indexes);
  if (needed < state.fetches.get(fetch)!.next + NEEDLESS_PIECES) return;
  if (indexes.length > 0 && segment.injecting.size > 0) return;
  for (const index of indexes) segment.fetching.delete(index);
  state.fetches.delete(fetch);
  state.outputs.push({ type: "cancelFetch", fetch });
}

/** Gets the digest list of a unit whose entry came without it. */
export function askForDigests<P>(state: EngineState<P>, segment: Segment<P>): void {
  if (segment.digests || segment.unprovenDigests || segment.fetchingDigests) return;
  if (state.edge.pausedUntilMs > state.nowMs) return;
  segment.fetchingDigests = true;
  state.outputs.push({ type: "fetchDigests", entry: segment.entry });
}

export function onFetchedPiece<P>(
  state: EngineState<P>,
  fetch: number,
  index: number,
  payload: P,
): void {
  const segment = segmentOf(state, fetch);
  if (!segment) return;
  const under = state.fetches.get(fetch)!;
  under.brought++;
  under.next = index + 1;
  state.received.edge += pieceBytes(segment, index);
  if (segment.fetching.get(index) !== fetch) return;
  takeBack(state, segment, fetch);
  if (segment.asked.has(index)) cancelAsked(state, segment, [index]);
  segment.fetching.delete(index);
  if (index + 1 < under.to) endNeedless(state, segment, fetch);
  admitPiece(state, segment, index, { payload, peer: undefined });
}

export function onFetchEnded<P>(
  state: EngineState<P>,
  fetch: number,
  result: "complete" | "failed" | "gone",
): void {
  const under = state.fetches.get(fetch);
  const segment = segmentOf(state, fetch);
  state.fetches.delete(fetch);
  if (!under || !segment) return;
  for (const [index, by] of segment.fetching) if (by === fetch) segment.fetching.delete(index);
  if (result === "complete") state.edge.succeeded(state.nowMs - under.startedMs);
  else if (result === "failed") onFailed(state, segment);
  else declineAll(state, segment.key, "no longer kept");
}

/** An edge that is there and yet goes on failing us may still answer the browser's own requests. */
function onFailed<P>(state: EngineState<P>, segment: Segment<P>): void {
  const failing = state.edge.failed(state.nowMs);
  if (failing && state.edgeReachable) declineAll(state, segment.key, "the edge does not answer");
}

export function onFetchedDigests<P>(
  state: EngineState<P>,
  unit: Unit,
  digests: Uint8Array | undefined,
): void {
  const segment = state.buffer.get(unitKey(unit));
  if (!segment) return;
  segment.fetchingDigests = false;
  if (digests) onDigests(state, unit, digests);
  else onFailed(state, segment);
}

function segmentOf<P>(state: EngineState<P>, fetch: number): Segment<P> | undefined {
  const under = state.fetches.get(fetch);
  return under && state.buffer.get(under.key);
}
