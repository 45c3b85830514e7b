import { Mp4Error } from "../media/mp4_boxes.ts";
import { fragmentsOf, readTrackFragments } from "../media/mp4_fragments.ts";
import type { Track } from "../media/mp4_tracks.ts";
import type { WindowSegment } from "./live_window.ts";

/** Where a segment stands on its own timeline, in ticks of one track. */
export interface MediaTimes {
  readonly time: number;
  readonly duration: number;
}

const known = new WeakMap<WindowSegment, MediaTimes | undefined>();

/** Reads when `track` begins in a segment of fragmented MP4 and how long it lasts; `undefined` where it does not say. */
export function mediaTimes(
  segment: WindowSegment,
  track: Track,
  tracks: readonly Track[],
): MediaTimes | undefined {
  if (!known.has(segment)) known.set(segment, readMediaTimes(segment.bytes, track, tracks));
  return known.get(segment);
}

/** The same, of a segment that is not in the window. */
export function readMediaTimes(
  bytes: Uint8Array,
  track: Track,
  tracks: readonly Track[],
): MediaTimes | undefined {
  try {
    const own = fragmentsOf(bytes)
      .flatMap((fragment) => readTrackFragments(fragment, tracks))
      .filter(({ trackId }) => trackId === track.id);
    const duration = own.reduce((sum, fragment) => sum + fragment.duration, 0);
    return own[0] && duration > 0 ? { time: own[0].decodeTime, duration } : undefined;
  } catch (error) {
    if (error instanceof Mp4Error) return undefined;
    throw error;
  }
}
