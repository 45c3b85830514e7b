import { edgeBytesOf } from "../measure.ts";
import { arrive, type Scenario } from "../scenario.ts";

const THERE_BEFORE = 0.1;
const RUSH_MS = 5_000;
/** The offload of a crowd that has come is told from so long after it began to come, ms. */
const SETTLED_MS = 20_000;

/** Nine of ten come within five seconds. */
export const flash: Scenario = {
  name: "flash",
  world: { edgeEgress: 200 },
  leastSeconds: 30,
  alone: true,
  play(world, { peers, fromMs, toMs }) {
    const before = Math.max(1, Math.round(peers * THERE_BEFORE));
    arrive(world, before);
    arrive(world, peers - before, { fromMs, ms: RUSH_MS });
    const { meter } = world;
    world.clock.at(fromMs + SETTLED_MS, () => {
      const [edgeBytes, playedBytes] = [edgeBytesOf(meter), meter.playedBytes];
      world.clock.at(toMs, () => {
        const fromEdge = edgeBytesOf(meter) - edgeBytes;
        meter.other.offloadSettled = 1 - fromEdge / (meter.playedBytes - playedBytes);
      });
    });
  },
};
