import { assert, assertEquals, assertLess } from "@std/assert";
import fc from "fast-check";
import { splitFragments } from "../../../edge/media/mp4_fragments.ts";
import { firstPicture } from "../../../edge/media/mp4_still.ts";
import { ffmpeg, ffprobe } from "../origin/ffmpeg.ts";
import { box, join, words } from "./boxes.ts";

const clip = await Deno.readFile(new URL("../../../edge/origin/demo/clip.mp4", import.meta.url));
const { init, fragments } = splitFragments(clip);

async function frames(
  bytes: Uint8Array,
  use: (file: string) => Promise<unknown>,
): Promise<unknown> {
  const file = await Deno.makeTempFile({ suffix: ".mp4" });
  try {
    await Deno.writeFile(file, bytes);
    return await use(file);
  } finally {
    await Deno.remove(file);
  }
}

/** A checksum of the first picture that comes out. */
async function firstFrame(file: string): Promise<string> {
  const out = `${file}.md5`;
  await ffmpeg(["-i", file, "-frames:v", "1", "-f", "framemd5", out]);
  const text = await Deno.readTextFile(out);
  await Deno.remove(out);
  return text.trimEnd().split("\n").at(-1)!.split(",").at(-1)!.trim();
}

Deno.test("the first picture of a segment stands alone, and is the one that the segment begins with", async () => {
  const still = firstPicture(init, fragments[3]!)!;
  assertLess(still.length, fragments[3]!.length / 2);
  const { found, errors } = await frames(
    still,
    (file) => ffprobe(["-count_frames", "-select_streams", "v", "-show_streams", file]),
  ) as {
    found: { streams: Record<string, unknown>[] };
    errors: string;
  };
  assertEquals(errors, "");
  const [video] = found.streams;
  assertEquals([video!.nb_read_frames, video!.width, video!.height], ["1", 640, 360]);
  const whole = join(init, fragments[3]!);
  assertEquals(await frames(still, firstFrame), await frames(whole, firstFrame));
});

Deno.test("boxes before the fragment do no harm", () => {
  const still = firstPicture(init, fragments[3]!);
  assertEquals(firstPicture(init, join(box("styp", words(1, 2)), fragments[3]!)), still);
});

Deno.test("where no picture can be told from the rest there is none", () => {
  const moof = 8 + new DataView(fragments[0]!.slice().buffer).getUint32(0);
  assertEquals(
    firstPicture(init, fragments[0]!.subarray(0, moof)),
    undefined,
    "its data is missing",
  );
  const breaksOff = join(fragments[0]!.subarray(0, moof - 8), box("mdat", new Uint8Array(15_000)));
  assertEquals(firstPicture(init, breaksOff), undefined, "its data breaks off");
  assertEquals(firstPicture(init, new Uint8Array(0)), undefined);
  assertEquals(firstPicture(new Uint8Array(0), fragments[0]!), undefined);
  const late = fragments[0]!.slice();
  const text = new TextDecoder("latin1").decode(late.subarray(0, moof));
  // The first run's flags say that its first sample's flags follow the offset: version, flags, count, offset, flags.
  const trun = text.indexOf("trun") + 4;
  const view = new DataView(late.buffer);
  assertEquals((view.getUint32(trun) & 0x4) !== 0 || (view.getUint32(trun) & 0x400) !== 0, true);
  const at = trun + 12 + ((view.getUint32(trun) & 0x4) !== 0 ? 0 : 8);
  view.setUint32(at, 0x01010000);
  assertEquals(firstPicture(init, late), undefined, "it needs others");
});

Deno.test("whatever bytes come, there is a picture or none", () => {
  const segment = fragments[0]!.slice();
  fc.assert(fc.property(
    fc.array(fc.tuple(fc.nat(1_500), fc.nat(255)), { minLength: 1, maxLength: 5 }),
    fc.nat(segment.length),
    (changes, length) => {
      const [badInit, bad] = [init.slice(), segment.slice(0, length)];
      for (const [at, value] of changes) {
        badInit[at % badInit.length] = value;
        if (at < bad.length) bad[at] = value;
      }
      for (const still of [firstPicture(badInit, segment), firstPicture(init, bad)]) {
        assert(still === undefined || still.length <= init.length + segment.length + 200);
      }
    },
  ));
});
