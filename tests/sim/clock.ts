/** Virtual time: what is due next runs next, and the clock jumps to it. */
export interface Clock {
  now(): number;
  /** Runs `run` at a time, or now if that has passed; what is due together runs in the order of the calls. */
  at(ms: number, run: () => void): void;
  /** Runs `run` after `ms`. */
  after(ms: number, run: () => void): void;
  /** Runs everything that is due up to `untilMs`. */
  runUntil(untilMs: number): void;
}

/** A clock that starts at 0 ms. A binary heap over (time, order) in flat arrays. */
export function createClock(): Clock {
  let nowMs = 0;
  let order = 0;
  let size = 0;
  const times: number[] = [];
  const orders: number[] = [];
  const runs: (() => void)[] = [];

  const before = (at: number, order: number, other: number) =>
    at < times[other]! || (at === times[other]! && order < orders[other]!);

  function put(index: number, at: number, order: number, run: () => void): void {
    times[index] = at;
    orders[index] = order;
    runs[index] = run;
  }

  function push(at: number, run: () => void): void {
    const mine = order++;
    let index = size++;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!before(at, mine, parent)) break;
      put(index, times[parent]!, orders[parent]!, runs[parent]!);
      index = parent;
    }
    put(index, at, mine, run);
  }

  function pop(): () => void {
    const first = runs[0]!;
    size--;
    const [at, mine, run] = [times[size]!, orders[size]!, runs[size]!];
    runs.length = times.length = orders.length = size;
    let index = 0;
    while (size > 0) {
      let child = 2 * index + 1;
      if (child >= size) break;
      if (child + 1 < size && before(times[child + 1]!, orders[child + 1]!, child)) child++;
      if (before(at, mine, child)) break;
      put(index, times[child]!, orders[child]!, runs[child]!);
      index = child;
    }
    if (size > 0) put(index, at, mine, run);
    return first;
  }

  return {
    now: () => nowMs,
    at: (ms, run) => push(Math.max(nowMs, ms), run),
    after: (ms, run) => push(nowMs + Math.max(0, ms), run),
    runUntil(untilMs) {
      while (size > 0 && times[0]! <= untilMs) {
        nowMs = times[0]!;
        pop()();
      }
      nowMs = untilMs;
    },
  };
}
