import { type Bitmap, emptyBitmap, withBit } from "../../edge/protocol/bitmap.ts";
import type { LedgerEntry } from "../../edge/protocol/ledger_entry.ts";
import { pieceLength, placeOf, totalPieceCount } from "../../edge/protocol/parity.ts";
import { pieceCount, runSpan } from "../../edge/protocol/pieces.ts";
import { unitKey } from "../../edge/protocol/unit.ts";

/** A piece that came and waits for its check. */
export interface Unchecked<Payload> {
  readonly payload: Payload;
  /** The partner that sent it, or this peer, which has coded it; `undefined`: the edge. */
  readonly peer: string | undefined;
}

/** What is known and held of one unit of media. */
export interface Segment<Payload> {
  readonly key: string;
  readonly entry: LedgerEntry;
  /** Pieces of media; those of parity have the indexes after them, below `total`. */
  readonly count: number;
  readonly total: number;
  /** Published while this peer was there, and so taken part in before the element asks. */
  readonly live: boolean;
  /** When its entry came, ms. */
  readonly sinceMs: number;
  /** Checked pieces of media, and only these. */
  readonly pieces: (Payload | undefined)[];
  map: Bitmap;
  held: number;
  /** Checked pieces of parity. */
  readonly parity: Map<number, Payload>;
  /** Pieces that are being coded from others, and the partners that have asked for them. */
  readonly coding: Map<number, Set<string>>;
  /** What was coded has failed its check: its digest list names parity that is none. */
  miscoded: boolean;
  digests: Uint8Array | undefined;
  /** A digest list on its way through the check. */
  unprovenDigests: Uint8Array | undefined;
  /** The list is on its way from the edge. */
  fetchingDigests: boolean;
  readonly unchecked: Map<number, Unchecked<Payload>>;
  /** Pieces asked of partners: who, and when. */
  readonly asked: Map<number, { peer: string; atMs: number }>;
  /** Pieces on their way from the edge, by the fetch that brings them. */
  readonly fetching: Map<number, number>;
  /** Runs that the edge gave to this peer and that are not here yet. */
  readonly injecting: Set<number>;
  /** Where this peer stands in the row of those who fetch what nobody has, 0 … 1. */
  readonly turn: number;
}

export function newSegment<Payload>(
  entry: LedgerEntry,
  live: boolean,
  sinceMs: number,
  turn: number,
): Segment<Payload> {
  const count = pieceCount(entry);
  return {
    key: unitKey(entry.unit),
    entry,
    count,
    total: totalPieceCount(entry),
    live,
    sinceMs,
    pieces: new Array(count).fill(undefined),
    map: emptyBitmap(count),
    held: 0,
    parity: new Map(),
    coding: new Map(),
    miscoded: false,
    digests: undefined,
    unprovenDigests: undefined,
    fetchingDigests: false,
    unchecked: new Map(),
    asked: new Map(),
    fetching: new Map(),
    injecting: new Set(),
    turn,
  };
}

export function isComplete(segment: Segment<unknown>): boolean {
  return segment.held === segment.count;
}

/** Whether the segment is being spread at this time, so that a new child is pushed what is here of it. */
export function isBeingSpread({ live, sinceMs, entry }: Segment<unknown>, nowMs: number): boolean {
  return live && nowMs - sinceMs <= entry.durationMs;
}

/** Neither held, nor here for its check, nor being coded, nor on its way from the edge. */
export function isMissing(segment: Segment<unknown>, index: number): boolean {
  return segment.pieces[index] === undefined && !segment.unchecked.has(index) &&
    !segment.coding.has(index) && !segment.fetching.has(index);
}

/** A checked piece, of media or of parity. */
export function pieceAt<P>(segment: Segment<P>, index: number): P | undefined {
  return index < segment.count ? segment.pieces[index] : segment.parity.get(index);
}

/** Keeps a checked piece. Answers false when it was held already. */
export function keepPiece<P>(segment: Segment<P>, index: number, payload: P): boolean {
  if (segment.pieces[index] !== undefined) return false;
  segment.pieces[index] = payload;
  segment.held++;
  segment.map = withBit(segment.map, index);
  return true;
}

export function pieceBytes({ entry }: Segment<unknown>, index: number): number {
  return pieceLength(entry, index);
}

/** The run that a piece belongs to, of media or of parity. */
export function runOf({ entry }: Segment<unknown>, index: number): number {
  return placeOf(entry, index).run;
}

/** Whether all pieces of a run are in the map. */
export function hasRun(
  { entry }: Segment<unknown>,
  run: number,
  has: (index: number) => boolean,
): boolean {
  const { from, to } = runSpan(entry, run);
  for (let index = from; index < to; index++) if (!has(index)) return false;
  return true;
}
