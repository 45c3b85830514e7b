import type { Clock } from "../../sw/clock.ts";

/** A clock that stands still until it is moved. */
export interface FakeClock extends Clock {
  /** Moves on by `ms` and runs what is due, in order. */
  pass(ms: number): void;
  /** Timers that wait. */
  readonly waiting: number;
}

export function fakeClock(): FakeClock {
  let nowMs = 1_000_000;
  const timers = new Map<symbol, { dueMs: number; callback: () => void }>();
  return {
    now: () => nowMs,
    after(ms, callback) {
      const id = Symbol();
      timers.set(id, { dueMs: nowMs + ms, callback });
      return () => void timers.delete(id);
    },
    pass(ms) {
      nowMs += ms;
      const due = [...timers].filter(([, { dueMs }]) => dueMs <= nowMs)
        .sort(([, a], [, b]) => a.dueMs - b.dueMs);
      for (const [id, { callback }] of due) if (timers.delete(id)) callback();
    },
    get waiting() {
      return timers.size;
    },
  };
}
