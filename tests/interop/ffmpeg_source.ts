/** ffmpeg as a source: it sends the demo clip as it is, in real time. */
import { fromFileUrl } from "@std/path";
import { type Child, startChild } from "../support/child.ts";

const CLIP = fromFileUrl(new URL("../../edge/origin/demo/clip.mp4", import.meta.url));

/** Sends `seconds` of the clip to what `outputs` say; each is a list of ffmpeg's arguments. */
export function startFfmpeg(seconds: number, ...outputs: readonly (readonly string[])[]): Child {
  const input = ["-hide_banner", "-nostdin", "-v", "error", "-re", "-i", CLIP];
  const args = outputs.flatMap((output) => ["-c", "copy", "-t", `${seconds}`, ...output]);
  return startChild(Deno.env.get("TRIBUTARY_FFMPEG") ?? "ffmpeg", [...input, ...args]);
}
