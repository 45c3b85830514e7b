import type { Platform } from "../platform/platform.ts";

/** A segment whose place on the wall clock is sought. */
export interface Timed {
  /** The upstream's number. */
  readonly sequence: number;
  readonly durationMs: number;
  /** What its playlist says. */
  readonly programDateTimeMs?: number;
}

/** Start times for the segments of one rendition. */
export interface SegmentClock {
  /** When each of these starts, ms since 1970. They are the end of what there is now, in order. */
  place(batch: readonly Timed[]): number[];
  /** The upstream's numbers begin again. */
  restart(): void;
}

const REMEMBERED = 64;
/** Two renditions have the same segment within this time, or their numbers mean different things. */
const APART_MS = 10_000;
/** A source whose clock is so far behind what its durations add up to has put its clock back, ms. */
const BACKWARDS_MS = 1_000;

/**
 * Gives every rendition of a channel a clock: the upstream's time where it tells one, else the time
 * of arrival, and from there on the durations. Without the upstream's time, renditions agree where
 * their numbers do.
 */
export function createSegmentClocks(platform: Platform): () => SegmentClock {
  const shared = new Map<number, { readonly startMs: number; readonly placedMs: number }>();

  return () => {
    const ends = new Map<number, number>();
    let placedMs = -Infinity;
    /** What was placed up to then has other numbers. */
    let restartedMs = -Infinity;

    function startOf({ sequence, programDateTimeMs }: Timed, arrivalMs: number): number {
      const others = shared.get(sequence);
      const agreed = others && others.placedMs > restartedMs &&
        Math.abs(others.startMs - arrivalMs) < APART_MS;
      const end = ends.get(sequence - 1);
      const told = programDateTimeMs ?? -Infinity;
      if (told > (end ?? 0) - BACKWARDS_MS) return told;
      return end ?? (agreed ? others.startMs : arrivalMs);
    }

    return {
      place(batch) {
        if (batch.length > 0) placedMs = platform.now();
        let arrivalMs = platform.now() -
          batch.reduce((sum, { durationMs }) => sum + durationMs, 0);
        return batch.map((segment) => {
          const startMs = startOf(segment, arrivalMs);
          remember(ends, segment.sequence, startMs + segment.durationMs);
          remember(shared, segment.sequence, { startMs, placedMs });
          arrivalMs += segment.durationMs;
          return startMs;
        });
      },
      restart() {
        ends.clear();
        restartedMs = placedMs;
      },
    };
  };
}

function remember<T>(map: Map<number, T>, sequence: number, value: T): void {
  map.set(sequence, value);
  if (map.size > REMEMBERED) map.delete(map.keys().next().value!);
}
