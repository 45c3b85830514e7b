import { assertEquals } from "@std/assert";
import { holdMs } from "../../../web/player/hold.ts";

Deno.test("an answer waits as long as the buffer allows", () => {
  assertEquals(holdMs(0, 2_000, false), 0);
  assertEquals(holdMs(900, 2_000, false), 0);
  assertEquals(holdMs(2_000, 2_000, false), 1_000);
  assertEquals(holdMs(6_000, 2_000, false), 5_000);
});

Deno.test("where the player chooses among qualities it waits no longer than nine tenths of a segment", () => {
  assertEquals(holdMs(2_000, 2_000, true), 1_000);
  assertEquals(holdMs(6_000, 2_000, true), 1_800);
});
