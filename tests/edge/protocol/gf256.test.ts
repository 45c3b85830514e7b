import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { addProduct, divide, multiply } from "../../../edge/protocol/gf256.ts";

/** By the definition: a product of polynomials over GF(2), and its remainder by 0x11d. */
function product(a: number, b: number): number {
  let sum = 0;
  for (let bit = 0; bit < 8; bit++) if ((b >> bit & 1) === 1) sum ^= a << bit;
  for (let bit = 14; bit >= 8; bit--) if ((sum >> bit & 1) === 1) sum ^= 0x11d << (bit - 8);
  return sum;
}

const all = Array.from({ length: 256 }, (_, byte) => byte);

Deno.test("the product of any two bytes is that of polynomials modulo 0x11d", () => {
  for (const a of all) {
    for (const b of all) assertEquals(multiply(a, b), product(a, b), `${a} · ${b}`);
  }
});

Deno.test("dividing undoes multiplying", () => {
  for (const a of all) {
    for (const b of all.slice(1)) assertEquals(divide(multiply(a, b), b), a, `${a} · ${b} / ${b}`);
  }
});

/** Bytes that lie anywhere in a larger buffer, as payloads do in their frames. */
const anywhere = fc.tuple(fc.uint8Array({ maxLength: 70 }), fc.nat({ max: 7 }))
  .map(([bytes, before]) => {
    const frame = new Uint8Array(before + bytes.length + 5).fill(0xaa);
    frame.set(bytes, before);
    return frame.subarray(before, before + bytes.length);
  });

Deno.test("a product is added to every byte that source and target both have, and to nothing else", () => {
  fc.assert(
    fc.property(anywhere, anywhere, fc.nat({ max: 255 }), (target, source, factor) => {
      const wanted = Array.from(
        target,
        (byte, at) => byte ^ (at < source.length ? product(factor, source[at]!) : 0),
      );
      const [before, read] = [new Uint8Array(target.buffer).slice(), source.slice()];
      addProduct(target, source, factor);
      assertEquals([...target], wanted);
      assertEquals(source, read);
      before.set(target, target.byteOffset);
      assertEquals(new Uint8Array(target.buffer), before);
    }),
    { numRuns: 500 },
  );
});
