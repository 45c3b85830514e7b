import { concat } from "@std/bytes/concat";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { CodedError } from "../../../../edge/media/coded_error.ts";
import { readTrackFragments } from "../../../../edge/media/mp4_fragments.ts";
import { readTracks } from "../../../../edge/media/mp4_tracks.ts";
import { type FileSegment, openMediaFile } from "../../../../edge/origin/programme/media_file.ts";
import { decodeErrors } from "../ffmpeg.ts";
import { AAC, type ClipOptions, H264, makeClip } from "./clips.ts";

function open(bytes: Uint8Array<ArrayBuffer>) {
  const read = (from: number, to: number) => Promise.resolve(bytes.subarray(from, to));
  return openMediaFile({ length: bytes.length, read });
}

/** All of a file, as it is put on air. */
async function airing(bytes: Uint8Array<ArrayBuffer>) {
  const file = await open(bytes);
  const init = await file.init();
  const spans: FileSegment[] = [];
  const fragments: Uint8Array<ArrayBuffer>[] = [];
  for (let atMs = 0; atMs < file.lengthMs; atMs = spans.at(-1)!.endMs) {
    const span = await file.segmentAt(atMs);
    spans.push(span);
    fragments.push((await file.fragment(span))!);
  }
  file.close();
  return { lengthMs: file.lengthMs, init, spans, fragments };
}

/** Each track's fragments follow on each other, ms. */
function assertRunsOn({ init, fragments }: Awaited<ReturnType<typeof airing>>): void {
  const tracks = readTracks(init);
  for (const { id, timescale } of tracks) {
    const own = fragments.flatMap((one) => readTrackFragments(one, tracks))
      .filter(({ trackId }) => trackId === id);
    own.slice(1).forEach(({ decodeTime }, at) => {
      const before = own[at]!;
      const gapMs = (decodeTime - before.decodeTime - before.duration) * 1000 / timescale;
      assert(Math.abs(gapMs) <= 1, `track ${id}: ${gapMs} ms at ${at}`);
    });
  }
}

const MP4 = { seconds: 5 };
const KINDS: readonly (readonly [string, string, ClipOptions, number[]])[] = [
  ["MP4 whose tables come last", "a.mp4", MP4, [0, 2_000, 4_000, 5_000]],
  ["MP4 whose tables come first", "a.mp4", { ...MP4, format: ["-movflags", "+faststart"] }, [
    ...[0, 2_000, 4_000, 5_000],
  ]],
  [
    "fragmented MP4",
    "a.mp4",
    { ...MP4, format: ["-movflags", "frag_keyframe+empty_moov+default_base_moof"] },
    [0, 2_000, 4_000, 5_000],
  ],
  [
    "MP4 with B-frames, and keyframes every three seconds",
    "a.mp4",
    { ...MP4, video: ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", "30", "-bf", "2"] },
    [0, 3_000, 5_000],
  ],
  ["MP4 without sound", "a.mp4", { ...MP4, audio: [] }, [0, 2_000, 4_000, 5_000]],
  [
    "WebM",
    "a.webm",
    {
      ...MP4,
      video: ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-g", "20"],
      audio: ["-c:a", "libopus"],
    },
    [0, 2_000, 4_000, 5_000],
  ],
  ["MP3", "a.mp3", { ...MP4, video: [], audio: ["-c:a", "libmp3lame"] }, []],
  ["AAC in ADTS", "a.aac", { ...MP4, video: [], audio: AAC }, []],
];

for (const [what, name, options, expected] of KINDS) {
  Deno.test(`${what}: segments of about 2 s that run on, and decode`, async () => {
    const aired = await airing(await makeClip(name, options));
    const { lengthMs, init, spans, fragments } = aired;
    assert(Math.abs(lengthMs - 5_000) < 100, `${lengthMs} ms`);
    const borders = [0, ...spans.map(({ endMs }) => endMs)];
    if (expected.length > 0) assertEquals(borders.map((ms) => Math.round(ms / 50) * 50), expected);
    else {assert(
        spans.slice(0, -1).every(({ startMs, endMs }) => Math.abs(endMs - startMs - 2_000) < 30),
      );}
    assertRunsOn(aired);
    const path = await Deno.makeTempFile({ suffix: ".mp4" });
    await Deno.writeFile(path, concat([init, ...fragments]));
    assertEquals(await decodeErrors(path), "");
    await Deno.remove(path);
  });
}

Deno.test("a file gives the same bytes each time, and files made alike the same init", async () => {
  const bytes = await makeClip("a.mp4", { seconds: 5 });
  const other = await makeClip("b.mp4", { seconds: 3, tone: 880 });
  const first = await airing(bytes);
  assertEquals(await airing(bytes), first);
  assertEquals((await airing(other)).init, first.init);
});

Deno.test("every moment of a segment answers it", async () => {
  const file = await open(await makeClip("a.mp4", { seconds: 5 }));
  for (const atMs of [2_000, 2_001, 3_000, 3_999]) {
    assertEquals(await file.segmentAt(atMs), { startMs: 2_000, endMs: 4_000 });
  }
  file.close();
});

Deno.test("a segment that is cut off has nothing from after its end", async () => {
  const file = await open(await makeClip("a.mp4", { seconds: 5 }));
  const tracks = readTracks(await file.init());
  const fragment = await file.fragment({ startMs: 2_000, endMs: 2_950 });
  for (const { trackId, decodeTime, duration } of readTrackFragments(fragment!, tracks)) {
    const { timescale } = tracks.find(({ id }) => id === trackId)!;
    assert((decodeTime + duration) / timescale <= 3.001);
  }
  file.close();
});

const REFUSED: readonly (readonly [string, () => Promise<Uint8Array<ArrayBuffer>>, string])[] = [
  ["a page", () => Promise.resolve(new TextEncoder().encode("<html>".repeat(99))), "no kind"],
  [
    "MP4 with MPEG-4 part 2",
    () => makeClip("a.mp4", { seconds: 2, video: ["-c:v", "mpeg4"] }),
    "pictures are coded as mp4v",
  ],
  [
    "MP4 with AC-3",
    () => makeClip("a.mp4", { seconds: 2, video: H264, audio: ["-c:a", "ac3"] }),
    "sound is coded as ac3",
  ],
];

for (const [what, make, message] of REFUSED) {
  Deno.test(`${what} is refused with what is supported`, async () => {
    const error = await assertRejects(async () => await open(await make()), CodedError);
    assertEquals(error.code, "unsupported-media");
    assertStringIncludes(error.message, message);
    assertStringIncludes(error.hint, "H.264 and AAC");
  });
}

Deno.test("a file that is cut off is broken, and says so", async () => {
  const whole = await makeClip("a.mp4", { seconds: 5, format: ["-movflags", "+faststart"] });
  const file = await open(whole.slice(0, whole.length / 2));
  const error = await assertRejects(
    async () => await file.fragment(await file.segmentAt(4_000)),
    CodedError,
  );
  assertEquals(error.code, "file-broken");
  file.close();
});

Deno.test("what reading fails with is what is told", async () => {
  const away = new CodedError("away", "The server is away.", "Wait.");
  const read = () => Promise.reject(away);
  const error = await assertRejects(() => openMediaFile({ length: 1_000, read }), CodedError);
  assertEquals(error.code, "away");
});
