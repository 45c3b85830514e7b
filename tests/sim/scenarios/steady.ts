import { arrive, type Scenario } from "../scenario.ts";

/** Everyone came during the warm-up, and stays. */
export const steady: Scenario = {
  name: "steady",
  play: (world, { peers }) => arrive(world, peers),
};
