import type { LedgerEntry } from "../protocol/ledger_entry.ts";
import { unitKey } from "../protocol/unit.ts";

/** A unit of media as it is held and served. */
export interface WindowSegment {
  readonly entry: LedgerEntry;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** 16 bytes a piece. */
  readonly digests: Uint8Array<ArrayBuffer>;
}

export interface LiveWindowLimits {
  /** The newest segment stays even where it alone is larger. */
  readonly maxBytes: number;
  /** How far before the end of the newest segment a segment may end, ms. */
  readonly maxAgeMs: number;
}

/** The newest media of one channel: the oldest goes first, whatever its rendition. */
export interface LiveWindow {
  /** Segments of one rendition come in the order of their sequence numbers. */
  put(segment: WindowSegment): void;
  byUri(uri: string): WindowSegment | undefined;
  /** By the key of its unit, as `unitKey` makes it. */
  byUnit(key: string): WindowSegment | undefined;
  /** The newest segments of a rendition, at most `count`, oldest first. */
  newest(rendition: number, count: number): readonly WindowSegment[];
  /** Discontinuities that came before this segment, those included that have left the window. */
  discontinuitiesBefore(segment: WindowSegment): number;
  /** Lets everything go. */
  clear(): void;
  /** How much is held. `newest` is the highest sequence number. */
  size(): { segments: number; bytes: number; newest?: number };
}

export const DEFAULT_LIMITS: LiveWindowLimits = { maxBytes: 256 * 1024 * 1024, maxAgeMs: 90_000 };

interface Lane {
  segments: WindowSegment[];
  discontinuitiesGone: number;
}

export function createLiveWindow(limits: LiveWindowLimits = DEFAULT_LIMITS): LiveWindow {
  const lanes = new Map<number, Lane>();
  const uris = new Map<string, WindowSegment>();
  const units = new Map<string, WindowSegment>();
  let bytes = 0;

  function laneOf(rendition: number): Lane {
    let lane = lanes.get(rendition);
    if (!lane) lanes.set(rendition, lane = { segments: [], discontinuitiesGone: 0 });
    return lane;
  }

  function laneOfOldest(): Lane {
    return [...lanes.values()].filter((one) => one.segments.length > 0)
      .reduce((a, b) => (startOf(b) < startOf(a) ? b : a));
  }

  function dropFirst(lane: Lane): void {
    const { entry, bytes: { length } } = lane.segments.shift()!;
    if (entry.discontinuity) lane.discontinuitiesGone++;
    uris.delete(entry.uri);
    units.delete(unitKey(entry.unit));
    bytes -= length;
  }

  function evict(newestEndMs: number): void {
    while (uris.size > 1) {
      const lane = laneOfOldest();
      const { startMs, durationMs } = lane.segments[0]!.entry;
      const aged = startMs + durationMs < newestEndMs - limits.maxAgeMs;
      if (!aged && bytes <= limits.maxBytes) return;
      dropFirst(lane);
    }
  }

  return {
    put(segment) {
      const { entry } = segment;
      laneOf(entry.unit.rendition).segments.push(segment);
      uris.set(entry.uri, segment);
      units.set(unitKey(entry.unit), segment);
      bytes += segment.bytes.length;
      evict(entry.startMs + entry.durationMs);
    },
    byUri: (uri) => uris.get(uri),
    byUnit: (key) => units.get(key),
    newest: (rendition, count) => lanes.get(rendition)?.segments.slice(-count) ?? [],
    discontinuitiesBefore(segment) {
      const lane = laneOf(segment.entry.unit.rendition);
      const before = lane.segments.slice(0, lane.segments.indexOf(segment));
      return lane.discontinuitiesGone + before.filter((one) => one.entry.discontinuity).length;
    },
    clear() {
      for (const lane of lanes.values()) while (lane.segments.length > 0) dropFirst(lane);
    },
    size() {
      const newest = Math.max(
        ...[...lanes.values()].map((lane) => lane.segments.at(-1)?.entry.unit.sequence ?? -1),
      );
      return { segments: uris.size, bytes, ...(newest >= 0 ? { newest } : {}) };
    },
  };
}

function startOf(lane: Lane): number {
  return lane.segments[0]!.entry.startMs;
}
