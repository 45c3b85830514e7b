import { createLoopOrigin } from "../origin/loop_origin.ts";
import { createPullOrigin } from "../origin/pull_origin.ts";
import { createPushOrigin } from "../origin/push/push_origin.ts";
import type { ChannelSource } from "./source.ts";

/** A clip, on air without end. */
export function loopSource(
  { clip, ...source }: {
    name: string;
    title: string;
    poster: string;
    /** A fragmented MP4 (CMAF). */
    clip: Uint8Array<ArrayBuffer>;
  },
): ChannelSource {
  const { name, title } = source;
  return { ...source, open: (context) => createLoopOrigin({ name, title, clip, ...context }) };
}

/** A live HLS stream from elsewhere, pulled while somebody watches. */
export function pullSource({ name, url }: { name: string; url: string }): ChannelSource {
  const title = name;
  return { name, title, open: (context) => createPullOrigin({ name, title, url, ...context }) };
}

/** Whoever has the key sends. */
export function pushSource({ name, key }: { name: string; key: string }): ChannelSource {
  const title = name;
  return { name, title, key, open: (context) => createPushOrigin({ name, title, ...context }) };
}
