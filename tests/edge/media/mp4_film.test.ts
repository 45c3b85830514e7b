import { assert, assertEquals, assertThrows } from "@std/assert";
import { concat } from "@std/bytes/concat";
import fc from "fast-check";
import { fieldsOf, Mp4Error, needBox, walkBoxes } from "../../../edge/media/mp4_boxes.ts";
import { writeFilmHead } from "../../../edge/media/mp4_film.ts";
import { createSampleTables } from "../../../edge/media/mp4_samples.ts";
import { box, join, words } from "./boxes.ts";
import { aloneInit, payload, PICTURES } from "./cutting/streams.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** A fragment of samples of these sizes, each of 40 ticks, that begins at `time`; every third can be begun with. */
function fragment(time: number, sizes: readonly number[], seed: number): Bytes {
  const samples = sizes.flatMap((size, at) => [size, at % 3 === 0 ? 0x02000000 : 0x01010000]);
  const movie = (offset: number) =>
    box(
      "moof",
      box("mfhd", words(0, 1)),
      box(
        "traf",
        box("tfhd", words(0x020008, 1, 40)),
        box("tfdt", words(0, time)),
        box("trun", words(0x000601, sizes.length, offset, ...samples)),
      ),
    );
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  return join(movie(movie(0).length + 8), box("mdat", payload(bytes, seed)));
}

/** The numbers after version, flags and count of a box of the only track. */
function listed(film: Bytes, type: string, header: number): number[] {
  const path = ["moov", "trak", "mdia", "minf", "stbl", type];
  const fields = fieldsOf(film, needBox(film, path));
  fields.skip(header);
  const numbers: number[] = [];
  for (const { end } = needBox(film, path); fields.at < end;) numbers.push(fields.u32());
  return numbers;
}

const films = fc.array(
  fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 5 }),
  { minLength: 1, maxLength: 6 },
);

Deno.test("the movie box names every sample of every segment, where it lies", () => {
  fc.assert(fc.property(films, (segments) => {
    const [table] = createSampleTables(aloneInit(PICTURES));
    let [at, time] = [0, 7_000];
    const media = segments.map((sizes, index) => {
      const bytes = fragment(time, sizes, index);
      const [moof] = walkBoxes(bytes);
      table!.add(bytes.subarray(0, moof!.end), at);
      at += bytes.length;
      time += sizes.length * 40;
      return bytes;
    });
    const head = writeFilmHead([table!], at);
    const film = concat([head, ...media]);
    assertEquals(walkBoxes(film).map(({ type }) => type), ["ftyp", "moov", "mdat"]);
    const sizes = listed(film, "stsz", 12);
    assertEquals(sizes, segments.flat());
    // Places have 64 bits, of which these are the lower ones.
    const places = listed(film, "co64", 8).filter((_, index) => index % 2 === 1);
    segments.forEach((own, index) => {
      const data = own.reduce((sum, size) => sum + size, 0);
      assertEquals(film.slice(places[index]!, places[index]! + data), payload(data, index));
    });
    assertEquals(listed(film, "stts", 8), [sizes.length, 40]);
  }));
});

Deno.test("a gap is waited out by the sample before it, and times that go back are refused", () => {
  const [table] = createSampleTables(aloneInit(PICTURES));
  const take = (time: number) => table!.add(fragment(time, [5, 6], 1), 0);
  take(0);
  take(200);
  assertEquals(table!.durations, [40, 160, 40, 40]);
  assertThrows(() => take(0), Mp4Error);
});

Deno.test("what is no movie fragment never throws anything but what says so", () => {
  const junk = fc.tuple(fc.nat(), fc.nat(255)).map(([at, value]) => {
    const bytes = fragment(0, [5, 6, 7], 1);
    bytes[at % bytes.length] = value;
    return bytes;
  });
  fc.assert(
    fc.property(junk, (bytes) => {
      try {
        const [table] = createSampleTables(aloneInit(PICTURES));
        table!.add(bytes, 0);
        writeFilmHead([table!], bytes.length);
      } catch (error) {
        assert(error instanceof Mp4Error, `${error}`);
      }
    }),
    { numRuns: 500 },
  );
});

/** A fragment's movie box: so many runs of `samples` pictures each. */
function ofRuns(time: number, count: number, samples: number): Bytes {
  const runs = Array.from({ length: count }, () => box("trun", words(0x1, samples, 0)));
  const traf = [box("tfhd", words(0x020018, 1, 40, 5)), box("tfdt", words(0, time)), ...runs];
  return box("moof", box("mfhd", words(0, 1)), box("traf", ...traf));
}

Deno.test("a film may have a run for each of its pictures", () => {
  const [table] = createSampleTables(aloneInit(PICTURES));
  for (let at = 0; at < 150; at++) table!.add(ofRuns(at * 40_000, 1_000, 1), at * 100);
  const head = writeFilmHead([table!], 0);
  const { body, end } = needBox(head, ["moov", "trak", "mdia", "minf", "stbl", "co64"]);
  assertEquals(end - body, 8 + 150_000 * 8);
});

Deno.test("a few bytes that tell of more samples than any film has are refused", () => {
  const [table] = createSampleTables(aloneInit(PICTURES));
  assertThrows(() => table!.add(ofRuns(0, 60, 250_000), 0), Mp4Error);
});

Deno.test("a movie whose edits last no time that can be told is no film", () => {
  const [table] = createSampleTables(aloneInit(PICTURES, { timescale: 0 }));
  table!.add(ofRuns(0, 1, 1), 0);
  assertThrows(() => writeFilmHead([table!], 0), Mp4Error, "timescale");
});

Deno.test("without samples there is no film", () => {
  assertThrows(() => writeFilmHead(createSampleTables(aloneInit(PICTURES)), 0), Mp4Error);
});
