import { assertEquals } from "@std/assert";
import { ALONE_QUERY } from "../../sw/bridge.ts";
import { staticRoutes } from "../../sw/static_routes.ts";

Deno.test("media goes to the network while the worker sleeps, in every site", () => {
  for (const query of ["", ALONE_QUERY]) {
    const [asleep] = staticRoutes(query);
    assertEquals(asleep?.condition["runningStatus"], "not-running");
    assertEquals(asleep?.source, "network");
  }
});

Deno.test("what is no media passes by a worker that is alone, and never by a site's own", () => {
  assertEquals(staticRoutes(ALONE_QUERY).length, 2);
  assertEquals(staticRoutes("").length, 1);
});
