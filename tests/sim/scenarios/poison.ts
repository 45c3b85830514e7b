import { arrive, type Scenario } from "../scenario.ts";

/** One of ten sends wrong bytes in place of every piece. */
export const poison: Scenario = {
  name: "poison",
  world: { liars: 0.1, edgeEgress: 200 },
  play: (world, { peers }) => arrive(world, peers),
};
