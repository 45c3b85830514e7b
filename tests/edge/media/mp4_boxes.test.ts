import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { fieldsOf, findBox, Mp4Error, walkBoxes } from "../../../edge/media/mp4_boxes.ts";
import { readTrackFragments, splitFragments } from "../../../edge/media/mp4_fragments.ts";
import { retimeFragment } from "../../../edge/media/mp4_retime.ts";
import { readTracks } from "../../../edge/media/mp4_tracks.ts";
import { box, join, words } from "./boxes.ts";

function codeOf(work: () => void): string {
  return (assertThrows(work, Mp4Error) as Mp4Error).code;
}

Deno.test("boxes are found one after the other and inside each other", () => {
  const bytes = join(box("ftyp", words(1)), box("moov", box("mvhd"), box("trak", box("tkhd"))));
  assertEquals(walkBoxes(bytes).map(({ type, start, end }) => [type, start, end]), [
    ["ftyp", 0, 12],
    ["moov", 12, 44],
  ]);
  assertEquals(findBox(bytes, ["moov", "trak", "tkhd"])?.start, 36);
  assertEquals(findBox(bytes, ["moov", "mdia"]), undefined);
});

Deno.test("a size of 64 bits is read, and a size of 0 reaches to the end", () => {
  const large = join(words(1, 0x6d646174, 0, 20), words(7), box("free"));
  assertEquals(walkBoxes(large).map(({ type, body, end }) => [type, body, end]), [
    ["mdat", 16, 20],
    ["free", 28, 28],
  ]);
  const open = join(box("free"), words(0, 0x6d646174, 1, 2));
  assertEquals(walkBoxes(open).at(-1)!.end, open.length);
});

Deno.test("truncated and impossible boxes have codes", () => {
  assertEquals(codeOf(() => walkBoxes(box("moov", words(1, 2)).subarray(0, 12))), "mp4-truncated");
  assertEquals(codeOf(() => walkBoxes(new Uint8Array(5))), "mp4-truncated");
  assertEquals(codeOf(() => walkBoxes(words(7, 0x6d646174))), "mp4-malformed");
  assertEquals(codeOf(() => walkBoxes(words(1, 0x6d646174, 0, 15))), "mp4-malformed");
  assertEquals(
    codeOf(() => walkBoxes(words(1, 0x6d646174, 0xffffffff, 0xffffffff))),
    "mp4-malformed",
  );
});

Deno.test("fields cannot be read past the end of their box", () => {
  const bytes = join(box("tfdt", words(0)), box("free", words(1, 2)));
  const fields = fieldsOf(bytes, walkBoxes(bytes)[0]!);
  fields.full();
  assertEquals(codeOf(() => fields.u32()), "mp4-truncated");
});

Deno.test("whatever the bytes, readers answer or throw an Mp4Error", async () => {
  const clip = await Deno.readFile(new URL("../../../edge/origin/demo/clip.mp4", import.meta.url));
  const { init, fragments } = splitFragments(clip);
  // Media data is of no interest here: the headers and a little of it.
  const file = join(init, fragments[0]!.subarray(0, 900));
  const tracks = readTracks(init);
  const spoilt = fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { maxLength: 8 })
    .map((changes) => {
      const bytes = file.slice();
      for (const [at, value] of changes) bytes[at] = value;
      return bytes;
    });
  const cut = fc.nat(file.length).map((length) => file.slice(0, length));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), spoilt, cut), (bytes) => {
      for (
        const read of [
          () => splitFragments(bytes),
          () => readTracks(bytes),
          () => readTrackFragments(bytes, tracks),
          () => retimeFragment(bytes, { sequence: 1, decodeTime: (_, was) => was }),
        ]
      ) {
        try {
          read();
        } catch (error) {
          assert(error instanceof Mp4Error, `${error}`);
        }
      }
    }),
    { numRuns: 1000 },
  );
});
