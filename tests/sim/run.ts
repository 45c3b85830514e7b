import { type ReportLine, reportLine } from "./report_line.ts";
import type { Scenario } from "./scenario.ts";
import { tallyOf } from "./tally.ts";
import type { Threads } from "./post.ts";
import { World } from "./world.ts";
import { DEFAULTS, type WorldOptions } from "./world_options.ts";

export interface RunOptions {
  readonly peers: number;
  /** Counted, after the warm-up. */
  readonly seconds: number;
  readonly seed: number;
  readonly world?: Partial<WorldOptions>;
  /** Called with the share that is done, 0 … 1. */
  readonly progress?: (share: number) => void;
}

const WARM_UP_S = 30;

/** Plays a scenario to its end. */
export function run(scenario: Scenario, options: RunOptions): { line: ReportLine; world: World } {
  const begunMs = performance.now();
  const { world, startMs, toMs } = prepare(scenario, options);
  for (let atMs = startMs; atMs < toMs;) {
    atMs = Math.min(toMs, atMs + 1000);
    world.clock.runUntil(atMs);
    options.progress?.((atMs - startMs) / (toMs - startMs));
  }
  return {
    line: reportLine({ ...told(scenario.name, options, begunMs), tally: tallyOf(world) }),
    world,
  };
}

/** A world in which the scenario will be played as its clock goes on, and when it begins and ends, ms. */
export function prepare(scenario: Scenario, options: RunOptions, threads?: Threads) {
  const { peers, seconds, seed } = options;
  const world = new World({ ...DEFAULTS, ...scenario.world, ...options.world, seed }, threads);
  const startMs = world.clock.now();
  const fromMs = startMs + (scenario.warmUpSeconds ?? WARM_UP_S) * 1000;
  const toMs = fromMs + seconds * 1000;
  scenario.play(world, { peers, fromMs, toMs });
  world.clock.after(fromMs - startMs, () => world.beginCount());
  return { world, startMs, toMs };
}

/** What a line tells of its run. */
export function told(scenario: string, { peers, seconds, seed }: RunOptions, begunMs: number) {
  const wallSeconds = Math.round((performance.now() - begunMs) / 100) / 10;
  return { scenario, peers, seconds, seed, wallSeconds };
}
