import type { Span } from "../../edge/protocol/pieces.ts";
import { type Unit, unitKey } from "../../edge/protocol/unit.ts";
import { fetchMissing } from "./fetching.ts";
import { isQuiet, shows } from "./partner_book.ts";
import { isComplete, type Segment } from "./segment.ts";
import type { EngineState } from "./state.ts";
import { takesPart } from "./taking.ts";

/**
 * What partners have is fetched from the edge no sooner than this before the deadline, ms. With half of it
 * 0.714 of the offload and pictures that stand still for 2.8 s in all, with twice 0.666 and 0.03 s; so 0.693
 * and 0.07 s (80 peers, 30 s, poor).
 */
export const LAST_CALL_MS = 450;
/** What no partner has after so many durations of the segment is fetched from the edge, … */
const ORPHAN_DURATIONS = 1.25;
/** … by all within so many durations more. */
const ORPHAN_SPREAD = 0.5;
const ORPHANS_EVERY_MS = 100;

/** The element waits for a unit. */
export interface Demand {
  readonly id: number;
  readonly key: string;
  readonly deadlineMs: number;
  /** The piece that is delivered next. */
  delivered: number;
  /** What the element wants of a block of a file; else it is all of the unit. */
  readonly pieces?: Span;
}

export function openDemand<P>(
  state: EngineState<P>,
  id: number,
  unit: Unit,
  deadlineMs: number,
): void {
  const segment = state.buffer.get(unitKey(unit));
  if (!segment) return decline(state, id, "not in the ledger");
  state.playheadMs = segment.entry.startMs;
  state.dueOffsetMs = deadlineMs - segment.entry.startMs;
  // Another quality needs parents of its own.
  if (!takesPart(state, unit.rendition)) state.nextReviewMs = state.nowMs;
  state.renditions.set(unit.rendition, state.nowMs);
  const noTime = dueMs(state, deadlineMs) <= state.nowMs && !isShownAtAll(state, segment);
  if (isUntouched(segment) && (noTime || !mayHavePartners(state)) && edgeMayAnswer(state)) {
    // Nothing is lost by asking the edge for all of it, and the first byte shows sooner that way.
    return decline(state, id, "not here yet");
  }
  state.demands.set(id, { id, key: segment.key, deadlineMs, delivered: 0 });
  deliver(state, segment);
}

/** Hands the demands of a segment what is there, in order. */
export function deliver<P>(state: EngineState<P>, segment: Segment<P>): void {
  for (const demand of state.demands.values()) {
    if (demand.key !== segment.key) continue;
    const end = demand.pieces?.to ?? segment.count;
    while (demand.delivered < end) {
      const payload = segment.pieces[demand.delivered];
      if (payload === undefined) break;
      const index = demand.delivered++;
      const last = demand.delivered === end;
      state.outputs.push({ type: "deliver", demand: demand.id, index, payload, last });
    }
    if (demand.delivered === end) state.demands.delete(demand.id);
  }
}

/** Gives the demands of a segment to the network. */
export function declineAll<P>(state: EngineState<P>, key: string, reason: string): void {
  for (const demand of state.demands.values()) {
    if (demand.key === key) decline(state, demand.id, reason);
  }
}

/** Asks the edge for what is missing where the deadline is near. Answers when to look again, ms. */
export function meetDeadlines<P>(state: EngineState<P>): number {
  let wakeMs = Infinity;
  for (const demand of state.demands.values()) {
    const segment = state.buffer.get(demand.key);
    if (!segment) {
      decline(state, demand.id, "no longer kept");
      continue;
    }
    if (isComplete(segment)) continue;
    if (state.edge.pausedUntilMs > state.nowMs) {
      wakeMs = Math.min(wakeMs, state.edge.pausedUntilMs);
      continue;
    }
    wakeMs = Math.min(wakeMs, meet(state, segment, demand.deadlineMs));
  }
  return wakeMs;
}

/**
 * First the pieces that no partner has, at a time of this peer's own, so that a few fetch them for
 * all; at last whatever is missing. Answers when to look again, ms.
 */
function meet<P>(state: EngineState<P>, segment: Segment<P>, deadlineMs: number): number {
  const { nowMs } = state;
  const leadMs = Math.min(LAST_CALL_MS, state.edge.leadMs());
  const lastMs = mayHavePartners(state) ? deadlineMs - leadMs : nowMs;
  if (nowMs >= lastMs) {
    fetchMissing(state, segment, () => true);
    return Infinity;
  }
  const orphansMs = Math.min(orphanMs(state, segment), dueMs(state, deadlineMs));
  if (nowMs < orphansMs) return Math.min(orphansMs, lastMs);
  fetchMissing(state, segment, (index) => !isShown(state, segment, index));
  return Math.min(lastMs, nowMs + ORPHANS_EVERY_MS);
}

/**
 * When this peer fetches what nobody has: of N peers few draw an early time and the others hear of
 * it before theirs (exponentially distributed timers, Nonnenmacher and Biersack, INFOCOM 1998).
 */
function orphanMs(state: EngineState<unknown>, segment: Segment<unknown>): number {
  if (!segment.live) return Infinity;
  const { entry, sinceMs, turn } = segment;
  const wait = 1 + Math.log(Math.max(turn, 1e-9)) / Math.log(Math.max(2, state.audience));
  return sinceMs + (ORPHAN_DURATIONS + ORPHAN_SPREAD * Math.max(0, wait)) * entry.durationMs;
}

function isShown(state: EngineState<unknown>, segment: Segment<unknown>, index: number): boolean {
  for (const partner of state.partners.values()) {
    if (shows(partner, segment.key, index) && !isQuiet(partner, state.nowMs)) return true;
  }
  return false;
}

function isShownAtAll(state: EngineState<unknown>, segment: Segment<unknown>): boolean {
  return segment.pieces.some((_, index) => isShown(state, segment, index));
}

function decline<P>(state: EngineState<P>, id: number, reason: string): void {
  state.demands.delete(id);
  state.outputs.push({ type: "decline", demand: id, reason });
}

function dueMs<P>(state: EngineState<P>, deadlineMs: number): number {
  return deadlineMs - state.edge.leadMs();
}

export function edgeMayAnswer<P>(state: EngineState<P>): boolean {
  return state.edgeReachable && state.edge.pausedUntilMs <= state.nowMs;
}

/** Whether partners are there, or are likely to be soon. */
export function mayHavePartners<P>(state: EngineState<P>): boolean {
  if (state.nowMs < state.hopesUntilMs) return true;
  for (const partner of state.partners.values()) if (partner.greeted) return true;
  return false;
}

function isUntouched(segment: Segment<unknown>): boolean {
  return segment.held === 0 && segment.unchecked.size === 0 && segment.asked.size === 0 &&
    segment.fetching.size === 0;
}
