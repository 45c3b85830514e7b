import { type ListedSegment, writeMediaPlaylist } from "../../edge/media/playlist_write.ts";
import type { InitFile, Segment } from "./segment_queue.ts";

/** Segments in the playlist: as many as the edge takes of it when it has begun anew. */
const LISTED = 3;
/** Before there is a segment, ms. */
const TARGET_DURATION_MS = 2_000;

/**
 * The playlist of what went up. A segment gets its number when it has arrived, so that numbers have
 * no holes whatever was given up before it. Pure.
 */
export interface Listing {
  /** The name of the file that is put next. */
  next(): string;
  /** What was put under that name. */
  add(segment: Segment): void;
  /** The files that segments of this init segment were put under, for an edge that has lost them. */
  files(init: InitFile): { name: string; bytes: Uint8Array<ArrayBuffer> }[];
  text(end?: "ended"): string;
}

export function createListing(): Listing {
  let segments: (ListedSegment & Segment)[] = [];
  let sequence = 0;
  let discontinuities = 0;
  let lastDiscontinuity: { sequence: number; before: number } | undefined;
  let targetDurationMs = TARGET_DURATION_MS;
  const next = () => `${sequence}.m4s`;

  return {
    next,
    add(segment) {
      const { init, durationMs, discontinuity } = segment;
      if (discontinuity) lastDiscontinuity = { sequence, before: discontinuities++ };
      const listed = { ...segment, sequence, uri: next(), initUri: init.name };
      segments = [...segments, listed].slice(-LISTED);
      // RFC 8216 §4.4.3.1: it must not change; what is longer than promised is the lesser fault.
      targetDurationMs = Math.max(targetDurationMs, durationMs);
      sequence++;
    },
    files: ({ name }) =>
      segments.filter(({ init }) => init.name === name)
        .map(({ uri, bytes }) => ({ name: uri, bytes })),
    text: (end) =>
      writeMediaPlaylist({
        targetDurationMs,
        segments,
        ...(lastDiscontinuity ? { lastDiscontinuity } : {}),
        endList: end === "ended",
      }),
  };
}
