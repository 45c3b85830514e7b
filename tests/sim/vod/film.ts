/** The one file of a world that is watched on demand. */
import {
  BLOCK_PIECES,
  blockCount,
  blockEntry,
  cutFile,
  type FileIndex,
} from "../../../edge/protocol/file_index.ts";
import type { LedgerEntry } from "../../../edge/protocol/ledger_entry.ts";

export interface Film {
  readonly index: FileIndex;
  readonly durationMs: number;
  /** bytes/ms */
  readonly rate: number;
  readonly pieces: number;
  /** By block. */
  readonly entries: readonly LedgerEntry[];
}

export function createFilm(durationMs: number, rate: number): Film {
  const length = durationMs * rate;
  const root = new Uint8Array(16);
  const file = {
    epoch: 1,
    rendition: 0,
    uri: "film.mp4",
    length,
    durationMs,
    root,
    ...cutFile(length),
  };
  const blocks = blockCount(file);
  const roots = new Uint8Array(blocks * 16);
  return {
    index: { file, roots },
    durationMs,
    rate,
    pieces: Math.ceil(length / file.pieceBytes),
    entries: Array.from({ length: blocks }, (_, block) => blockEntry(file, block, root)),
  };
}

/** A piece of the film as block and index in it. */
export function placeOf(piece: number): { block: number; index: number } {
  return { block: Math.floor(piece / BLOCK_PIECES), index: piece % BLOCK_PIECES };
}

export function pieceOf(block: number, index: number): number {
  return block * BLOCK_PIECES + index;
}
