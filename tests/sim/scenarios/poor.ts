import { arrive, type Scenario } from "../scenario.ts";
import { DEFAULT_UPLINKS } from "../world_options.ts";

const SCALE = 0.54;

/** All uplinks together carry nine tenths of what is watched: the rest is the edge's part. */
export const poor: Scenario = {
  name: "poor",
  world: {
    uplinks: DEFAULT_UPLINKS.map(({ share, rate }) => ({ share, rate: rate * SCALE })),
    edgeEgress: Infinity,
  },
  play: (world, { peers }) => arrive(world, peers),
};
