/** Channels whose sound is a rendition of its own, put by ffmpeg as HLS and as DASH. */
import { fromFileUrl } from "@std/path";
import type { Child } from "../support/child.ts";
import { KEY, type RadioStage, radioStage, startEncoder } from "./radio_stage.ts";

const CLIP = fromFileUrl(new URL("../../edge/origin/demo/clip.mp4", import.meta.url));

/** Names of the channels. */
export const APART = ["apart_hls", "apart_dash"] as const;

/** Resolves when both are on air, for `seconds` more or less. */
export async function apartStage(
  seconds: number,
): Promise<RadioStage & { readonly source: Child }> {
  const stage = await radioStage(APART);
  const at = (name: string) => `http://127.0.0.1:${stage.port}/ingest/${name}/${KEY}`;
  const source = startEncoder(
    ["-re", "-stream_loop", "-1", "-i", CLIP],
    seconds,
    [
      ...["-map", "0:v", "-map", "0:a", "-c", "copy", "-f", "hls", "-hls_time", "2"],
      ...["-hls_segment_type", "fmp4", "-var_stream_map", "v:0,agroup:a a:0,agroup:a"],
      ...["-master_pl_name", "master.m3u8", "-method", "PUT", `${at(APART[0])}/s%v.m3u8`],
    ],
    [
      ...["-map", "0:v", "-map", "0:a", "-c", "copy", "-f", "dash", "-seg_duration", "2"],
      ...["-window_size", "4", "-method", "PUT", `${at(APART[1])}/live.mpd`],
    ],
  );
  await Promise.all(APART.map((name) => stage.onAir(name)));
  return {
    ...stage,
    source,
    async [Symbol.asyncDispose]() {
      await source[Symbol.asyncDispose]();
      await stage[Symbol.asyncDispose]();
    },
  };
}
