/** What holds for every format that is cut. */
import { assert, assertEquals } from "@std/assert";
import { concat } from "@std/bytes/concat";
import fc from "fast-check";
import { CodedError } from "../../../../edge/media/coded_error.ts";
import { createCutter } from "../../../../edge/media/cutting/cutter.ts";
import { FRAMERS, type StreamFormat } from "../../../../edge/media/cutting/stream_format.ts";
import { cutsOf, joined, shapeOf, splitAt } from "./cutting.ts";
import {
  adtsFrame,
  mp3Frame,
  mp4Fragment,
  mp4Init,
  opusHeaders,
  opusPage,
  payload,
  webmCluster,
  webmHeader,
} from "./streams.ts";

const many = (count: number, make: (at: number) => Uint8Array) =>
  concat(Array.from({ length: count }, (_, at) => make(at)));

/** Five seconds or so of each. */
const STREAMS: Record<StreamFormat, Uint8Array> = {
  mp3: many(200, mp3Frame),
  aac: many(240, (at) => adtsFrame(at, 100 + at % 100)),
  ogg: concat([opusHeaders(), many(5, (at) => opusPage(at))]),
  webm: concat([webmHeader(), many(5, (at) => webmCluster(at, { known: at % 2 === 0 }))]),
  fmp4: concat([mp4Init(), many(5, (at) => mp4Fragment(at))]),
};
const formats = Object.keys(STREAMS) as StreamFormat[];
const places = fc.array(fc.nat(100_000), { maxLength: 30 });

for (const format of formats) {
  const stream = STREAMS[format];

  Deno.test(`${format}: the cuts, one after the other, are the stream, byte for byte`, () => {
    const cuts = cutsOf(FRAMERS[format](), [stream]);
    assertEquals(joined(cuts), stream);
    const total = cuts.reduce((sum, cut) => sum + (cut.type === "segment" ? cut.durationMs : 0), 0);
    assert(Math.abs(total - 5_150) < 200, `${total} ms`);
    assert(cuts.every((cut) => cut.type === "init" || cut.durationMs <= 2_020));
  });

  Deno.test(`${format}: it makes no difference how the stream is split on its way`, () => {
    const whole = cutsOf(FRAMERS[format](), [stream]);
    fc.assert(
      fc.property(places, (at) => {
        assertEquals(cutsOf(FRAMERS[format](), splitAt(stream, at)), whole);
      }),
      { numRuns: 30 },
    );
    const bytewise = stream.subarray(0, 4_000);
    assertEquals(
      cutsOf(FRAMERS[format](), [...bytewise].map((byte) => Uint8Array.of(byte))),
      cutsOf(FRAMERS[format](), [bytewise]),
    );
  });

  Deno.test(`${format}: a stream that ends anywhere gives what is whole of it`, () => {
    fc.assert(
      fc.property(fc.nat(stream.length), (end) => {
        const cuts = cutsOf(FRAMERS[format](), [stream.subarray(0, end)]);
        assertEquals(joined(cuts), stream.subarray(0, joined(cuts).length));
        assert(end - joined(cuts).length < 10_000);
      }),
      // Within the head of a cluster of WebM that does not say how long it is.
      { numRuns: 60, examples: [[6_427]] },
    );
  });

  Deno.test(`${format}: arbitrary bytes never throw anything but a coded error`, () => {
    const damaged = fc.tuple(
      fc.array(fc.tuple(fc.nat(stream.length - 1), fc.nat(255)), { maxLength: 20 }),
      places,
    );
    const attempt = (parts: readonly Uint8Array[]) => {
      try {
        cutsOf(FRAMERS[format](), parts);
      } catch (error) {
        assert(error instanceof CodedError, `${error}`);
      }
    };
    fc.assert(
      fc.property(damaged, ([changes, at]) => {
        const bytes = stream.slice();
        for (const [place, value] of changes) bytes[place] = value;
        attempt(splitAt(bytes, at));
      }),
      { numRuns: 200 },
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => attempt([bytes])));
  });

  Deno.test(`${format}: what cannot be cut is refused before it fills the memory`, () => {
    const cutter = createCutter(FRAMERS[format](), {
      targetMs: 1e9,
      maxMs: 1e9,
      maxBytes: 4_000,
      maxJunkBytes: 4_000,
    });
    try {
      for (let at = 0; at < 10; at++) for (const _ of cutter.push(stream));
      assert(false, "it was taken");
    } catch (error) {
      assert(error instanceof CodedError && error.code === "stream-too-large", `${error}`);
    }
  });
}

for (const format of ["mp3", "aac", "ogg"] as const) {
  Deno.test(`${format}: junk before the first frame is left out, junk between frames is kept`, () => {
    const stream = STREAMS[format];
    const clean = cutsOf(FRAMERS[format](), [stream]);
    fc.assert(
      fc.property(fc.nat(900), places, (length, at) => {
        const cuts = cutsOf(FRAMERS[format](), splitAt(concat([payload(length, 3), stream]), at));
        assertEquals(cuts, clean);
      }),
      { numRuns: 30 },
    );
    const last = { mp3: mp3Frame, aac: adtsFrame, ogg: (at: number) => opusPage(at) }[format];
    const noisy = concat([stream, payload(500, 4), many(3, (at) => last(5 + at))]);
    assertEquals(joined(cutsOf(FRAMERS[format](), [noisy])), noisy);
  });

  Deno.test(`${format}: a source that sends nothing but junk is told so`, () => {
    try {
      cutsOf(FRAMERS[format](), [payload(30_000, 5)], { maxJunkBytes: 20_000 });
      assert(false, "it was taken");
    } catch (error) {
      assert(error instanceof CodedError && error.code === "stream-lost", `${error}`);
    }
  });
}

Deno.test("segments are as near to a second as frames allow", () => {
  assertEquals(shapeOf(cutsOf(FRAMERS.aac(), [STREAMS.aac])), [1003, 1003, 1003, 1003, 1003, 107]);
  assertEquals(shapeOf(cutsOf(FRAMERS.ogg(), [STREAMS.ogg])), [
    "init",
    1000,
    1000,
    1000,
    1000,
    1000,
  ]);
  assertEquals(shapeOf(cutsOf(FRAMERS.webm(), [STREAMS.webm])), [
    "init",
    1000,
    1000,
    1000,
    1000,
    1000,
  ]);
  assertEquals(shapeOf(cutsOf(FRAMERS.fmp4(), [STREAMS.fmp4])), [
    "init",
    1000,
    1000,
    1000,
    1000,
    1000,
  ]);
});
