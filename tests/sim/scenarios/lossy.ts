import { arrive, type Scenario } from "../scenario.ts";

/** One packet of a hundred is lost and sent again. */
export const lossy: Scenario = {
  name: "lossy",
  world: { loss: 0.01 },
  play: (world, { peers }) => arrive(world, peers),
};
