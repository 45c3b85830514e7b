import type { Platform } from "../platform/platform.ts";

/** A segment whose place on the wall clock is sought. */
export interface Timed {
  readonly epoch: number;
  /** The upstream's number. */
  readonly sequence: number;
  readonly durationMs: number;
  /** What its playlist says. */
  readonly programDateTimeMs?: number;
}

/** Start times for the segments of one rendition. */
export interface SegmentClock {
  /** ms since 1970. `pendingMs`: how much media, with this segment, is there and not yet placed. */
  startOf(segment: Timed, pendingMs: number): number;
}

const REMEMBERED = 64;

/**
 * Gives every rendition of a channel a clock: the upstream's time where it tells one, else the time
 * of arrival, and from there on the durations. Without the upstream's time, renditions agree where
 * their numbers do.
 */
export function createSegmentClocks(platform: Platform): () => SegmentClock {
  const placed = new Map<string, number>();

  function remember(key: string, startMs: number): void {
    placed.set(key, startMs);
    if (placed.size > REMEMBERED) placed.delete(placed.keys().next().value!);
  }

  return () => {
    let next: { key: string; startMs: number } | undefined;
    return {
      startOf({ epoch, sequence, durationMs, programDateTimeMs }, pendingMs) {
        const key = `${epoch}.${sequence}`;
        const chained = next?.key === key ? next.startMs : undefined;
        const startMs = programDateTimeMs ?? chained ?? placed.get(key) ??
          platform.now() - pendingMs;
        if (programDateTimeMs === undefined) remember(key, startMs);
        next = { key: `${epoch}.${sequence + 1}`, startMs: startMs + durationMs };
        return startMs;
      },
    };
  };
}
