import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { createLiveWindow, type WindowSegment } from "../../../edge/origin/live_window.ts";
import { WHOLE } from "../../../edge/protocol/unit.ts";

function segment(
  sequence: number,
  { rendition = 0, bytes = 100, discontinuity = false } = {},
): WindowSegment {
  return {
    bytes: new Uint8Array(bytes),
    digests: new Uint8Array(16),
    entry: {
      unit: { epoch: 1, rendition, sequence, part: WHOLE },
      uri: `r${rendition}/${sequence}.m4s`,
      startMs: sequence * 1000,
      durationMs: 1000,
      discontinuity,
      length: bytes,
      pieceBytes: 16384,
      runs: 1,
      parityRuns: 0,
      root: new Uint8Array(16),
    },
  };
}

const sequences = (held: readonly WindowSegment[]) => held.map(({ entry }) => entry.unit.sequence);

Deno.test("segments that are too old leave, and are found no more", () => {
  const window = createLiveWindow({ maxBytes: 10_000, maxAgeMs: 3000 });
  for (let sequence = 0; sequence < 10; sequence++) window.put(segment(sequence));
  assertEquals(sequences(window.newest(0, 99)), [6, 7, 8, 9]);
  assertEquals(window.byUri("r0/5.m4s"), undefined);
  assertEquals(window.byUnit("1.0.5"), undefined);
  assertEquals(window.byUnit("1.0.6"), window.byUri("r0/6.m4s"));
  assertEquals(window.size(), { segments: 4, bytes: 400, newest: 9 });
});

Deno.test("over the byte cap the oldest goes first, whatever its rendition", () => {
  const window = createLiveWindow({ maxBytes: 450, maxAgeMs: 60_000 });
  for (const sequence of [0, 1, 2]) {
    window.put(segment(sequence));
    window.put(segment(sequence, { rendition: 1 }));
  }
  assertEquals(sequences(window.newest(0, 99)), [1, 2]);
  assertEquals(sequences(window.newest(1, 99)), [1, 2]);
});

Deno.test("a segment larger than the cap is held alone", () => {
  const window = createLiveWindow({ maxBytes: 450, maxAgeMs: 60_000 });
  window.put(segment(0));
  window.put(segment(1, { bytes: 1000 }));
  assertEquals(window.size(), { segments: 1, bytes: 1000, newest: 1 });
});

Deno.test("after any puts the caps hold and the newest is there", () => {
  const puts = fc.array(fc.record({ rendition: fc.nat(2), bytes: fc.nat(400) }), { minLength: 1 });
  fc.assert(fc.property(puts, (list) => {
    const window = createLiveWindow({ maxBytes: 1000, maxAgeMs: 5000 });
    list.forEach((one, sequence) => window.put(segment(sequence, one)));
    const held = [0, 1, 2].flatMap((rendition) => window.newest(rendition, 999));
    const { segments, bytes, newest } = window.size();
    assertEquals(segments, held.length);
    assertEquals(bytes, held.reduce((sum, one) => sum + one.bytes.length, 0));
    assertEquals(bytes <= 1000 || segments === 1, true);
    assertEquals(newest, list.length - 1);
  }));
});
