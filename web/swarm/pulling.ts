import type { Unit } from "../../edge/protocol/unit.ts";
import { unitKey } from "../../edge/protocol/unit.ts";
import { edgeMayAnswer, LAST_CALL_MS } from "./demands.ts";
import { isSlowToCome } from "./fetching.ts";
import { noteAnswer, shun } from "./partner_book.ts";
import { isCovered } from "./parity.ts";
import { lateAtMs, type Missing, planPulls } from "./pull_scheduler.ts";
import { isBeingSpread, isComplete, isMissing, pieceBytes, type Segment } from "./segment.ts";
import { type EngineState, send } from "./state.ts";
import { noteMiss, pusherOf } from "./parents.ts";
import { dueAtMs, isAhead } from "./taking.ts";

/**
 * A parent has the duration of a segment to push a piece, in which it is streamed, and as long again but no
 * longer than this, ms, before it is asked for elsewhere, … Of segments of 2 s, with 1, 2 and 4 durations mesh continuity is 0.998, 0.994 and 0.994, and of what comes 7.6, 5.8 and 4.6 % is
 * duplicates (80 peers, 30 s, churn, no fallback; seeds differ by 0.004).
 */
const PUSH_SLACK_MS = 2_000;
/** … unless it is due so soon that there is just time to ask for it, ms. With 750 and 3,000 the same has 0.987 and 0.996, and 4.8 and 9.7 % duplicates. */
const PULL_TIME_MS = 1_500;

/** What is missing, and was asked for or may be, is looked at this often, ms. */
const PULL_INTERVAL_MS = 100;

/** Asks partners for what is wanted and missing. Answers when to look again, ms. */
export function pull<P>(state: EngineState<P>): number {
  const { partners, nowMs, random } = state;
  const missing: Missing<P>[] = wantedSegments(state).map((segment) => {
    const pieces = piecesToAsk(state, segment);
    return { segment, pieces, leftMs: timeLeftMs(state, segment) };
  });
  state.hungry = missing.some(({ segment: { asked, fetching }, pieces }) =>
    pieces.length + asked.size + fetching.size > 0
  );
  // Nothing is asked for before a parent's time is over.
  const soonMs = nowMs + PULL_INTERVAL_MS;
  if (!state.hungry) {
    return Math.max(soonMs, Math.min(...missing.map((one) => patientUntilMs(state, one.segment))));
  }
  const asks = new Map<string, { peer: string; unit: Unit; pieces: number[] }>();
  for (const { segment, index, partner: { peer } } of planPulls(missing, partners, nowMs, random)) {
    segment.asked.set(index, { peer, atMs: nowMs });
    takeFromPusher(state, segment, index, peer);
    const ask = asks.get(peer + segment.key) ?? { peer, unit: segment.entry.unit, pieces: [] };
    ask.pieces.push(index);
    asks.set(peer + segment.key, ask);
  }
  for (const { peer, unit, pieces } of asks.values()) {
    send(state, peer, { type: "want", unit, pieces });
  }
  return soonMs;
}

/** What is missing of a segment and neither asked for nor expected to come by itself. */
function piecesToAsk<P>(state: EngineState<P>, segment: Segment<P>): number[] {
  const { asked } = segment;
  const patient = state.nowMs < patientUntilMs(state, segment);
  const pieces: number[] = [];
  for (let index = 0; index < segment.count; index++) {
    if (segment.pieces[index] !== undefined || asked.has(index)) continue;
    if (patient && (willBePushed(state, segment, index) || isCovered(state, segment, index))) {
      continue;
    }
    if (isMissing(segment, index) || isSlowToCome(state, segment, index)) pieces.push(index);
  }
  return pieces;
}

