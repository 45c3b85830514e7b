import { assertEquals } from "@std/assert";
import { holdMs } from "../../../web/player/hold.ts";

Deno.test("an answer waits as long as the buffer allows, and no longer than nine tenths of a segment", () => {
  assertEquals(holdMs(0, 2_000), 0);
  assertEquals(holdMs(900, 2_000), 0);
  assertEquals(holdMs(2_000, 2_000), 1_000);
  assertEquals(holdMs(4_000, 2_000), 1_800);
});
