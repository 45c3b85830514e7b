import { arrive, type Scenario } from "../scenario.ts";
import type { Guest } from "../world.ts";

/** After this share of the count. */
const VANISH_AFTER = 0.25;

/** Every second viewer is gone at one instant, without a goodbye; the others are counted. */
export const vanish: Scenario = {
  name: "vanish",
  play(world, { peers, fromMs, toMs }) {
    const doomed: Guest[] = [];
    arrive(world, peers, {
      change: (peer) => ({ counted: peer % 2 === 0 }),
      then: (viewer) => void (viewer.options.counted || doomed.push(viewer)),
    });
    world.clock.at(fromMs + (toMs - fromMs) * VANISH_AFTER, () => {
      for (const viewer of doomed) viewer.leave(false);
    });
  },
};
