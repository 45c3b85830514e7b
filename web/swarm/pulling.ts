import type { Unit } from "../../edge/protocol/unit.ts";
import { unitKey } from "../../edge/protocol/unit.ts";
import { noteAnswer, shun, SHUN_MS } from "./partner_book.ts";
import { lateAtMs, planPulls } from "./pull_scheduler.ts";
import { isComplete, pieceBytes, type Segment } from "./segment.ts";
import type { EngineState } from "./state.ts";

/** A rendition that was not demanded for this long is no longer taken part in, ms. */
const RENDITION_IDLE_MS = 30_000;

/** Asks partners for what is wanted and missing. Answers when to look again, ms. */
export function pull<P>(state: EngineState<P>): number {
  const wanted = [...wantedSegments(state)];
  const wakeMs = Math.min(...wanted.map((segment) => giveUpLate(state, segment)));
  const asks = new Map<string, { peer: string; unit: Unit; pieces: number[] }>();
  for (
    const { segment, index, partner } of planPulls(
      wanted,
      state.partners,
      state.nowMs,
      state.random,
    )
  ) {
    segment.asked.set(index, { peer: partner.peer, atMs: state.nowMs });
    partner.outstanding += pieceBytes(segment, index);
    const ask = asks.get(partner.peer + segment.key) ??
      { peer: partner.peer, unit: segment.entry.unit, pieces: [] };
    ask.pieces.push(index);
    asks.set(partner.peer + segment.key, ask);
  }
  for (const { peer, unit, pieces } of asks.values()) {
    state.outputs.push({ type: "send", peer, frame: { type: "want", unit, pieces } });
  }
  return wakeMs;
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
  return segment.entry.startMs > (state.playheadMs ?? Infinity) &&
    isPlayed(state, segment.entry.unit.rendition);
}

/** Whether the element plays this rendition, as far as its demands tell. */
function isPlayed<P>(state: EngineState<P>, rendition: number): boolean {
  return (state.renditions.get(rendition) ?? -Infinity) > state.nowMs - RENDITION_IDLE_MS;
}

/** The renditions that this peer takes part in, and so can inject. */
export function renditionsTaken<P>(state: EngineState<P>): number[] {
  if (state.conduct.prefetch === "none") return [];
  const known = new Set(state.buffer.segments().map((one) => one.entry.unit.rendition));
  return [...known].filter((one) => state.conduct.prefetch === "all" || isPlayed(state, one));
}

/** Frees pieces that should have come by now, for others to be asked. Answers when the next is late. */
function giveUpLate<P>(state: EngineState<P>, segment: Segment<P>): number {
  let nextMs = Infinity;
  for (const [index, asked] of segment.asked) {
    const partner = state.partners.get(asked.peer);
    const lateMs = lateAtMs(asked, partner);
    if (lateMs > state.nowMs) {
      nextMs = Math.min(nextMs, lateMs);
      continue;
    }
    cancelAsked(state, segment, index);
    if (partner) shun(partner, segment.key, index, state.nowMs);
    nextMs = Math.min(nextMs, state.nowMs + SHUN_MS);
  }
  return nextMs;
}

/** Takes back what was asked of a partner. */
export function cancelAsked<P>(state: EngineState<P>, segment: Segment<P>, index: number): void {
  const asked = segment.asked.get(index);
  if (!asked) return;
  segment.asked.delete(index);
  const partner = state.partners.get(asked.peer);
  if (!partner) return;
  noteAnswer(partner, state.nowMs - asked.atMs, pieceBytes(segment, index));
  const frame = { type: "cancel", unit: segment.entry.unit, pieces: [index] } as const;
  state.outputs.push({ type: "send", peer: partner.peer, frame });
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
    partner.outstanding = Math.max(0, partner.outstanding - pieceBytes(segment, index));
    shun(partner, segment.key, index, state.nowMs);
  }
}
