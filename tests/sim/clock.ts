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

interface Event {
  readonly atMs: number;
  readonly run: () => void;
}

/** What is due within one of these is sorted when its turn comes, ms. */
const DAY_MS = 1;
/** So many days have a page of their own; what is due later waits aside, by the year. */
const YEAR_DAYS = 1_024;

/**
 * A clock that starts at 0 ms. A calendar queue (Brown, CACM 1988): with a hundred thousand events due, most of them
 * within a second, each costs the same as if there were a few, where a heap's would lie all over memory.
 */
export function createClock(): Clock {
  let nowMs = 0;
  /** The day that is being run, its events in order, and how many of them have run. */
  let day = 0;
  let today: Event[] = [];
  let ran = 0;
  const pages: Event[][] = Array.from({ length: YEAR_DAYS }, () => []);
  const years = new Map<number, Event[]>();

  const dayOf = (ms: number) => Math.floor(ms / DAY_MS);
  const yearOf = (day: number) => Math.floor(day / YEAR_DAYS);

  function put(event: Event): void {
    const due = dayOf(event.atMs);
    if (due <= day) return insert(event);
    const year = yearOf(due);
    if (year === yearOf(day)) return void pages[due % YEAR_DAYS]!.push(event);
    const later = years.get(year);
    if (later) later.push(event);
    else years.set(year, [event]);
  }

  /** Into what is left of today. */
  function insert(event: Event): void {
    let place = today.length;
    while (place > ran && today[place - 1]!.atMs > event.atMs) place--;
    today.splice(place, 0, event);
  }

  function turnPage(): void {
    day++;
    if (day % YEAR_DAYS === 0) {
      const year = years.get(yearOf(day)) ?? [];
      years.delete(yearOf(day));
      for (const event of year) pages[dayOf(event.atMs) % YEAR_DAYS]!.push(event);
    }
    const page = day % YEAR_DAYS;
    // Sorting is stable, so that what was called for first stays first.
    today = pages[page]!.sort((a, b) => a.atMs - b.atMs);
    pages[page] = [];
    ran = 0;
  }

  return {
    now: () => nowMs,
    at: (ms, run) => put({ atMs: Math.max(nowMs, ms), run }),
    after: (ms, run) => put({ atMs: nowMs + Math.max(0, ms), run }),
    runUntil(untilMs) {
      for (;;) {
        while (ran < today.length && today[ran]!.atMs <= untilMs) {
          const { atMs, run } = today[ran++]!;
          nowMs = atMs;
          run();
        }
        if (dayOf(untilMs) <= day) break;
        turnPage();
      }
      nowMs = untilMs;
    },
  };
}
