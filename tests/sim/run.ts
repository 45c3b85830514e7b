import { type ReportLine, reportLine } from "./report_line.ts";
import type { Scenario } from "./scenario.ts";
import { DEFAULTS, World, type WorldOptions } from "./world.ts";

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
  const { peers, seconds, seed } = options;
  const world = new World({ ...DEFAULTS, ...scenario.world, ...options.world, seed });
  const startMs = world.clock.now();
  const fromMs = startMs + (scenario.warmUpSeconds ?? WARM_UP_S) * 1000;
  const toMs = fromMs + seconds * 1000;
  scenario.play(world, { peers, fromMs, toMs });
  world.clock.after(fromMs - startMs, () => world.beginCount());
  for (let atMs = startMs; atMs < toMs;) {
    atMs = Math.min(toMs, atMs + 1000);
    world.clock.runUntil(atMs);
    options.progress?.((atMs - startMs) / (toMs - startMs));
  }
  const wallSeconds = Math.round((performance.now() - begunMs) / 100) / 10;
  const { name } = scenario;
  return { line: reportLine({ world, scenario: name, peers, seconds, seed, wallSeconds }), world };
}
