import { assertEquals, assertThrows } from "@std/assert";
import { childBoxes, Mp4Error, needBox } from "../../../edge/media/mp4_boxes.ts";
import { readTrackFragments, splitFragments } from "../../../edge/media/mp4_fragments.ts";
import { retimeFragment } from "../../../edge/media/mp4_retime.ts";
import { readTracks } from "../../../edge/media/mp4_tracks.ts";
import { box, join, words } from "./boxes.ts";

const clip = await Deno.readFile(new URL("../../../edge/origin/demo/clip.mp4", import.meta.url));
const { init, fragments } = splitFragments(clip);
const tracks = readTracks(init);

Deno.test("the demo clip's tracks are read from its movie box", () => {
  assertEquals(tracks, [
    {
      id: 1,
      kind: "video",
      timescale: 12800,
      format: "avc1",
      defaultSampleDuration: 0,
      codec: tracks[0]!.codec!,
      size: { width: 640, height: 360 },
    },
    {
      id: 2,
      kind: "audio",
      timescale: 48000,
      format: "mp4a",
      defaultSampleDuration: 0,
      codec: "mp4a.40.2",
    },
  ]);
  assertEquals(/^avc1\.[0-9A-F]{6}$/.test(tracks[0]!.codec!), true);
});

Deno.test("the demo clip is 12 fragments whose tracks follow on each other without a gap", () => {
  assertEquals(fragments.length, 12);
  const times = fragments.map((fragment) => readTrackFragments(fragment, tracks));
  for (const track of tracks) {
    let due = 0;
    for (const one of times.flat().filter(({ trackId }) => trackId === track.id)) {
      assertEquals(one.decodeTime, due);
      due += one.duration;
    }
    assertEquals(due, 24 * track.timescale);
  }
});

Deno.test("a fragment gets other times and another number, and nothing else changes", () => {
  const wanted = new Map([[1, 2 ** 33 + 5], [2, 2 ** 45 + 7]]);
  const moved = retimeFragment(fragments[3]!, {
    sequence: 2 ** 32 + 9,
    decodeTime: (trackId) => wanted.get(trackId)!,
  });
  assertEquals(
    readTrackFragments(moved, tracks).map(({ decodeTime }) => decodeTime),
    [...wanted.values()],
  );
  assertEquals(sequenceOf(moved), 9);
  const back = retimeFragment(moved, {
    sequence: sequenceOf(fragments[3]!),
    decodeTime: (trackId) =>
      readTrackFragments(fragments[3]!, tracks).find((one) => one.trackId === trackId)!.decodeTime,
  });
  assertEquals(back, fragments[3]!.slice());
});

Deno.test("times of 32 bits grow to 64, and sizes and data offsets with them", () => {
  const short = withShortTimes(fragments[3]!);
  assertEquals(short.length, fragments[3]!.length - 8);
  const grown = retimeFragment(short, {
    sequence: sequenceOf(short),
    decodeTime: (_, was) => was,
  });
  assertEquals(grown, fragments[3]!.slice());
});

Deno.test("without a base of its own, only the first track's data counts from the moof", () => {
  const track = (id: number, ...run: Uint8Array[]) =>
    box("traf", box("tfhd", words(0, id)), box("tfdt", words(0, 40)), ...run);
  const run = (offset: number) => box("trun", words(1, 1, offset));
  const offsets = (bytes: Uint8Array) =>
    childBoxes(bytes, needBox(bytes, ["moof"])).filter(({ type }) => type === "traf").map(
      (traf) => {
        const { body } = needBox(bytes, ["trun"], traf);
        return new DataView(bytes.buffer, bytes.byteOffset).getInt32(body + 8);
      },
    );
  const fragment = join(
    box("moof", box("mfhd", words(0, 1)), track(1, run(200)), track(2, run(16))),
    box("mdat", words(1, 2)),
  );
  const moved = retimeFragment(fragment, { sequence: 2, decodeTime: (_, was) => was + 1 });
  assertEquals(offsets(moved), [208, 16]);
  assertEquals(readTrackFragments(moved, []).map(({ decodeTime }) => decodeTime), [41, 41]);
});

Deno.test("what cannot be moved correctly is refused", () => {
  const fragment = (flags: number, ...more: Uint8Array[]) =>
    join(
      box(
        "moof",
        box("mfhd", words(0, 1)),
        box("traf", box("tfhd", words(flags, 1, 0, 0)), box("tfdt", words(0, 40)), ...more),
      ),
      box("mdat"),
    );
  for (const bytes of [fragment(1), fragment(0x20000, box("saio", words(0, 0)))]) {
    const error = assertThrows(
      () => retimeFragment(bytes, { sequence: 1, decodeTime: (_, was) => was }),
      Mp4Error,
    ) as Mp4Error;
    assertEquals(error.code, "mp4-unsupported");
  }
});

function sequenceOf(fragment: Uint8Array): number {
  const { body } = needBox(fragment, ["moof", "mfhd"]);
  return new DataView(fragment.buffer, fragment.byteOffset).getUint32(body + 4);
}

/** The fragment with tfdt boxes of version 0, as another packager would have written it. */
function withShortTimes(fragment: Uint8Array): Uint8Array<ArrayBuffer> {
  const moof = needBox(fragment, ["moof"]);
  const trafs = childBoxes(fragment, moof).filter(({ type }) => type === "traf");
  const shortened = childBoxes(fragment, moof).map((one) => {
    const whole = fragment.subarray(one.start, one.end);
    if (one.type !== "traf") return whole;
    return box(
      "traf",
      ...childBoxes(fragment, one).map((inner) => {
        const bytes = fragment.slice(inner.start, inner.end);
        const view = new DataView(bytes.buffer);
        if (inner.type === "tfdt") return box("tfdt", words(0, view.getUint32(16)));
        if (inner.type === "trun") view.setInt32(16, view.getInt32(16) - 4 * trafs.length);
        return bytes;
      }),
    );
  });
  return join(box("moof", ...shortened), fragment.subarray(moof.end));
}
