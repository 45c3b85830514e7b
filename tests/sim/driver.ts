import type { Clock } from "./clock.ts";

/** What every engine understands. */
interface Wake {
  readonly type: "wake";
}

/** An engine of `web/swarm`, as whoever drives it sees it. */
export interface Driven<Input, Output> {
  handle(input: Input | Wake, nowMs: number): void;
  poll(): Output | undefined;
  wakeMs(): number;
}

/**
 * An engine on virtual time: answers how to feed it. What it says is performed at once, and it is
 * woken when it wants to be, as long as it is `alive`.
 */
export function drive<Input, Output>(
  { clock, engine, alive, perform }: {
    clock: Clock;
    engine: Driven<Input, Output>;
    alive: () => boolean;
    perform: (output: Output) => void;
  },
): (input: Input | Wake) => void {
  let nextMs = Infinity;
  let draining = false;

  function handle(input: Input | Wake): void {
    if (!alive()) return;
    engine.handle(input, clock.now());
    // Fed while an output is performed, it says more, which is performed after that.
    if (draining) return;
    draining = true;
    for (let output; (output = engine.poll());) perform(output);
    draining = false;
    arm();
  }

  function arm(): void {
    const wakeMs = engine.wakeMs();
    if (wakeMs >= nextMs) return;
    nextMs = wakeMs;
    clock.after(wakeMs - clock.now(), () => {
      if (nextMs !== wakeMs) return;
      nextMs = Infinity;
      // It may have put it off.
      if (engine.wakeMs() > clock.now()) arm();
      else handle({ type: "wake" });
    });
  }

  return handle;
}
