import { assert, assertEquals, assertThrows } from "@std/assert";
import { concat } from "@std/bytes/concat";
import fc from "fast-check";
import {
  childBoxes,
  fieldsOf,
  Mp4Error,
  needBox,
  walkBoxes,
} from "../../../../edge/media/mp4_boxes.ts";
import { fragmentsOf, readTrackFragments } from "../../../../edge/media/mp4_fragments.ts";
import { readTracks } from "../../../../edge/media/mp4_tracks.ts";
import { createTrackWriter, mergeInits } from "../../../../edge/media/stream/two_tracks.ts";
import { aloneInit, aloneSegment, mp4Init, PICTURES, SOUND } from "../cutting/streams.ts";

type Bytes = Uint8Array<ArrayBuffer>;

function written(id: number, at: number, parts: readonly Bytes[]): Bytes {
  const write = createTrackWriter(id, at);
  return concat(parts.flatMap((part) => write(part)));
}

Deno.test("pictures and sound are the two tracks of one init, and nothing else comes along", () => {
  const init = mergeInits(aloneInit(PICTURES), aloneInit(SOUND));
  assertEquals(
    readTracks(init).map(({ id, kind, timescale, defaultSampleDuration }) => [
      id,
      kind,
      timescale,
      defaultSampleDuration,
    ]),
    [[1, "video", 1000, 0], [2, "audio", 48_000, 0]],
  );
  const moov = needBox(init, ["moov"]);
  assertEquals(childBoxes(init, moov).map(({ type }) => type), ["mvhd", "trak", "trak", "mvex"]);
  assertEquals(walkBoxes(init).map(({ type }) => type), ["ftyp", "moov"]);
});

Deno.test("an edit of the sound lasts as long in the timescale of the pictures' movie", () => {
  const sound = aloneInit(SOUND, { timescale: 48_000, editTicks: 24_000 });
  const init = mergeInits(aloneInit(PICTURES), sound);
  const trak = childBoxes(init, needBox(init, ["moov"])).filter(({ type }) => type === "trak")[1];
  const elst = fieldsOf(init, needBox(init, ["edts", "elst"], trak));
  elst.skip(8);
  assertEquals(elst.u32(), 500);
});

Deno.test("an init of two tracks, or of none, is not merged", () => {
  for (const [first, second] of [[mp4Init(), aloneInit(SOUND)], [aloneInit(PICTURES), mp4Init()]]) {
    assertThrows(() => mergeInits(first!, second!), Mp4Error);
  }
  assertThrows(() => mergeInits(aloneInit(PICTURES), new Uint8Array(40)), Mp4Error);
});

Deno.test("an edit that lasts no time that can be told is not merged, in 64 bits either", () => {
  const long = aloneInit(SOUND, { timescale: 0, editTicks: 9 });
  const elst = needBox(long, ["moov", "trak", "edts", "elst"]);
  for (const version of [0, 1]) {
    long[elst.body] = version;
    assertThrows(() => mergeInits(aloneInit(PICTURES), long), Mp4Error, "timescale");
  }
});

Deno.test("whatever an init has in it, merging throws nothing but what says so", () => {
  const changed = fc.tuple(fc.nat(), fc.nat(255)).map(([at, value]) => {
    const init = aloneInit(SOUND, { timescale: 48_000, editTicks: 9 });
    init[at % init.length] = value;
    return init;
  });
  fc.assert(
    fc.property(changed, (init) => {
      try {
        mergeInits(aloneInit(PICTURES), init);
      } catch (error) {
        assert(error instanceof Mp4Error, `${error}`);
      }
    }),
    { numRuns: 1_000 },
  );
});

/** A segment, and the same in parts. */
const segments = fc.record({
  startS: fc.integer({ min: 0, max: 40_000 }),
  fragments: fc.integer({ min: 1, max: 5 }),
  seed: fc.nat(99),
  cuts: fc.array(fc.nat(2_000), { maxLength: 12 }),
  id: fc.constantFrom(1, 2),
  at: fc.integer({ min: 0, max: 2 ** 33 }),
}).map(({ startS, fragments, seed, cuts, ...rest }) => {
  const segment = aloneSegment(SOUND, { startS, endS: startS + 2, fragments, seed });
  const places = [0, ...cuts.map((cut) => cut % segment.length).sort((a, b) => a - b)];
  const parts = places.map((from, index) => segment.slice(from, places[index + 1]));
  return { ...rest, segment, parts };
});

Deno.test("media keeps its length, its data and its times, whatever parts it comes in", () => {
  fc.assert(fc.property(segments, ({ segment, parts, id, at }) => {
    const whole = written(id, at, [segment]);
    assertEquals(written(id, at, parts), whole);
    assertEquals(whole.length, segment.length);
    const tracks = (bytes: Bytes) =>
      fragmentsOf(bytes).map((one) => readTrackFragments(one, [])[0]);
    assertEquals(tracks(whole), tracks(segment).map((one) => ({ ...one!, trackId: id })));
    for (const [own, was] of walkBoxes(whole).map((box, i) => [box, walkBoxes(segment)[i]!])) {
      assertEquals(own!.type, was!.type === "sidx" ? "free" : was!.type);
      if (own!.type !== "mdat") continue;
      assertEquals(whole.subarray(own!.body, own!.end), segment.subarray(was!.body, was!.end));
    }
  }));
});

Deno.test("each fragment is numbered by its place in the stream", () => {
  fc.assert(fc.property(segments, ({ segment, id, at }) => {
    const whole = written(id, at, [segment]);
    for (const moof of walkBoxes(whole).filter(({ type }) => type === "moof")) {
      const mfhd = fieldsOf(whole, needBox(whole, ["mfhd"], moof));
      mfhd.skip(4);
      assertEquals(mfhd.u32(), (at + moof.start) % 2 ** 32);
    }
  }));
});

Deno.test("what is no MP4 is refused or goes through, and never throws anything else", () => {
  const junk = fc.oneof(
    fc.uint8Array({ maxLength: 99 }),
    fc.tuple(fc.nat(), fc.nat(255)).map(([at, value]) => {
      const segment = aloneSegment(PICTURES, { startS: 0, endS: 2 });
      segment[at % segment.length] = value;
      return segment;
    }),
  ).map((bytes) => Uint8Array.from(bytes));
  fc.assert(
    fc.property(junk, (bytes) => {
      try {
        assert(written(1, 0, [bytes]).length <= bytes.length);
      } catch (error) {
        assert(error instanceof Mp4Error, `${error}`);
      }
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("data offsets that count from the file's start are refused", () => {
  const segment = aloneSegment(PICTURES, { startS: 0, endS: 2 });
  const traf = needBox(segment, ["moof", "traf", "tfhd"]);
  segment[traf.body + 3]! |= 1;
  assertThrows(() => written(1, 0, [segment]), Mp4Error);
});
