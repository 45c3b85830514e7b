import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { emptyBitmap, hasBit, setBit } from "../../../edge/protocol/bitmap.ts";

const size = fc.integer({ min: 0, max: 300 });

Deno.test("a bitmap holds what was put in and nothing else", () => {
  fc.assert(fc.property(size, fc.array(fc.nat({ max: 299 })), (size, indexes) => {
    const bits = emptyBitmap(size);
    const inside = new Set(indexes.filter((index) => index < size));
    for (const index of inside) setBit(bits, index);
    for (let index = 0; index < size; index++) {
      assertEquals(hasBit(bits, index), inside.has(index));
    }
  }));
});

Deno.test("outside the map nothing is set and nothing is there", () => {
  fc.assert(fc.property(size, fc.integer({ min: -1_000, max: 1_000 }), (size, index) => {
    const bits = emptyBitmap(size);
    if (index >= 0 && index < bits.length * 8) return;
    setBit(bits, index);
    assertEquals(bits, emptyBitmap(size));
    assertEquals(hasBit(bits, index), false);
  }));
});

Deno.test("the first piece is the highest bit of the first byte", () => {
  const bits = emptyBitmap(9);
  setBit(bits, 0);
  setBit(bits, 8);
  assertEquals([...bits], [0x80, 0x80]);
});
