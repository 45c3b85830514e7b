/** Streams that ffmpeg made, over sockets, all the way into ffmpeg. */
import { assert, assertEquals } from "@std/assert";
import { createPullOrigin } from "../../../edge/origin/pull_origin.ts";
import type { ChannelOrigin } from "../../../edge/origin/channel_origin.ts";
import { createFakePlatform } from "../fake_platform.ts";
import { createEventLog } from "./event_log.ts";
import { decodeErrors, ffmpeg, ffprobe } from "./ffmpeg.ts";

const PICTURE = ["-f", "lavfi", "-i", "testsrc2=size=160x90:rate=25:duration=6"];
const SOUND = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=6"];
const CODECS = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-c:a", "aac", "-ac", "1"];
const HLS = ["-f", "hls", "-hls_time", "1", "-hls_list_size", "0"];

interface Probed {
  streams: { codec_name: string }[];
  packets: { stream_index: number; dts_time: string; duration_time: string }[];
}

/** Makes a stream with ffmpeg, pulls it, and has ffmpeg play what comes out. */
async function pullThrough(
  args: readonly string[],
  index: string,
  check: (
    served: { origin: ChannelOrigin; log: ReturnType<typeof createEventLog>; address: string },
  ) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  await ffmpeg(args, folder);
  const silent = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  // The redirect leads elsewhere: relative addresses must be read from there.
  const upstream = Deno.serve(silent, async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/start") return Response.redirect(new URL(`/files/${index}`, request.url));
    if (!pathname.startsWith("/files/")) return new Response("", { status: 404 });
    return new Response(await Deno.readFile(folder + pathname.slice("/files".length)));
  });
  const log = createEventLog();
  const origin = createPullOrigin({
    name: "real",
    title: "Real",
    url: `http://127.0.0.1:${upstream.addr.port}/start`,
    platform: createFakePlatform({ fetch }),
    emit: log.emit,
  });
  const edge = Deno.serve(silent, (request) => {
    const path = new URL(request.url).pathname.replace("/live/real/", "");
    return origin.respond(path, request);
  });
  try {
    const address = `http://127.0.0.1:${edge.addr.port}/live/real/index.m3u8`;
    await check({ origin, log, address });
  } finally {
    await origin.stop();
    await Promise.all([upstream.shutdown(), edge.shutdown()]);
    await Deno.remove(folder, { recursive: true });
  }
}

async function assertPlays(address: string, codecs: string[]): Promise<void> {
  const { found, errors } = await ffprobe<Probed>(["-show_streams", "-show_packets", address]);
  assertEquals(errors, "");
  assertEquals(found.streams.map(({ codec_name }) => codec_name).sort(), codecs);
  // The last three segments of 1 s, of which the very last may be a remainder.
  found.streams.forEach((_, index) => {
    const times = found.packets.filter((packet) => packet.stream_index === index)
      .map(({ dts_time }) => Number(dts_time));
    const length = times.at(-1)! - times[0]!;
    assert(length > 1.9 && length < 3.2, `stream ${index} lasts ${length} s`);
  });
  assertEquals(await decodeErrors(address), "");
}

Deno.test("a TS stream from ffmpeg plays when pulled through", () =>
  pullThrough(
    [...PICTURE, ...SOUND, ...CODECS, ...HLS, "live.m3u8"],
    "live.m3u8",
    async ({ address, log }) => {
      await assertPlays(address, ["aac", "h264"]);
      assertEquals(log.descriptions().at(-1)!.renditions[0]!.container, "ts");
    },
  ));

Deno.test("a fragmented MP4 stream from ffmpeg plays when pulled through, and its codecs and size are known", () =>
  pullThrough(
    [...PICTURE, ...SOUND, ...CODECS, ...HLS, "-hls_segment_type", "fmp4", "live.m3u8"],
    "live.m3u8",
    async ({ address, log }) => {
      await assertPlays(address, ["aac", "h264"]);
      const [rendition] = log.descriptions().at(-1)!.renditions;
      assertEquals(rendition!.container, "fmp4");
      assert(
        /^CODECS="avc1\.[0-9A-F]{6},mp4a\.40\.2",RESOLUTION=\d+x\d+$/.test(rendition!.attributes),
      );
    },
  ));

Deno.test("two qualities with an audio rendition of their own from ffmpeg play when pulled through", () =>
  pullThrough(
    [
      ...PICTURE,
      ...SOUND,
      ...["-map", "0:v", "-map", "0:v", "-map", "1:a", ...CODECS],
      ...["-b:v:0", "200k", "-b:v:1", "80k", "-s:v:1", "80x46", ...HLS],
      ...["-hls_segment_type", "fmp4", "-hls_flags", "independent_segments+program_date_time"],
      ...["-var_stream_map", "v:0,agroup:sound v:1,agroup:sound a:0,agroup:sound,default:yes"],
      ...["-master_pl_name", "master.m3u8", "stream%v.m3u8"],
    ],
    "master.m3u8",
    async ({ address, log, origin }) => {
      await assertPlays(address, ["aac", "h264", "h264"]);
      const description = log.descriptions().at(-1)!;
      assertEquals(description.renditions.map(({ kind }) => kind), ["main", "main", "audio"]);
      for (const { id } of description.renditions) assertEquals(log.entries(id).length, 3);
      assertEquals(origin.stats().state, "off-air");
    },
  ));
