import { arrive, comeAndGo, type Scenario } from "../scenario.ts";

const MEAN_STAY_MS = 120_000;

/** Viewers stay for two minutes on average; half of them vanish, and each is replaced at once. */
export const churn = churnOf(MEAN_STAY_MS);

/** The same with another mean stay. */
export function churnOf(meanStayMs: number): Scenario {
  return {
    name: "churn",
    // Newcomers start by plain HTTP: at 1,000 peers 8 of them a second are 17 × the rate already.
    world: { edgeEgress: 200 },
    play: (world, { peers }) =>
      arrive(world, peers, { then: (viewer) => comeAndGo(world, viewer, meanStayMs) }),
  };
}