/**
 * What comes later than this is not asked for: the edge brings it sooner; `Infinity` where that is not to be relied
 * on. When the last call may come any moment, partners are asked for what they bring before it is due, as the edge
 * may be slow. When they were asked for everything then, however late it would come, poor had 0.693 of the
 * offload, so 0.719 (150 peers, 30 s, eight seeds); asked for nothing that comes after the last call, it is
 * 0.718, but after half have vanished pictures stand still for 3.6 s in all, so 1.8 (vanish, the same, twelve seeds).
 */
function timeLeftMs(state: EngineState<unknown>, segment: Segment<unknown>): number {
  const leftMs = dueAtMs(state, segment) - state.nowMs;
  if (leftMs <= 0 || !edgeMayAnswer(state)) return Infinity;
  return leftMs > LAST_CALL_MS ? leftMs - LAST_CALL_MS : leftMs;
}

/** Until when parents are given time to push, and those who push parity in their place, ms. */
function patientUntilMs(state: EngineState<unknown>, segment: Segment<unknown>): number {
  const { durationMs } = segment.entry;
  const patienceMs = durationMs + Math.min(durationMs, PUSH_SLACK_MS);
  return Math.min(dueAtMs(state, segment) - PULL_TIME_MS, segment.sinceMs + patienceMs);
}

/** Whether there is a parent for the piece; what was spread before it was chosen is not pushed any more. */
export function willBePushed(
  state: EngineState<unknown>,
  segment: Segment<unknown>,
  index: number,
): boolean {
  const pusher = pusherOf(state, segment, index);
  return pusher !== undefined && isBeingSpread(segment, pusher.sinceMs);
}

/** What is asked of another need not be pushed any more. */
function takeFromPusher<P>(
  state: EngineState<P>,
  segment: Segment<P>,
  index: number,
  asked: string,
): void {
  const parent = pusherOf(state, segment, index);
  if (!parent) return;
  noteMiss(state, segment, index);
  if (parent.peer === asked) return;
  send(state, parent.peer, { type: "cancel", unit: segment.entry.unit, pieces: [index] });
}

/** Frees pieces that should have come by now, for others to be asked. */
export function reviewAsked<P>(state: EngineState<P>): void {
  for (const segment of state.buffer.unfinished()) {
    if (segment.asked.size === 0) continue;
    for (const [index, asked] of segment.asked) {
      const partner = state.partners.get(asked.peer)!;
      if (lateAtMs(asked, partner) > state.nowMs) continue;
      cancelAsked(state, segment, [index]);
      noteAnswer(partner, state.nowMs - asked.atMs, 0);
      shun(partner, state.nowMs);
    }
  }
}

/** The incomplete segments to get from partners: demanded ones first, then ahead of the element. */
function wantedSegments<P>(state: EngineState<P>): Segment<P>[] {
  const wanted: Segment<P>[] = [];
  for (const { key } of state.demands.values()) {
    const segment = state.buffer.get(key);
    if (segment && !isComplete(segment) && !wanted.includes(segment)) wanted.push(segment);
  }
  if (state.conduct.prefetch === "none") return wanted;
  for (const segment of state.buffer.unfinished()) {
    if (isAhead(state, segment) && !wanted.includes(segment)) wanted.push(segment);
  }
  return wanted;
}

/** Takes back what was asked of partners. */
export function cancelAsked<P>(
  state: EngineState<P>,
  segment: Segment<P>,
  pieces: readonly number[],
): void {
  for (const index of pieces) {
    const { peer } = segment.asked.get(index)!;
    settle(state, segment, index);
    send(state, peer, { type: "cancel", unit: segment.entry.unit, pieces: [index] });
  }
}

/** A piece is no longer awaited of the partner it was asked of. Answers when it was asked, ms. */
export function settle(
  state: EngineState<unknown>,
  segment: Segment<unknown>,
  index: number,
): number {
  const { peer, atMs } = segment.asked.get(index)!;
  segment.asked.delete(index);
  const partner = state.partners.get(peer);
  if (partner) partner.asked = Math.max(0, partner.asked - pieceBytes(segment, index));
  return atMs;
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
    settle(state, segment, index);
    shun(partner, state.nowMs);
  }
}
