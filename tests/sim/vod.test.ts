/** A short film and a small audience: quick, so that the bounds are wider than those of README.md. */
import { assert, assertEquals } from "@std/assert";
import { run } from "./run.ts";
import { vodOf } from "./scenarios/vod.ts";

const soon = vodOf({ filmMs: 120_000, arrivalMs: 60_000 });

Deno.test("viewers of a film at different places play it from one another, and seek in it", () => {
  const { line } = run(soon, { peers: 30, seconds: 30, seed: 1 });
  assert(line.continuity! > 0.995, `continuity ${line.continuity}`);
  assert(line.offload > 0.75, `offload ${line.offload}`);
  assert(line.other.seeks! > 5);
  assert(line.other.seekMsP95! < 1_000, `${line.other.seekMsP95} ms from seek to picture`);
  assert(line.partners > 5, `${line.partners} partners`);
});

Deno.test("where nobody gives, everyone plays from the edge as ever", () => {
  const { line } = run(soon, { peers: 6, seconds: 20, seed: 1, world: { freeRiders: 1 } });
  assert(line.continuity! > 0.995, `continuity ${line.continuity}`);
  assertEquals(line.peerBytes, 0);
  // No more than the element asked for and gave up again as it was moved.
  assert(line.offload > -0.1, `offload ${line.offload}`);
});
