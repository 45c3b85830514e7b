/** Swarms so small that they are quick, so that their bounds are wider than those of README.md. */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { run, type RunOptions } from "./run.ts";
import type { Scenario } from "./scenario.ts";
import { churn } from "./scenarios/churn.ts";
import { edgeAway } from "./scenarios/edge_away.ts";
import { poison } from "./scenarios/poison.ts";
import { steady } from "./scenarios/steady.ts";
import { vanish } from "./scenarios/vanish.ts";

function lineOf(scenario: Scenario, options: Partial<RunOptions> = {}) {
  return run(scenario, { peers: 40, seconds: 10, seed: 1, ...options }).line;
}

Deno.test("the same seed gives the same line, another seed another", () => {
  const [one, again, other] = [1, 1, 2].map((seed) => {
    const { wallSeconds: _, seed: __, ...line } = lineOf(churn, { peers: 30, seed });
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
  const { line, world } = run(poison, { peers: 40, seconds: 10, seed: 1 });
  assert([...world.viewers.values()].some(({ options }) => options.liar));
  assertEquals([line.badPlayed, line.badPassedOn], [0, 0]);
  assert(line.continuity! > 0.97, `continuity ${line.continuity}`);
});

Deno.test("who vanishes is gone, and not counted", () => {
  const { world } = run(vanish, { peers: 40, seconds: 10, seed: 1 });
  const left = [...world.viewers.values()];
  assertEquals(left.length, 20);
  assert(left.every(({ options }) => options.counted));
});

Deno.test("everyone is back soon after the edge is", () => {
  const line = lineOf(edgeAway, { peers: 20, seconds: 60 });
  assert(line.other.backWithinMs! <= 5_000, `${line.other.backWithinMs} ms`);
  assert(line.continuity! > 0.9, `continuity ${line.continuity}`);
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
