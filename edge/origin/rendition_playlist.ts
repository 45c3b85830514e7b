import { initUriOf, writeMediaPlaylist } from "../media/playlist_write.ts";
import type { Rendition } from "../protocol/channel.ts";
import type { LiveWindow } from "./live_window.ts";

const LEAST_LISTED = 8;
const LISTED_MS = 16_000;

/**
 * How many segments are listed. Fewer than the window holds: a player starts three of them from the end, the
 * rest is for those who lag, who lag no less where segments are short.
 */
export function listedSegments(targetDurationMs: number): number {
  return Math.max(LEAST_LISTED, Math.ceil(LISTED_MS / targetDurationMs));
}

/**
 * The media playlist of one rendition as it is served; its URIs are relative to `from`, a folder
 * below the base. `undefined` while there is no segment to list.
 */
export function renditionPlaylist({ window, rendition, targetDurationMs, from, endList }: {
  window: LiveWindow;
  rendition: Rendition;
  targetDurationMs: number;
  from: string;
  endList: boolean;
}): string | undefined {
  const segments = window.newest(rendition.id, listedSegments(targetDurationMs));
  if (segments.length === 0) return undefined;
  const relative = (path: string) => path.startsWith(from) ? path.slice(from.length) : `../${path}`;
  return writeMediaPlaylist({
    targetDurationMs,
    endList,
    lastDiscontinuity: rendition.lastDiscontinuity,
    segments: segments.map(({ entry }) => {
      const initUri = initUriOf(rendition, entry.unit.epoch);
      return {
        uri: relative(entry.uri),
        sequence: entry.unit.sequence,
        startMs: entry.startMs,
        durationMs: entry.durationMs,
        discontinuity: entry.discontinuity,
        ...(initUri === undefined ? {} : { initUri: relative(initUri) }),
      };
    }),
  });
}
