import { arrive, type Scenario } from "../scenario.ts";

const MEAN_STAY_MS = 30_000;

/** One stream in two qualities; a viewer goes from one to the other every half minute. */
export const renditions: Scenario = {
  name: "renditions",
  // Who goes over comes to a rendition as a newcomer does, without what the others have had.
  world: { renditions: [1, 0.5], switchMs: MEAN_STAY_MS, edgeEgress: 200 },
  needsFallback: true,
  play: (world, { peers }) => arrive(world, peers),
};
