import { createLoopOrigin } from "../origin/loop_origin.ts";
import type { ChannelSource } from "./source.ts";

/** A clip, on air without end. `clip` is a fragmented MP4 (CMAF). */
export function loopSource(
  { name, title, clip }: { name: string; title: string; clip: Uint8Array<ArrayBuffer> },
): ChannelSource {
  return { name, title, open: (context) => createLoopOrigin({ name, title, clip, ...context }) };
}
