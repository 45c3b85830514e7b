import { arrive, type Scenario } from "../scenario.ts";

const SEGMENT_MS = 60_000;

/** Segments of a minute; a player begins three of them behind live. */
export const longSegments: Scenario = {
  name: "long_segments",
  world: { segmentMs: SEGMENT_MS },
  // Until those segments are due that were published while the audience was there.
  warmUpSeconds: (4 * SEGMENT_MS) / 1000,
  leastSeconds: (2 * SEGMENT_MS) / 1000,
  play: (world, { peers }) => arrive(world, peers),
};
