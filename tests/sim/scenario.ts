import { exponential } from "./random.ts";
import type { ViewerOptions } from "./viewer.ts";
import type { Guest, World } from "./world.ts";
import type { WorldOptions } from "./world_options.ts";

/** What happens in a world, and what of it is counted. */
export interface Scenario {
  readonly name: string;
  /** What is other than usual in this world. */
  readonly world?: Partial<WorldOptions>;
  /** s before the count begins */
  readonly warmUpSeconds?: number;
  /** A shorter count says nothing of this scenario, s. */
  readonly leastSeconds?: number;
  /** Its viewers' demands tell the engine what it needs, and there are none without the fallback. */
  readonly needsFallback?: boolean;
  /** What it is of, DONet knows nothing of. */
  readonly tributaryOnly?: boolean;
  /** What is told of it needs all of its world in one thread. */
  readonly alone?: boolean;
  /** Sets up who comes and goes when. `peers` is how many are wanted at a time. */
  play(world: World, run: Run): void;
}

export interface Run {
  readonly peers: number;
  /** When the count begins and ends, ms. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** The audience of a warm-up comes within this long, ms. */
export const ARRIVAL_MS = 5_000;

/** Lets `peers` come one after the other, evenly over `ms` from `fromMs` on. */
export function arrive(
  world: World,
  peers: number,
  { fromMs = world.clock.now(), ms = ARRIVAL_MS, change = () => ({}), then = () => {} }: {
    fromMs?: number;
    ms?: number;
    /** What is other than usual in the viewer with this number. */
    change?: (peer: number) => Partial<ViewerOptions>;
    then?: (viewer: Guest) => void;
  } = {},
): void {
  for (let peer = 0; peer < peers; peer++) {
    world.clock.at(fromMs + ((peer + 1) * ms) / peers, () => then(world.join(change(peer))));
  }
}

/** The viewer leaves after an exponential time; half say so. Somebody else comes in its place. */
export function comeAndGo(world: World, viewer: Guest, meanStayMs: number): void {
  world.clock.after(exponential(world.fate, meanStayMs), () => {
    viewer.leave(world.fate() < 0.5);
    comeAndGo(world, world.join(), meanStayMs);
  });
}
