import type { LedgerEntry } from "../../edge/protocol/ledger_entry.ts";
import { unitKey } from "../../edge/protocol/unit.ts";
import { isComplete, newSegment, type Segment } from "./segment.ts";

/** How far back media is kept for partners and for a lagging element, ms (DESIGN: the last 60 s). */
const BACK_BUFFER_MS = 60_000;
/** How far an element may lag and still find its media here, ms: one that is paused for long does not. */
const MAX_LAG_MS = 300_000;
/** The most that is kept of it, bytes: a minute of 8 Mbit/s has 60 MB. */
const BACK_BUFFER_BYTES = 96 * 1024 * 1024;

/** The known units of media in order of time, with what is held of each. */
export interface BackBuffer<Payload> {
  get(key: string): Segment<Payload> | undefined;
  /** Adds a unit; answers the known one if it is there already, `undefined` if it is too old. */
  add(
    entry: LedgerEntry,
    live: boolean,
    sinceMs: number,
    turn: number,
  ): Segment<Payload> | undefined;
  /** Those of which anything is known. */
  renditions(): ReadonlySet<number>;
  /** The last in time of a rendition. */
  newest(rendition: number): Segment<Payload> | undefined;
  /** In order of time, oldest first. */
  segments(): readonly Segment<Payload>[];
  /** Those of which media is missing, oldest first: they are few, and looked through all the time. */
  unfinished(): readonly Segment<Payload>[];
  /** Takes out what is too old or too much, and answers it. Media that an element at `playheadMs` needs stays. */
  evict(playheadMs: number): Segment<Payload>[];
}

export function createBackBuffer<Payload>(): BackBuffer<Payload> {
  const byKey = new Map<string, Segment<Payload>>();
  let ordered: Segment<Payload>[] = [];
  let unfinished: Segment<Payload>[] = [];
  let renditions = new Set<number>();
  const newestMs = () => ordered.at(-1)?.entry.startMs ?? 0;

  function changed(): void {
    unfinished = ordered.filter((one) => !isComplete(one));
    renditions = new Set(ordered.map((one) => one.entry.unit.rendition));
  }

  return {
    get: (key) => byKey.get(key),
    segments: () => ordered,
    unfinished() {
      if (unfinished.some(isComplete)) unfinished = unfinished.filter((one) => !isComplete(one));
      return unfinished;
    },
    renditions: () => renditions,
    newest: (rendition) => ordered.findLast((one) => one.entry.unit.rendition === rendition),
    add(entry, live, sinceMs, turn) {
      const known = byKey.get(unitKey(entry.unit));
      if (known) return known;
      if (entry.startMs < newestMs() - BACK_BUFFER_MS) return undefined;
      const segment = newSegment<Payload>(entry, live, sinceMs, turn);
      byKey.set(segment.key, segment);
      const after = ordered.findLastIndex((one) => one.entry.startMs <= entry.startMs);
      ordered.splice(after + 1, 0, segment);
      changed();
      return segment;
    },
    evict(playheadMs) {
      const wantedMs = Math.min(newestMs() - BACK_BUFFER_MS, playheadMs);
      const oldestMs = Math.max(newestMs() - MAX_LAG_MS, wantedMs);
      let bytes = ordered.reduce((sum, one) => sum + bytesOf(one), 0);
      const gone: Segment<Payload>[] = [];
      ordered = ordered.filter((one) => {
        const old = one.entry.startMs < oldestMs;
        const tooMuch = bytes > BACK_BUFFER_BYTES && one.entry.startMs < playheadMs;
        if (!old && !tooMuch) return true;
        bytes -= bytesOf(one);
        byKey.delete(one.key);
        gone.push(one);
        return false;
      });
      if (gone.length > 0) changed();
      return gone;
    },
  };
}

/** What is held of a unit, bytes. */
function bytesOf({ held, parity, entry }: Segment<unknown>): number {
  return (held + parity.size) * entry.pieceBytes;
}
