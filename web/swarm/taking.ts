import type { Segment } from "./segment.ts";
import type { EngineState } from "./state.ts";

/** A rendition that was not demanded for this long is no longer taken part in, ms, … */
const RENDITION_IDLE_MS = 30_000;
/**
 * … or in so many of its segments, where these are long: an element asks for one in each. Without this, peers
 * slept through half of every segment of a minute (bench:sim, long_segments: continuity 0.86; with it 0.98).
 */
const RENDITION_IDLE_SEGMENTS = 2;
/** Nor is one while others are demanded, after this many of its segments: the element has another quality. */
const PASSED_OVER_SEGMENTS = 3;

/** An element that has asked for nothing for so long after this peer came still waits for its first segment, ms, … */
const SLOW_START_MS = 500;
/** … and goes on with those that were the last when this peer came, or with some of them. */
const BEHIND_SEGMENTS = 3;

/** A relay has no element that asks: what it could not get in so many durations nobody needs any more. */
const RELAY_HORIZON_DURATIONS = 5;

/** Whether this peer takes part in the segment ahead of any demand. */
export function isAhead(state: EngineState<unknown>, segment: Segment<unknown>): boolean {
  const { playheadMs, conduct: { prefetch } } = state;
  if (prefetch === "played" && playheadMs === undefined) return isLikelyNext(state, segment);
  if (!isTaken(state, segment)) return false;
  if (prefetch === "played") return segment.entry.startMs > playheadMs!;
  return segment.live &&
    state.nowMs - segment.sinceMs < RELAY_HORIZON_DURATIONS * segment.entry.durationMs;
}

/**
 * An element that has asked for nothing for a while still waits for what it asked for past the worker: about
 * the third segment from the end when it came. It will ask for those after it, that edge being slow.
 */
function isLikelyNext(
  { buffer, nowMs }: EngineState<unknown>,
  { entry }: Segment<unknown>,
): boolean {
  if (buffer.renditions().size > 1) return false;
  const last = buffer.segments().findLast((one) => !one.live);
  if (!last) return false;
  const { startMs, durationMs } = last.entry;
  const waitedMs = nowMs - last.sinceMs;
  return waitedMs > SLOW_START_MS && waitedMs < RENDITION_IDLE_MS &&
    entry.startMs > startMs - (BEHIND_SEGMENTS - 0.5) * durationMs;
}

/** When the element needs the segment, as far as its demands tell, ms; `Infinity` before the first. */
export function dueAtMs(state: EngineState<unknown>, segment: Segment<unknown>): number {
  return segment.entry.startMs + (state.dueOffsetMs ?? Infinity);
}

/** Whether this peer takes part in the rendition, and so has what its substreams bring. */
export function takesPart(state: EngineState<unknown>, rendition: number): boolean {
  const newest = state.buffer.newest(rendition);
  return newest !== undefined && isTaken(state, newest);
}

/** Whether this peer takes part in the rendition of the segment. */
function isTaken(state: EngineState<unknown>, segment: Segment<unknown>): boolean {
  const { prefetch } = state.conduct;
  return prefetch === "all" || (prefetch === "played" && isPlayed(state, segment));
}

/** Whether the element plays the rendition of this segment, as far as its demands tell. */
function isPlayed(
  { renditions, nowMs }: EngineState<unknown>,
  { entry }: Segment<unknown>,
): boolean {
  const demandedMs = renditions.get(entry.unit.rendition) ?? -Infinity;
  let lastMs = -Infinity;
  for (const atMs of renditions.values()) lastMs = Math.max(lastMs, atMs);
  const idleMs = Math.max(RENDITION_IDLE_MS, RENDITION_IDLE_SEGMENTS * entry.durationMs);
  return demandedMs > nowMs - idleMs &&
    demandedMs > lastMs - PASSED_OVER_SEGMENTS * entry.durationMs;
}

/** The renditions that this peer takes part in, and so can inject. */
export function renditionsTaken(state: EngineState<unknown>): number[] {
  return [...state.buffer.renditions()].filter((rendition) => takesPart(state, rendition));
}

/** The renditions that this peer takes part in, with how many runs their newest segment has. */
export function renditionsLive(state: EngineState<unknown>): Map<number, number> {
  const live = new Map<number, number>();
  for (const rendition of state.buffer.renditions()) {
    const newest = state.buffer.newest(rendition);
    if (newest?.live && isTaken(state, newest)) live.set(rendition, newest.entry.runs);
  }
  return live;
}
