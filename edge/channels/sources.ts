import { createLoopOrigin } from "../origin/loop_origin.ts";
import { createProgrammeFiles } from "../origin/programme/programme_files.ts";
import { createProgrammeOrigin } from "../origin/programme/programme_origin.ts";
import { loadSchedule } from "../origin/programme/schedule_keeper.ts";
import { createPullOrigin } from "../origin/pull_origin.ts";
import { createPushOrigin } from "../origin/push/push_origin.ts";
import type { Platform } from "../platform/platform.ts";
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

/** The files of a schedule, read while somebody watches. Rejects with a `CodedError` if it cannot be read. */
export async function programmeSource(
  { name, url }: { name: string; url: string },
  platform: Platform,
): Promise<ChannelSource> {
  const files = createProgrammeFiles(platform);
  const first = (await loadSchedule({ files, url, signal: new AbortController().signal }))!;
  const title = first.schedule.title ?? name;
  return {
    name,
    title,
    open: (context) => createProgrammeOrigin({ name, title, url, first, files, ...context }),
  };
}
