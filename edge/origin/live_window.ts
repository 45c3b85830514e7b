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
  /** Lets everything go. */
  clear(): void;
  /** How much is held. `newest` is the highest sequence number. */
  size(): { segments: number; bytes: number; newest?: number };
}

export const DEFAULT_LIMITS: LiveWindowLimits = { maxBytes: 256 * 1024 * 1024, maxAgeMs: 90_000 };

export function createLiveWindow(limits: LiveWindowLimits = DEFAULT_LIMITS): LiveWindow {
  /** By rendition, oldest first. */
  const lanes = new Map<number, WindowSegment[]>();
  const uris = new Map<string, WindowSegment>();
  const units = new Map<string, WindowSegment>();
  let bytes = 0;

  function laneOf(rendition: number): WindowSegment[] {
    let lane = lanes.get(rendition);
    if (!lane) lanes.set(rendition, lane = []);
    return lane;
  }

  function laneOfOldest(): WindowSegment[] {
    return [...lanes.values()].filter((one) => one.length > 0)
      .reduce((a, b) => (startOf(b) < startOf(a) ? b : a));
  }

  function dropFirst(lane: WindowSegment[]): void {
    const { entry, bytes: { length } } = lane.shift()!;
    uris.delete(entry.uri);
    units.delete(unitKey(entry.unit));
    bytes -= length;
  }

  function evict(newestEndMs: number): void {
    while (uris.size > 1) {
      const lane = laneOfOldest();
      const { startMs, durationMs } = lane[0]!.entry;
      const aged = startMs + durationMs < newestEndMs - limits.maxAgeMs;
      if (!aged && bytes <= limits.maxBytes) return;
      dropFirst(lane);
    }
  }

  return {
    put(segment) {
      const { entry } = segment;
      laneOf(entry.unit.rendition).push(segment);
      uris.set(entry.uri, segment);
      units.set(unitKey(entry.unit), segment);
      bytes += segment.bytes.length;
      evict(entry.startMs + entry.durationMs);
    },
    byUri: (uri) => uris.get(uri),
    byUnit: (key) => units.get(key),
    newest: (rendition, count) => lanes.get(rendition)?.slice(-count) ?? [],
    clear() {
      for (const lane of lanes.values()) while (lane.length > 0) dropFirst(lane);
    },
    size() {
      const newest = Math.max(
        ...[...lanes.values()].map((lane) => lane.at(-1)?.entry.unit.sequence ?? -1),
      );
      return { segments: uris.size, bytes, ...(newest >= 0 ? { newest } : {}) };
    },
  };
}

function startOf(lane: readonly WindowSegment[]): number {
  return lane[0]!.entry.startMs;
}
