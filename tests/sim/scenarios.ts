import type { Scenario } from "./scenario.ts";
import { churn } from "./scenarios/churn.ts";
import { edgeAway } from "./scenarios/edge_away.ts";
import { flash } from "./scenarios/flash.ts";
import { freeRiders } from "./scenarios/free_riders.ts";
import { longSegments } from "./scenarios/long_segments.ts";
import { lossy } from "./scenarios/lossy.ts";
import { poison } from "./scenarios/poison.ts";
import { poor } from "./scenarios/poor.ts";
import { renditions } from "./scenarios/renditions.ts";
import { steady } from "./scenarios/steady.ts";
import { vanish } from "./scenarios/vanish.ts";
import { vod } from "./scenarios/vod.ts";

/** All there are, by name. */
export const SCENARIOS: ReadonlyMap<string, Scenario> = new Map(
  [
    steady,
    churn,
    flash,
    vanish,
    edgeAway,
    freeRiders,
    poor,
    lossy,
    poison,
    longSegments,
    renditions,
    vod,
  ]
    .map((scenario) => [scenario.name, scenario]),
);
