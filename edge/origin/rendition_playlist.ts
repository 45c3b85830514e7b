import { initUriOf, writeMediaPlaylist } from "../media/playlist_write.ts";
import type { Rendition } from "../protocol/channel.ts";
import type { LiveWindow } from "./live_window.ts";

/** Fewer than the window holds: a player starts three segments from the end, the rest is for those who lag. */
export const LISTED_SEGMENTS = 8;

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
  const segments = window.newest(rendition.id, LISTED_SEGMENTS);
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
