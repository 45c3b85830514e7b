import type { Container } from "../../media/container.ts";
import type { Bytes } from "./bytes.ts";

/** A unit of media as it stands in an endless stream. */
export interface LineUnit {
  readonly sequence: number;
  readonly epoch: number;
  readonly container: Container;
  /** What a decoder must have seen before it. */
  readonly init?: Bytes;
}

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
 * The media of one rendition as one endless line of bytes, with an init wherever another one is
 * needed from there on. Every byte has a number, and keeps it as long as this edge runs: listeners
 * differ only in where they are on it. What it says is in the window is not held twice.
 */
export interface ByteLine {
  /** Part of a unit that is not whole yet. */
  grow(unit: LineUnit, bytes: Bytes): void;
  /** The unit is whole; `read` gives its bytes for as long as they are held. */
  seal(unit: LineUnit, whole: { durationMs: number; read: () => Bytes | undefined }): void;
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
  read?: () => Bytes | undefined;
}

/** Containers whose players do not take up another timeline or another init in mid-stream. */
const STEADY: readonly Container[] = ["fmp4", "webm"];

export function createByteLine(): ByteLine {
  let stretches: Stretch[] = [];

  /** The stretch of the unit, which is the last one or comes after it. */
  function stretchOf(unit: LineUnit): Stretch {
    const last = stretches.at(-1);
    if (last && !last.read && last.unit.sequence === unit.sequence) return last;
    const from = last?.end ?? 0;
    const other = unit.init !== undefined && unit.init !== last?.unit.init;
    const mediaFrom = from + (other && last ? unit.init.length : 0);
    const stretch: Stretch = {
      unit,
      from,
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
    if (read) return read()?.subarray(offset);
    for (const part of parts) {
      if (offset < part.length) return part.subarray(offset);
      offset -= part.length;
    }
    return undefined;
  }

  return {
    grow(unit, bytes) {
      const stretch = stretchOf(unit);
      stretch.parts.push(bytes);
      stretch.end += bytes.length;
    },
    seal(unit, { durationMs, read }) {
      const stretch = stretchOf(unit);
      stretch.durationMs = durationMs;
      stretch.end = stretch.mediaFrom + (read()?.length ?? 0);
      stretch.parts = [];
      stretch.read = read;
      stretches = stretches.filter(isHeld);
    },
    startBefore(ms) {
      let found: Stretch | undefined;
      let total = 0;
      const epoch = stretches.at(-1)?.unit.epoch;
      for (const stretch of stretches.toReversed()) {
        if (stretch.unit.epoch !== epoch || !isHeld(stretch)) break;
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

function goesOn(before: LineUnit, { epoch, container }: LineUnit): boolean {
  return before.container === container && (before.epoch === epoch || !STEADY.includes(container));
}

function isHeld({ read }: Stretch): boolean {
  return !read || read() !== undefined;
}
