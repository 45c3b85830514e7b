import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { rateTicks } from "../../../web/panel/rate_ticks.ts";

const bits = (ticks: number[]) => ticks.map((tick) => Math.round(tick * 8));

Deno.test("marks are round in bits", () => {
  assertEquals(bits(rateTicks(62_500)), [0, 200_000, 400_000]);
  assertEquals(bits(rateTicks(125_000)), [0, 500_000, 1_000_000]);
  assertEquals(bits(rateTicks(562_500)), [0, 1e6, 2e6, 3e6, 4e6]);
});

Deno.test("there are one to four marks above 0, all within the axis", () => {
  fc.assert(fc.property(fc.double({ min: 62_500, max: 1e12, noNaN: true }), (top) => {
    const ticks = rateTicks(top);
    assert(ticks.length >= 2 && ticks.length <= 5, String(ticks));
    assert(ticks.every((tick) => tick <= top * 1.000001));
  }));
});
