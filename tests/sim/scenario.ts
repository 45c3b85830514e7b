import type { World, WorldOptions } from "./world.ts";

/** What happens in a world, and what of it is counted. */
export interface Scenario {
  readonly name: string;
  /** What is other than usual in this world. */
  readonly world?: Partial<WorldOptions>;
  /** s before the count begins */
  readonly warmUpSeconds?: number;
  /** Sets up who comes and goes when. `peers` is how many are wanted at a time. */
  play(world: World, run: Run): void;
}

export interface Run {
  readonly peers: number;
  /** When the count begins and ends, ms. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** Lets `peers` come one after the other, evenly over `ms`. */
export function arrive(world: World, peers: number, ms: number): void {
  for (let peer = 0; peer < peers; peer++) {
    world.clock.after((peer * ms) / peers, () => world.join());
  }
}
