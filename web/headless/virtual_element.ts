/**
 * A media element that shows nothing: it asks and waits as one with native HLS does, and keeps account
 * of what was there when its time to play came. Time comes in as a parameter, ms on any clock.
 */
import type { LedgerEntry } from "../../edge/protocol/ledger_entry.ts";
import { pieceCount } from "../../edge/protocol/pieces.ts";
import { holdMs } from "../player/hold.ts";

/** It starts with the third segment from the end of the playlist (RFC 8216bis §6.3.3). */
const START_BEHIND = 3;
/** It asks for no more while it has this much in its buffer, ms. */
const FULL_MS = 10_000;

/** The segment that the element wants now. */
export interface Ask {
  readonly entry: LedgerEntry;
  /** When it has to be there, ms on the clock of the calls. */
  readonly deadlineMs: number;
}

/** All figures are since the start, and only grow. */
export interface Playback {
  /** From the first call to the first segment; `undefined` before that. */
  readonly startMs: number | undefined;
  /** Pieces that had to be there, but for those of the first segment, which begins the play. */
  readonly due: number;
  /** Those that were there by their time to play. `there / due` is the continuity index (CoolStreaming). */
  readonly there: number;
  readonly stalls: number;
  /** Times without a picture after the first one, ms, one that goes on included. */
  readonly stalledMs: number;
  /** Segments that came into the buffer, and their bytes. */
  readonly segments: number;
  readonly bytes: number;
}

export interface VirtualElement {
  /** The playlist lists a segment; those that are not newer than the newest are known. */
  list(entry: LedgerEntry, nowMs: number): void;
  /** What to get now; one at a time. */
  next(nowMs: number): Ask | undefined;
  /** A further piece of what it asked for has come, in order. */
  piece(nowMs: number): void;
  /** All of what it asked for has come. */
  complete(nowMs: number): void;
  /** It did not come: the element asks again. */
  failed(nowMs: number): void;
  /** Nobody has it any more: the element goes on near the live edge. */
  gone(nowMs: number): void;
  playback(nowMs: number): Playback;
}

export function createVirtualElement(joinedMs: number): VirtualElement {
  /** Segments that are listed and not in the buffer, in order. */
  let listed: LedgerEntry[] = [];
  let newest = -1;
  let begun = false;
  let asking = false;
  /** Pieces of the first listed segment that have come. */
  let pieces = 0;
  /** The first listed segment was not there in time, and is counted. */
  let late = false;
  /** What is ahead of the play position, ms; 0 without a picture. */
  let bufferMs = 0;
  let clockMs = joinedMs;
  let startMs: number | undefined;
  const count = { due: 0, there: 0, stalls: 0, stalledMs: 0, segments: 0, bytes: 0 };

  /** Plays on to `nowMs`. */
  function advance(nowMs: number): void {
    const passedMs = Math.max(0, nowMs - clockMs);
    clockMs += passedMs;
    if (startMs === undefined) return;
    const playedMs = Math.min(bufferMs, passedMs);
    count.stalledMs += passedMs - playedMs;
    if (bufferMs > 0 && playedMs === bufferMs) {
      count.stalls++;
      // What is not listed yet is not due: nobody could have it.
      if (listed.length > 0) miss();
    }
    bufferMs -= playedMs;
  }

  /** The first listed segment is due, and not all there. */
  function miss(): void {
    if (late || startMs === undefined) return;
    late = true;
    count.due += pieceCount(listed[0]!);
    count.there += pieces;
  }

  function drop(): LedgerEntry {
    asking = late = false;
    pieces = 0;
    return listed.shift()!;
  }

  return {
    list(entry, nowMs) {
      advance(nowMs);
      if (entry.unit.sequence <= newest) return;
      newest = entry.unit.sequence;
      listed.push(entry);
    },
    next(nowMs) {
      advance(nowMs);
      if (!begun) listed = listed.slice(-START_BEHIND);
      const [entry] = listed;
      if (!entry || asking || bufferMs >= FULL_MS) return undefined;
      begun = asking = true;
      pieces = 0;
      return { entry, deadlineMs: nowMs + holdMs(bufferMs, entry.durationMs, false) };
    },
    piece(nowMs) {
      advance(nowMs);
      pieces++;
    },
    complete(nowMs) {
      advance(nowMs);
      const inTime = !late && startMs !== undefined;
      startMs ??= nowMs - joinedMs;
      const entry = drop();
      if (inTime) {
        count.due += pieceCount(entry);
        count.there += pieceCount(entry);
      }
      bufferMs += entry.durationMs;
      count.segments++;
      count.bytes += entry.length;
    },
    failed(nowMs) {
      advance(nowMs);
      asking = false;
    },
    gone(nowMs) {
      advance(nowMs);
      do {
        miss();
        drop();
      } while (listed.length > START_BEHIND);
    },
    playback(nowMs) {
      advance(nowMs);
      return { startMs, ...count };
    },
  };
}
