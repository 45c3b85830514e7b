/** ffmpeg sends as to Icecast (`icecast://`); what is heard is what it made, and plays. */
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { decodeErrors, ffmpeg, ffprobe } from "../edge/origin/ffmpeg.ts";
import { sameBytes } from "../../edge/protocol/bytes.ts";
import { KEY, listenTo, PICTURE, radioStage, startEncoder, TONE } from "./radio_stage.ts";

const SECONDS = 7;
/** Longest pause between two packets of one stream, s: frames are shorter, ten pictures a second. */
const LONGEST_STEP_S = 0.15;
/** Encoders add some samples at both ends. */
const TOLERANCE_S = 0.25;

interface Case {
  readonly name: string;
  readonly codecs: readonly string[];
  readonly format: readonly string[];
  readonly type: string;
  readonly served: string;
  /** Whether two runs of the muxer make the same bytes. */
  readonly repeatable: boolean;
}

const BIT_EXACT = ["-fflags", "+bitexact", "-flags", "+bitexact"];
const MP3 = ["-f", "mp3", "-write_xing", "0", "-id3v2_version", "0"];
const H264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-b:v", "100k"];
const FRAGMENTS = "frag_keyframe+empty_moov+default_base_moof+skip_trailer";
const VP8 = ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "100k"];

const CASES: readonly Case[] = [
  {
    name: "mp3",
    codecs: ["-c:a", "libmp3lame"],
    format: MP3,
    type: "audio/mpeg",
    served: "audio/mpeg",
    repeatable: true,
  },
  {
    name: "aac",
    codecs: ["-c:a", "aac"],
    format: ["-f", "adts"],
    type: "audio/aac",
    served: "audio/aac",
    repeatable: true,
  },
  {
    name: "vorbis",
    codecs: ["-c:a", "libvorbis", ...BIT_EXACT],
    format: ["-f", "ogg"],
    type: "application/ogg",
    served: "audio/ogg",
    repeatable: true,
  },
  {
    name: "opus",
    codecs: ["-c:a", "libopus", ...BIT_EXACT],
    format: ["-f", "ogg"],
    type: "audio/ogg",
    served: "audio/ogg",
    repeatable: true,
  },
  {
    name: "webm",
    codecs: [...VP8, "-g", "20", "-c:a", "libopus", ...BIT_EXACT],
    format: ["-f", "webm"],
    type: "video/webm",
    served: "video/webm",
    // Into a file ffmpeg writes an index, and goes back for sizes.
    repeatable: false,
  },
  {
    name: "mp4",
    codecs: [...H264, "-g", "20", "-c:a", "aac", ...BIT_EXACT],
    format: ["-f", "mp4", "-movflags", FRAGMENTS],
    type: "video/mp4",
    served: "video/mp4",
    repeatable: true,
  },
];

/** Those that have a picture as well as sound. */
const PICTURED = ["webm", "mp4"];

/** How long each stream of a file is, s; throws where its timestamps do not run on. */
async function durations(file: string): Promise<number[]> {
  const { found } = await ffprobe<{
    packets: { stream_index: number; pts_time?: string; dts_time?: string }[];
  }>(["-show_entries", "packet=stream_index,pts_time,dts_time", file]);
  const times: number[][] = [];
  for (const { stream_index: at, pts_time, dts_time } of found.packets) {
    (times[at] ??= []).push(Number(dts_time ?? pts_time));
  }
  return times.map((own) => {
    own.forEach((time, at) => {
      const step = time - (own[at - 1] ?? time);
      assert(step >= 0 && step < LONGEST_STEP_S, `a step of ${step} s at ${time} s`);
    });
    return own.at(-1)! - own[0]!;
  });
}

Deno.test("ffmpeg as a source of Icecast: MP3, AAC, Vorbis, Opus, WebM and fragmented MP4 are heard as they were made", async () => {
  await using stage = await radioStage(CASES.map(({ name }) => name));
  const folder = await Deno.makeTempDir();
  await using sound = startEncoder(
    [...TONE, ...PICTURE],
    SECONDS,
    ...CASES.flatMap(({ name, codecs, format, type, repeatable }) => {
      const made = ["-map", "0:a", ...(PICTURED.includes(name) ? ["-map", "1:v"] : []), ...codecs];
      const url = `icecast://source:${KEY}@127.0.0.1:${stage.port}/${name}`;
      const sent = [...made, ...format, "-content_type", type, "-ice_name", `Radio ${name}`, url];
      return repeatable ? [sent, [...made, ...format, join(folder, `local.${name}`)]] : [sent];
    }),
  );
  await Promise.all(CASES.map(({ name }) => stage.onAir(name)));
  const ears = await Promise.all(CASES.map(({ name }) => listenTo(stage, name)));
  await Promise.all(CASES.map(({ name }) => stage.left(name)));
  assertEquals(sound.log(), "", "ffmpeg has nothing to complain about");
  for (const [at, { name, served, repeatable }] of CASES.entries()) {
    await using ear = ears[at]!;
    assertEquals(ear.headers.get("Content-Type"), served);
    assertEquals(ear.headers.get("icy-name"), `Radio ${name}`);
    const file = join(folder, `heard.${name}`);
    await Deno.writeFile(file, ear.heard());
    if (repeatable) {
      const local = await Deno.readFile(join(folder, `local.${name}`));
      assert(sameBytes(ear.heard(), local), `${name}: ${ear.heard().length} of ${local.length}`);
    }
    assertEquals((await decodeErrors(file)).replaceAll(GUESSED, ""), "", name);
    for (const length of await durations(file)) {
      assert(Math.abs(length - SECONDS) < TOLERANCE_S, `${name}: ${length} s`);
    }
  }
  for (const { name, format } of CASES.slice(0, 2)) {
    const hls = ["-live_start_index", "0", "-i", `${stage.edge.url}/live/${name}/index.m3u8`];
    const played = join(folder, `hls.${name}`);
    await ffmpeg([...hls, "-t", `${SECONDS - 3}`, "-c", "copy", ...format, played]);
    const [bytes, local] = [
      await Deno.readFile(played),
      await Deno.readFile(`${folder}/local.${name}`),
    ];
    assert(bytes.length > local.length / 3, `${name} as HLS: ${bytes.length} of ${local.length}`);
    assert(sameBytes(bytes, local.subarray(0, bytes.length)), `${name} as HLS`);
  }
  const played = join(folder, "hls.mp4");
  await ffmpeg(["-live_start_index", "0", "-i", `${stage.edge.url}/live/mp4/index.m3u8`].concat(
    ["-map", "0", "-t", `${SECONDS - 3}`, "-c", "copy", played],
  ));
  assertEquals(await decodeErrors(played), "");
  const lengths = await durations(played);
  assertEquals(lengths.length, 2, "sound and picture");
  for (const length of lengths) assert(length > SECONDS / 3, `mp4 as HLS: ${length} s`);
  await Deno.remove(folder, { recursive: true });
});

/** ffmpeg says so of every file that is nothing but frames. */
const GUESSED = /\[\w+ @ 0x\w+\] Estimating duration from bitrate, this may be inaccurate\n/g;
