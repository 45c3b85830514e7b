import type { Container } from "../../media/container.ts";
import type { Bytes } from "../../media/stream/bytes.ts";
import {
  goesOn,
  initBetween,
  isOneTimeline,
  type LineUnit,
} from "../../media/stream/stream_line.ts";

type Parts = readonly Bytes[];

/** A place to begin. */
export interface LineStart {
  /** Where the media begins on the line, bytes. */
  readonly at: number;
  readonly init?: Bytes;
  readonly container: Container;
}

/** What there is at a place. */
export type Reading =
  | { readonly type: "bytes"; readonly bytes: Bytes; readonly sequence: number }
  /** Nothing yet: it is the end of all that there is. */
  | { readonly type: "later" }
  /** Not any more, or never. */
  | { readonly type: "gone" }
  /** What comes next does not go on what was before, in one stream. */
  | { readonly type: "apart" };

/**
 * The endless line of bytes, of what is in the window, which is not held twice, and of what still
 * grows. Every byte has a number, and keeps it as long as this edge runs.
 */
export interface ByteLine {
  /** Where the media of the unit begins, or will begin if it comes next. */
  mediaAt(unit: LineUnit): number;
  /** Part of a unit that is not whole yet. */
  grow(unit: LineUnit, bytes: Bytes): void;
  /** The unit is whole; `read` gives its bytes, in parts, for as long as they are held. */
  seal(unit: LineUnit, whole: { durationMs: number; read: () => Parts | undefined }): void;
  /** The newest place to begin that has `ms` of media after it, or the oldest of the newest epoch. */
  startBefore(ms: number): LineStart | undefined;
  /** `within` is a reader that comes from the byte before. */
  read(at: number, within: boolean): Reading;
}

interface Stretch {
  readonly unit: LineUnit;
  /** Where its init or, if that is the one from before, its media begins. */
  readonly from: number;
  readonly mediaFrom: number;
  /** Whether a stream can go on with it after what is before. */
  readonly joins: boolean;
  end: number;
  /** Unknown while it grows. */
  durationMs: number;
  /** While it grows. */
  parts: Bytes[];
  read?: () => Parts | undefined;
}

export function createByteLine(): ByteLine {
  let stretches: Stretch[] = [];

  function mediaAt(unit: LineUnit): number {
    const last = stretches.at(-1);
    if (!last) return 0;
    if (isGrowing(last, unit)) return last.mediaFrom;
    return last.end + (initBetween(last.unit, unit)?.length ?? 0);
  }

  /** The stretch of the unit, which is the last one or comes after it. */
  function stretchOf(unit: LineUnit): Stretch {
    const last = stretches.at(-1);
    if (last && isGrowing(last, unit)) return last;
    const mediaFrom = mediaAt(unit);
    const stretch: Stretch = {
      unit,
      from: last?.end ?? 0,
      mediaFrom,
      joins: !last || goesOn(last.unit, unit),
      end: mediaFrom,
      durationMs: 0,
      parts: [],
    };
    stretches.push(stretch);
    return stretch;
  }

  function bytesFrom({ unit, from, mediaFrom, parts, read }: Stretch, at: number) {
    if (at < mediaFrom) return unit.init!.subarray(at - from);
    let offset = at - mediaFrom;
    for (const part of (read ? read() : parts) ?? []) {
      if (offset < part.length) return part.subarray(offset);
      offset -= part.length;
    }
    return undefined;
  }

  return {
    mediaAt,
    grow(unit, bytes) {
      const stretch = stretchOf(unit);
      stretch.parts.push(bytes);
      stretch.end += bytes.length;
    },
    seal(unit, { durationMs, read }) {
      const stretch = stretchOf(unit);
      stretch.durationMs = durationMs;
      stretch.end = stretch.mediaFrom + lengthOf(read());
      stretch.parts = [];
      stretch.read = read;
      stretches = stretches.filter(isHeld);
    },
    startBefore(ms) {
      let found: Stretch | undefined;
      let total = 0;
      const newest = stretches.at(-1)?.unit;
      for (const stretch of stretches.toReversed()) {
        if (!isOneTimeline(stretch.unit, newest!) || !isHeld(stretch)) break;
        found = stretch;
        total += stretch.durationMs;
        if (total >= ms) break;
      }
      if (!found) return undefined;
      const { mediaFrom: at, unit: { init, container } } = found;
      return { at, container, ...(init ? { init } : {}) };
    },
    read(at, within) {
      const end = stretches.at(-1)?.end ?? 0;
      if (at === end) return { type: "later" };
      const stretch = stretches.find((one) => one.from <= at && at < one.end);
      if (!stretch) return { type: "gone" };
      if (within && at === stretch.from && !stretch.joins) return { type: "apart" };
      const bytes = bytesFrom(stretch, at);
      if (!bytes) return { type: "gone" };
      return { type: "bytes", bytes, sequence: stretch.unit.sequence };
    },
  };
}

function isGrowing({ read, unit }: Stretch, { sequence }: LineUnit): boolean {
  return !read && unit.sequence === sequence;
}

function lengthOf(parts: Parts = []): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}

function isHeld({ read }: Stretch): boolean {
  return !read || read() !== undefined;
}
