import type { Unit } from "../../edge/protocol/unit.ts";
import { unitKey } from "../../edge/protocol/unit.ts";
import { noteAnswer, shun } from "./partner_book.ts";
import { lateAtMs, planPulls } from "./pull_scheduler.ts";
import { isComplete, pieceBytes, type Segment } from "./segment.ts";
import { type EngineState, send } from "./state.ts";

/** A rendition that was not demanded for this long is no longer taken part in, ms. */
const RENDITION_IDLE_MS = 30_000;
/** Nor is one while others are demanded, after this many of its segments: the element has another quality. */
const PASSED_OVER_SEGMENTS = 3;

/** Asks partners for what is wanted and missing. Answers when to look again, ms. */
export function pull<P>(state: EngineState<P>): number {
  const { partners, nowMs, random } = state;
  const load = reviewAsked(state);
  const asks = new Map<string, { peer: string; unit: Unit; pieces: number[] }>();
  for (const pull of planPulls(wantedSegments(state), partners, load, nowMs, random)) {
    const { segment, index, partner: { peer } } = pull;
    segment.asked.set(index, { peer, atMs: nowMs });
    const ask = asks.get(peer + segment.key) ?? { peer, unit: segment.entry.unit, pieces: [] };
    ask.pieces.push(index);
    asks.set(peer + segment.key, ask);
  }
  for (const { peer, unit, pieces } of asks.values()) {
    send(state, peer, { type: "want", unit, pieces });
  }
  return nextLookMs(state);
}

/**
 * Frees pieces that should have come by now, for others to be asked. Answers what each partner has
 * been asked for besides, bytes: in any segment, those that are no longer wanted too.
 */
function reviewAsked<P>(state: EngineState<P>): Map<string, number> {
  const load = new Map<string, number>();
  for (const segment of state.buffer.segments()) {
    for (const [index, asked] of segment.asked) {
      const { peer, atMs } = asked;
      const partner = state.partners.get(peer)!;
      if (lateAtMs(asked, partner) > state.nowMs) {
        load.set(peer, (load.get(peer) ?? 0) + pieceBytes(segment, index));
        continue;
      }
      cancelAsked(state, segment, [index]);
      noteAnswer(partner, state.nowMs - atMs, 0);
      shun(partner, segment.key, index, state.nowMs);
    }
  }
  return load;
}

/** When the next piece is late, or may be asked of a partner again, ms. */
function nextLookMs(state: EngineState<unknown>): number {
  let nextMs = Infinity;
  for (const { asked } of state.buffer.segments()) {
    for (const one of asked.values()) {
      nextMs = Math.min(nextMs, lateAtMs(one, state.partners.get(one.peer)!));
    }
  }
  for (const { shunned } of state.partners.values()) {
    for (const untilMs of shunned.values()) {
      if (untilMs > state.nowMs) nextMs = Math.min(nextMs, untilMs);
    }
  }
  return nextMs;
}

/** The incomplete segments to get from partners: demanded ones first, then ahead of the element. */
function* wantedSegments<P>(state: EngineState<P>): Iterable<Segment<P>> {
  const demanded = new Set([...state.demands.values()].map((demand) => demand.key));
  for (const key of demanded) {
    const segment = state.buffer.get(key);
    if (segment && !isComplete(segment)) yield segment;
  }
  if (state.conduct.prefetch === "none") return;
  for (const segment of state.buffer.segments()) {
    if (demanded.has(segment.key) || isComplete(segment)) continue;
    if (isAhead(state, segment)) yield segment;
  }
}

function isAhead<P>(state: EngineState<P>, segment: Segment<P>): boolean {
  if (state.conduct.prefetch === "all") return segment.live;
  return segment.entry.startMs > (state.playheadMs ?? Infinity) && isPlayed(state, segment);
}

/** Whether the element plays the rendition of this segment, as far as its demands tell. */
function isPlayed<P>({ renditions, nowMs }: EngineState<P>, { entry }: Segment<P>): boolean {
  const demandedMs = renditions.get(entry.unit.rendition) ?? -Infinity;
  const lastMs = Math.max(...renditions.values());
  return demandedMs > nowMs - RENDITION_IDLE_MS &&
    demandedMs > lastMs - PASSED_OVER_SEGMENTS * entry.durationMs;
}

/** The renditions that this peer takes part in, and so can inject. */
export function renditionsTaken<P>(state: EngineState<P>): number[] {
  const { prefetch } = state.conduct;
  if (prefetch === "none") return [];
  const taken = state.buffer.segments().filter((one) => prefetch === "all" || isPlayed(state, one));
  return [...new Set(taken.map((one) => one.entry.unit.rendition))];
}

/** Takes back what was asked of partners. */
export function cancelAsked<P>(
  state: EngineState<P>,
  segment: Segment<P>,
  pieces: readonly number[],
): void {
  for (const index of pieces) {
    const { peer } = segment.asked.get(index)!;
    segment.asked.delete(index);
    send(state, peer, { type: "cancel", unit: segment.entry.unit, pieces: [index] });
  }
}

/** The partner will not send these: others are asked at once. */
export function onRefuse<P>(
  state: EngineState<P>,
  peer: string,
  unit: Unit,
  pieces: readonly number[],
): void {
  const segment = state.buffer.get(unitKey(unit));
  const partner = state.partners.get(peer);
  if (!segment || !partner) return;
  for (const index of pieces) {
    if (segment.asked.get(index)?.peer !== peer) continue;
    segment.asked.delete(index);
    shun(partner, segment.key, index, state.nowMs);
  }
}
