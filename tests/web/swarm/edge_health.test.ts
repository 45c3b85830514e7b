/** How quick and how sound the edge is, as one peer learns it from its fetches. */
import { assert, assertEquals } from "@std/assert";
import { createEdgeHealth } from "../../../web/swarm/edge_fallback.ts";

Deno.test("the edge is asked twice as long ahead as it takes as a rule, within bounds", () => {
  const health = createEdgeHealth();
  assertEquals(health.leadMs(), 400);
  health.succeeded(1_000);
  assertEquals(health.leadMs(), 800, "one slow fetch counts a quarter");
  for (let fetch = 0; fetch < 40; fetch++) health.succeeded(10_000);
  assertEquals(health.leadMs(), 1_500);
  for (let fetch = 0; fetch < 40; fetch++) health.succeeded(5);
  assertEquals(health.leadMs(), 200);
});

Deno.test("each failure in a row doubles the pause, up to two seconds", () => {
  const health = createEdgeHealth();
  const pauses = [1, 2, 3, 4, 5].map((at) => {
    const nowMs = at * 10_000;
    health.failed(nowMs);
    return health.pausedUntilMs - nowMs;
  });
  assertEquals(pauses, [250, 500, 1_000, 2_000, 2_000]);
});

Deno.test("nothing is expected of an edge that has failed for a second, whatever came before", () => {
  const health = createEdgeHealth();
  assertEquals([5_000, 5_900, 6_000].map((nowMs) => health.failed(nowMs)), [false, false, true]);
});

for (
  const [what, recover] of Object.entries({ "a success": "succeeded", "its return": "forgive" })
) {
  Deno.test(`after ${what} the edge is as good as new`, () => {
    const health = createEdgeHealth();
    for (const nowMs of [0, 500, 990]) assert(!health.failed(nowMs));
    if (recover === "succeeded") health.succeeded(100);
    else health.forgive();
    assertEquals(health.pausedUntilMs, 0);
    assertEquals(health.failed(9_000), false);
    assertEquals(health.pausedUntilMs, 9_250);
  });
}
