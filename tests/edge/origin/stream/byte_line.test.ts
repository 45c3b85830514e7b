import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { LineUnit } from "../../../../edge/media/stream/stream_line.ts";
import { createByteLine } from "../../../../edge/origin/stream/byte_line.ts";

const bytes = (...values: number[]) => Uint8Array.from(values);
const unit = (sequence: number, epoch = 1, container: LineUnit["container"] = "mp3"): LineUnit => ({
  sequence,
  epoch,
  container,
});

/** All that there is from `at` on, and why it ends there. */
function readOn(line: ReturnType<typeof createByteLine>, at: number): [number[], string] {
  const read: number[] = [];
  for (;;) {
    const reading = line.read(at + read.length, read.length > 0);
    if (reading.type !== "bytes") return [read, reading.type];
    read.push(...reading.bytes);
  }
}

Deno.test("units stand one after the other, also while the last one still grows", () => {
  const line = createByteLine();
  line.seal(unit(0), { durationMs: 1, read: () => [bytes(1, 2, 3)] });
  line.grow(unit(1), bytes(4));
  line.grow(unit(1), bytes(5, 6));
  assertEquals(readOn(line, 0), [[1, 2, 3, 4, 5, 6], "later"]);
  assertEquals(readOn(line, 4), [[5, 6], "later"]);
  line.seal(unit(1), { durationMs: 1, read: () => [bytes(4, 5, 6, 7)] });
  assertEquals(readOn(line, 4), [[5, 6, 7], "later"]);
});

Deno.test("however a unit grew, every byte keeps its number", () => {
  const media = fc.array(fc.array(fc.uint8Array({ minLength: 1, maxLength: 9 }), { minLength: 1 }));
  fc.assert(
    fc.property(media, fc.nat(), (units, seed) => {
      const line = createByteLine();
      const whole = units.flat().flatMap((part) => [...part]);
      units.forEach((parts, at) => {
        const told = parts.slice(0, seed % (parts.length + 1));
        for (const part of told) line.grow(unit(at), Uint8Array.from(part));
        const own = Uint8Array.from(parts.flatMap((part) => [...part]));
        line.seal(unit(at), { durationMs: 1, read: () => [own] });
      });
      const at = whole.length === 0 ? 0 : seed % whole.length;
      assertEquals(readOn(line, at), [whole.slice(at), "later"]);
    }),
  );
});

Deno.test("another init stands where it begins to hold, the first one nowhere", () => {
  const line = createByteLine();
  const [first, second] = [bytes(91, 92), bytes(93)];
  line.seal({ ...unit(0, 1, "ogg"), init: first }, { durationMs: 1, read: () => [bytes(1, 2)] });
  line.seal({ ...unit(1, 1, "ogg"), init: first }, { durationMs: 1, read: () => [bytes(3)] });
  // The ledger says so before the unit is whole, and by what the init says, not by which copy it is.
  assertEquals(line.mediaAt({ ...unit(2, 1, "ogg"), init: bytes(91, 92) }), 3);
  assertEquals(line.mediaAt({ ...unit(2, 2, "ogg"), init: second }), 4);
  line.grow({ ...unit(2, 2, "ogg"), init: second }, bytes(4));
  assertEquals(line.mediaAt({ ...unit(2, 2, "ogg"), init: second }), 4);
  assertEquals(readOn(line, 0), [[1, 2, 3, 93, 4], "later"]);
  assertEquals(line.startBefore(0), { at: 4, init: second, container: "ogg" });
});

Deno.test("a start has so much media after it, of one epoch and held", () => {
  const line = createByteLine();
  const held = new Set([0, 1, 2, 3, 4]);
  for (const sequence of [0, 1, 2, 3]) {
    line.seal(unit(sequence), {
      durationMs: 2_000,
      read: () => held.has(sequence) ? [bytes(sequence)] : undefined,
    });
  }
  assertEquals([0, 2_000, 2_001, 60_000].map((ms) => line.startBefore(ms)?.at), [3, 3, 2, 0]);
  held.delete(0);
  held.delete(1);
  assertEquals(line.startBefore(60_000)?.at, 2);
  line.grow(unit(4, 2), bytes(4));
  assertEquals(line.startBefore(60_000)?.at, 4);
  assertEquals(createByteLine().startBefore(0), undefined);
});

Deno.test("MP3 goes on over a break; MP4 does not, and no stream goes on as another format", () => {
  for (
    const [container, next, end] of [
      ["mp3", "mp3", "later"],
      ["ogg", "ogg", "later"],
      ["mp3", "aac", "apart"],
      ["fmp4", "fmp4", "apart"],
      ["webm", "webm", "apart"],
    ] as const
  ) {
    const line = createByteLine();
    line.seal(unit(0, 1, container), { durationMs: 1, read: () => [bytes(1)] });
    line.seal(unit(1, 2, next), { durationMs: 1, read: () => [bytes(2)] });
    assertEquals(readOn(line, 0)[1], end, `${container}, then ${next}`);
    assertEquals(readOn(line, 1), [[2], "later"], "it can be begun with");
  }
});

Deno.test("what the window has let go is gone, and so is what never was", () => {
  const line = createByteLine();
  const held = new Map([[0, [bytes(1)]], [1, [bytes(2)]]]);
  for (const sequence of [0, 1]) {
    line.seal(unit(sequence), { durationMs: 1, read: () => held.get(sequence) });
  }
  held.delete(0);
  assertEquals(line.read(0, true).type, "gone");
  assertEquals(line.read(1, true).type, "bytes");
  assertEquals(line.read(7, true).type, "gone");
});
