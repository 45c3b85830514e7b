/** Swarms so small that they are quick, so that their bounds are wider than those of README.md. */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { run, type RunOptions } from "./run.ts";
import type { Scenario } from "./scenario.ts";
import { churn } from "./scenarios/churn.ts";
import { edgeAway } from "./scenarios/edge_away.ts";
import { freeRiders as riders } from "./scenarios/free_riders.ts";
import { poison } from "./scenarios/poison.ts";
import { poor } from "./scenarios/poor.ts";
import { renditions } from "./scenarios/renditions.ts";
import { steady } from "./scenarios/steady.ts";
import { vanish } from "./scenarios/vanish.ts";

/** Everyone has come after ten seconds; half of the usual warm-up has to do here. */
function runSmall(scenario: Scenario, options: Partial<RunOptions> = {}) {
  const soon = { ...scenario, warmUpSeconds: 15 };
  return run(soon, { peers: 40, seconds: 10, seed: 1, ...options });
}

const lineOf = (...args: Parameters<typeof runSmall>) => runSmall(...args).line;

Deno.test("the same seed gives the same line, another seed another", () => {
  const [one, again, other] = [1, 1, 2].map((seed) => {
    const { wallSeconds: _, seed: __, ...line } = lineOf(churn, { peers: 20, seed });
    return line;
  });
  assertEquals(one, again);
  assertNotEquals(one, other);
});

Deno.test("a small audience that stays plays from one another", () => {
  const line = lineOf(steady, { peers: 60, seconds: 20, world: { fallback: false } });
  assert(line.meshContinuity! > 0.97, `mesh continuity ${line.meshContinuity}`);
  assert(line.offload > 0.95, `offload ${line.offload}`);
  assertEquals(line.continuity, null);
});

Deno.test("liars' pieces are neither played nor passed on", () => {
  const { line, world } = runSmall(poison);
  assert([...world.viewers.values()].some(({ options }) => options.liar));
  assertEquals([line.badPlayed, line.badPassedOn], [0, 0]);
  assert(line.continuity! > 0.97, `continuity ${line.continuity}`);
});

Deno.test("who vanishes is gone, and not counted", () => {
  const { world } = runSmall(vanish);
  const left = [...world.viewers.values()];
  assertEquals(left.length, 20);
  assert(left.every(({ options }) => options.counted));
});

Deno.test("partners that leave while the edge is away are replaced, and everyone is back soon after it is", () => {
  const line = lineOf(edgeAway, { peers: 40, seconds: 60 });
  const { linksMadeWithoutIt, fewestPartnersWhenItCame, backWithinMs } = line.other;
  assert(linksMadeWithoutIt! > 0.3, `${linksMadeWithoutIt} links of a viewer`);
  assert(fewestPartnersWhenItCame! >= 5, `${fewestPartnersWhenItCame} partners`);
  assert(backWithinMs! <= 5_000, `${backWithinMs} ms`);
  assert(line.continuity! > 0.9, `continuity ${line.continuity}`);
});

Deno.test("where viewers are in regions the links are shorter, as many of them are within one", () => {
  const [near, far] = [4, 1].map((regions) => lineOf(steady, { peers: 60, world: { regions } }));
  assert(near!.linkDelayMsP50! < 0.8 * far!.linkDelayMsP50!, `${near!.linkDelayMsP50} ms`);
  assert(near!.continuity! > 0.97, `continuity ${near!.continuity}`);
});

Deno.test("DONet plays without a gap where uplinks are as wide as those its paper had", () => {
  const line = lineOf(steady, {
    peers: 40,
    world: {
      scheduler: "donet",
      fallback: false,
      uplinks: [{ share: 1, rate: 10 }],
      uploadCap: 10,
    },
  });
  assert(line.meshContinuity! > 0.95, `mesh continuity ${line.meshContinuity}`);
  assert(line.offload > 0.85, `offload ${line.offload}`);
  assertEquals(line.scheduler, "donet");
});

Deno.test("the supply is what viewers can give, with their caps and without those who ride free", () => {
  const supplyOf = (freeRiders: number, uploadCap: number) => {
    const uplinks = [{ share: 1, rate: 4 }];
    const world = { freeRiders, uploadCap, uplinks };
    return lineOf(riders, { peers: 4, seconds: 1, world }).supplyOverDemand;
  };
  assertEquals([supplyOf(0, 8), supplyOf(0, 3), supplyOf(1, 8)], [4, 3, 0]);
});

Deno.test("with an edge that is asked for all that is missing, DONet plays it all in time", () => {
  const line = lineOf(poor, { peers: 20, world: { scheduler: "donet" } });
  assert(line.continuity! > 0.95, `continuity ${line.continuity}`);
  // The source serves its partners besides.
  assert(line.fallbackShare < 1, `${line.fallbackShare} of what was played came from the fallback`);
});

Deno.test("who goes over to another rendition plays on, from partners who have it", () => {
  const { line, world } = runSmall(renditions);
  assert(line.continuity! > 0.95, `continuity ${line.continuity}`);
  assert(line.offload > 0.6, `offload ${line.offload}`);
  const { inject } = world.meter.edgeBytes;
  const copies = inject / world.meter.publishedBytes;
  assert(copies > 0.7 && copies < 1.5, `${copies} injected copies of both renditions`);
});
