/**
 * Parity over the runs of a unit: systematic Reed–Solomon (PROTOCOL.md §2.2). The j-th pieces of all
 * runs, parity runs too, are _column_ j. The bytes at one place of a column are the values of one
 * polynomial of degree < K over GF(256): run s has its value at the point s. Any K values fix the
 * polynomial and with it the others, so one sum makes parity and rebuilds what is lost.
 *
 * As a matrix it is the Vandermonde matrix of the points 0 … K+R−1 made systematic: Plank, "A
 * Tutorial on Reed–Solomon Coding for Fault-Tolerance in RAID-like Systems", as put right by Plank
 * and Ding, "Note: Correction to the 1997 Tutorial on Reed–Solomon Coding" (2003).
 */
import { addProduct, divide, multiply } from "./gf256.ts";
import { type Cut, pieceCount, pieceSpan, runSpan, type Span } from "./pieces.ts";

/** How a unit is cut and protected; a ledger entry is one. */
export interface ParityCut extends Cut {
  /** R, parity runs, which follow the others: parity run r is run K + r. */
  readonly parityRuns: number;
}

/** Where a piece is: 0 … K + R − 1, and 0 … `columnCount` − 1. */
export interface Place {
  readonly run: number;
  readonly column: number;
}

/** Piece indexes of one column. Any `media.length` of its pieces rebuild the others. */
export interface Column {
  /** As many as there are runs, or fewer: not every run need reach as far as the last column. */
  readonly media: readonly number[];
  readonly parity: readonly number[];
}

/** A piece of a unit with its bytes. */
export interface PlacedPiece {
  readonly index: number;
  readonly payload: Uint8Array;
}

/** Pieces in the longest run, and in each parity run. */
export function columnCount(cut: Cut): number {
  return Math.ceil(pieceCount(cut) / cut.runs);
}

export function parityPieceCount(cut: ParityCut): number {
  return cut.parityRuns * columnCount(cut);
}

/** Media pieces and, after them, parity pieces: as many digests the list has. */
export function totalPieceCount(cut: ParityCut): number {
  return pieceCount(cut) + parityPieceCount(cut);
}

/** Bytes in the piece `index`; all parity pieces are as long as a whole piece of media. */
export function pieceLength(cut: Cut, index: number): number {
  if (index >= pieceCount(cut)) return cut.pieceBytes;
  const { from, to } = pieceSpan(cut, index);
  return to - from;
}

/** The pieces of run `run`, which may be a parity run. */
export function anyRunSpan(cut: Cut, run: number): Span {
  if (run < cut.runs) return runSpan(cut, run);
  const columns = columnCount(cut);
  const from = pieceCount(cut) + (run - cut.runs) * columns;
  return { from, to: from + columns };
}

/** The place of the piece `index`, which must be less than `totalPieceCount`. */
export function placeOf(cut: Cut, index: number): Place {
  const pieces = pieceCount(cut);
  const run = index < pieces
    ? Math.floor(index * cut.runs / pieces)
    : cut.runs + Math.floor((index - pieces) / columnCount(cut));
  return { run, column: index - anyRunSpan(cut, run).from };
}

export function columnOf(cut: ParityCut, column: number): Column {
  const indexes = Array.from({ length: cut.runs + cut.parityRuns }, (_, run) => {
    const { from, to } = anyRunSpan(cut, run);
    return from + column < to ? [from + column] : [];
  });
  return { media: indexes.slice(0, cut.runs).flat(), parity: indexes.slice(cut.runs).flat() };
}

/**
 * Makes the piece `index`, of media or of parity, from other pieces of its column; those of other
 * columns are passed over. `undefined` where they are too few. They must have passed their check:
 * a wrong one makes a wrong piece, which only the check of that piece finds.
 */
export function codePiece(
  cut: ParityCut,
  index: number,
  pieces: Iterable<PlacedPiece>,
): Uint8Array<ArrayBuffer> | undefined {
  const { run, column } = placeOf(cut, index);
  const known = new Map<number, Uint8Array>();
  // A run that ends before this column has nothing but zeros there, as everybody knows.
  for (let short = 0; short < cut.runs; short++) {
    const { from, to } = runSpan(cut, short);
    if (from + column >= to) known.set(short, new Uint8Array());
  }
  for (const piece of pieces) {
    if (known.size === cut.runs) break;
    const place = placeOf(cut, piece.index);
    if (place.column === column) known.set(place.run, piece.payload);
  }
  if (known.size < cut.runs) return undefined;
  const points = [...known.keys()];
  const made = new Uint8Array(pieceLength(cut, index));
  for (const [point, payload] of known) addProduct(made, payload, basis(points, point, run));
  return made;
}

/** All parity pieces of a unit in index order, from all its media pieces in theirs. */
export function parityPieces(
  cut: ParityCut,
  media: readonly Uint8Array[],
): Uint8Array<ArrayBuffer>[] {
  return Array.from({ length: parityPieceCount(cut) }, (_, at) => {
    const index = pieceCount(cut) + at;
    const column = columnOf(cut, placeOf(cut, index).column);
    return codePiece(
      cut,
      index,
      column.media.map((one) => ({ index: one, payload: media[one]! })),
    )!;
  });
}

/** Lagrange's basis polynomial of `point` at `wanted`: how often the value there counts in the one here. */
function basis(points: readonly number[], point: number, wanted: number): number {
  let over = 1;
  let under = 1;
  for (const other of points) {
    if (other === point) continue;
    over = multiply(over, wanted ^ other);
    under = multiply(under, point ^ other);
  }
  return divide(over, under);
}
