import { arrive, type Scenario } from "../scenario.ts";

/** Four of ten give nothing, whatever their uplink: what the others cannot give is the edge's part. */
export const freeRiders: Scenario = {
  name: "free_riders",
  world: { freeRiders: 0.4, edgeEgress: Infinity },
  play: (world, { peers }) => arrive(world, peers),
};
