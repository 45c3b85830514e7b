/** VLC and ffplay at every format that goes out: what people open an address with. */
import { assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { PLAYERS } from "./players.ts";
import { KEY, PICTURE, radioStage, startEncoder, TONE } from "./radio_stage.ts";

const CLIP = fromFileUrl(new URL("../../edge/origin/demo/clip.mp4", import.meta.url));
const VP8 = ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "100k"];
/** Of lists that name their init anew, of streams that are joined in the middle. */
const HARMLESS =
  /duplicated MOOV|Last message repeated|DTS \d+ < \d+ out of order|Estimating duration|backstep/;

const SOUND = ["mp3", "aac", "vorbis", "opus", "webm"];
const PICTURES = ["fmp4", "hls", "ts", "dash"];
/** What is played: sound apart from pictures plays as HLS and DASH only. */
const PATHS = [
  ...["mp3", "aac", "vorbis", "opus", "webm", "fmp4", "hls", "ts"].map((name) => `stream/${name}`),
  ...["mp3", "aac", "hls", "ts", "dash"].map((name) => `live/${name}/index.m3u8`),
  "live/dash/manifest.mpd",
];

for (const name of ["vlc", "ffplay"]) {
  const plays = PLAYERS[name];
  Deno.test({
    name: `${name} plays MP3, AAC, Ogg, WebM, fMP4, TS, HLS and DASH`,
    ignore: !plays,
    async fn() {
      await using stage = await radioStage([...SOUND, ...PICTURES]);
      const put = (path: string) => `http://127.0.0.1:${stage.port}/ingest/${path}`;
      const icecast = (channel: string, type: string) => [
        ...["-content_type", type, `icecast://source:${KEY}@127.0.0.1:${stage.port}/${channel}`],
      ];
      await using _sound = startEncoder(
        [...TONE, ...PICTURE],
        90,
        ["-map", "0:a", "-c:a", "libmp3lame", "-f", "mp3", ...icecast("mp3", "audio/mpeg")],
        ["-map", "0:a", "-c:a", "aac", "-f", "adts", ...icecast("aac", "audio/aac")],
        ["-map", "0:a", "-c:a", "libvorbis", "-f", "ogg", ...icecast("vorbis", "audio/ogg")],
        ["-map", "0:a", "-c:a", "libopus", "-f", "ogg", ...icecast("opus", "audio/ogg")],
        [
          ...["-map", "0:a", "-map", "1:v", ...VP8, "-g", "20", "-c:a", "libopus"],
          ...["-f", "webm", ...icecast("webm", "video/webm")],
        ],
      );
      const fragments = ["-f", "mp4", "-movflags", "frag_keyframe+empty_moov+default_base_moof"];
      const hls = ["-c", "copy", "-f", "hls", "-hls_time", "2", "-method", "PUT"];
      await using _pictures = startEncoder(
        ["-re", "-stream_loop", "-1", "-i", CLIP],
        90,
        ["-c", "copy", ...fragments, ...icecast("fmp4", "video/mp4")],
        [...hls, "-hls_segment_type", "fmp4", put(`hls/${KEY}/live.m3u8`)],
        [...hls, put(`ts/${KEY}/live.m3u8`)],
        [
          "-c",
          "copy",
          "-f",
          "dash",
          "-seg_duration",
          "2",
          "-method",
          "PUT",
          put(`dash/${KEY}/live.mpd`),
        ],
      );
      await Promise.all([...SOUND, ...PICTURES].map((channel) => stage.onAir(channel)));
      await Promise.all(PATHS.map(async (path) => {
        const complaints = (await plays!(`${stage.edge.url}/${path}`)).split("\n")
          .filter((line) => line && !HARMLESS.test(line));
        assertEquals(complaints, [], path);
      }));
    },
  });
}
