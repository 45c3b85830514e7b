/** Virtual time: what is due next runs next, and the clock jumps to it. */
export interface Clock {
  now(): number;
  /** Runs `run` at a time, or now if that has passed; what is due together runs in the order of the calls. */
  at(ms: number, run: () => void): void;
  /** The same with what it is given: for what is called all the time one function does then, not one each. */
  at<T>(ms: number, run: (what: T) => void, what: T): void;
  /** Runs `run` after `ms`. */
  after(ms: number, run: () => void): void;
  /** Runs everything that is due up to `untilMs`. */
  runUntil(untilMs: number): void;
}

type Run = (what: unknown) => void;

/** What is due within one millisecond, in the order of the calls: the first `size` of each. */
interface Slice {
  size: number;
  readonly times: number[];
  readonly runs: (Run | undefined)[];
  readonly whats: unknown[];
}

/**
 * A clock that starts at 0 ms. What is due within the present millisecond is in a binary heap over (time,
 * order) in flat arrays; what is due later waits in the slice of its millisecond, so that the heap is small.
 */
export function createClock(): Clock {
  let nowMs = 0;
  let order = 0;
  let size = 0;
  /** The millisecond whose slice is in the heap, or was. */
  let present = -1;
  const later = new Map<number, Slice>();
  const empty: Slice[] = [];
  const times: number[] = [];
  const orders: number[] = [];
  const runs: Run[] = [];
  const whats: unknown[] = [];

  const before = (at: number, order: number, other: number) =>
    at < times[other]! || (at === times[other]! && order < orders[other]!);

  function put(index: number, at: number, order: number, run: Run, what: unknown): void {
    times[index] = at;
    orders[index] = order;
    runs[index] = run;
    whats[index] = what;
  }

  function add(at: number, run: Run, what: unknown): void {
    const millisecond = Math.floor(at);
    if (millisecond <= present) return push(at, run, what);
    let slice = later.get(millisecond);
    if (!slice) {
      slice = empty.pop() ?? { size: 0, times: [], runs: [], whats: [] };
      later.set(millisecond, slice);
    }
    const index = slice.size++;
    slice.times[index] = at;
    slice.runs[index] = run;
    slice.whats[index] = what;
  }

  function push(at: number, run: Run, what: unknown): void {
    const mine = order++;
    let index = size++;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!before(at, mine, parent)) break;
      put(index, times[parent]!, orders[parent]!, runs[parent]!, whats[parent]);
      index = parent;
    }
    put(index, at, mine, run, what);
  }

  function runFirst(): void {
    const run = runs[0]!;
    const what = whats[0];
    size--;
    const at = times.pop()!;
    const mine = orders.pop()!;
    const last = runs.pop()!;
    const lastWhat = whats.pop();
    let index = 0;
    while (size > 0) {
      let child = 2 * index + 1;
      if (child >= size) break;
      if (child + 1 < size && before(times[child + 1]!, orders[child + 1]!, child)) child++;
      if (before(at, mine, child)) break;
      put(index, times[child]!, orders[child]!, runs[child]!, whats[child]);
      index = child;
    }
    if (size > 0) put(index, at, mine, last, lastWhat);
    run(what);
  }

  /** Goes over to the next millisecond. */
  function goOn(): void {
    const slice = later.get(++present);
    if (!slice) return;
    later.delete(present);
    for (let index = 0; index < slice.size; index++) {
      push(slice.times[index]!, slice.runs[index]!, slice.whats[index]);
      // What is old and names what is young keeps it from the collector, even once it is garbage itself.
      slice.runs[index] = slice.whats[index] = undefined;
    }
    slice.size = 0;
    empty.push(slice);
  }

  return {
    now: () => nowMs,
    at: (ms: number, run: Run, what?: unknown) => add(Math.max(nowMs, ms), run, what),
    after: (ms, run) => add(nowMs + Math.max(0, ms), run, undefined),
    runUntil(untilMs) {
      while (true) {
        while (size > 0 && times[0]! <= untilMs) {
          nowMs = times[0]!;
          runFirst();
        }
        if (size > 0 || present >= Math.floor(untilMs)) break;
        goOn();
      }
      nowMs = untilMs;
    },
  };
}
