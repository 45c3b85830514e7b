import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { affordable, type Transfer } from "../../../web/player/throughput.ts";

const KIB = 1024;
const transfer = (startMs: number, ms: number, bytes: number): Transfer => ({
  startMs,
  endMs: startMs + ms,
  bytes,
});

Deno.test("a stream may need seven tenths of what came, rounded to two digits", () => {
  assertEquals(affordable([transfer(0, 1_000, 125_000)]), 700_000);
  assertEquals(affordable([transfer(0, 1_000, 125_900)]), 710_000);
});

Deno.test("transfers side by side share the link, and the time between them does not count", () => {
  const beside = [transfer(0, 1_000, 62_500), transfer(0, 1_000, 62_500)];
  assertEquals(affordable(beside), 700_000);
  assertEquals(affordable([...beside, transfer(60_000, 1_000, 125_000)]), 700_000);
  assertEquals(affordable([transfer(0, 1_000, 62_500), transfer(500, 1_000, 62_500)]), 470_000);
});

Deno.test("what is small tells nothing, and without anything else nothing is known", () => {
  assertEquals(affordable([]), undefined);
  assertEquals(affordable([transfer(0, 1_000, 1_500)]), undefined);
  assertEquals(affordable([transfer(0, 1_000, 125_000), transfer(2_000, 900, 1_500)]), 700_000);
});

Deno.test("only the newest count: a link that has become slow is a slow one", () => {
  const fast = Array.from({ length: 40 }, (_, at) => transfer(at * 100, 10, 64 * KIB));
  const slow = Array.from({ length: 32 }, (_, at) => transfer(5_000 + at * 2_000, 2_000, 64 * KIB));
  assert(affordable([...fast, ...slow])! < 200_000);
});

Deno.test("however transfers lie, it is a number above 0, and more bytes in the same time never make it less", () => {
  const transfers = fc.array(
    fc.tuple(fc.nat(9_999), fc.nat(3_000), fc.integer({ min: 12 * KIB, max: 2 ** 20 }))
      .map(([startMs, ms, bytes]) => transfer(startMs, ms, bytes)),
    { minLength: 1, maxLength: 32 },
  );
  fc.assert(fc.property(transfers, (some) => {
    const bits = affordable(some)!;
    assert(bits > 0 && Number.isFinite(bits));
    const more = some.map((one) => ({ ...one, bytes: one.bytes * 2 }));
    assert(affordable(more)! >= bits);
  }));
});
