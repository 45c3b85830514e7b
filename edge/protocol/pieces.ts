/** The unit of exchange and of checking, bytes. Small enough for one data-channel message everywhere. */
export const MIN_PIECE_BYTES = 16 * 1024;
export const MAX_PIECE_BYTES = 60 * 1024;
/** Beyond this many pieces they grow, until `MAX_PIECE_BYTES`, … */
const MANY_PIECES = 64;
/**
 * … but they hold no more than this much of the stream, ms, since every wait for one is reckoned for
 * pieces of about that: in segments of a minute cut into 123 pieces of half a second most asks were
 * refused (bench:sim, long_segments: continuity 0.998; with this 1).
 */
const LONG_PIECE_MS = 125;
const PIECE_STEP_BYTES = 1024;
/** What the index in a frame can name. */
export const MAX_PIECES = 0xffff;
/** Runs of a segment that the edge tells injectors apart by. */
export const MAX_RUNS = 32;

/** How a unit of media is cut. */
export interface Cut {
  /** bytes in the unit */
  readonly length: number;
  /** bytes in every piece but the last */
  readonly pieceBytes: number;
  /** K, runs of contiguous pieces */
  readonly runs: number;
}

/** A half-open range of indexes or of bytes. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * Cuts `length` bytes, which play for `durationMs`, into pieces of 16 KiB or a little more, and these into
 * at most `wantedRuns` runs.
 */
export function cut(length: number, durationMs = 0, wantedRuns = 8): Cut {
  const many = Math.max(MANY_PIECES, durationMs / LONG_PIECE_MS);
  const grown = Math.ceil(length / many / PIECE_STEP_BYTES) * PIECE_STEP_BYTES;
  const pieceBytes = Math.min(MAX_PIECE_BYTES, Math.max(MIN_PIECE_BYTES, grown));
  const pieces = Math.max(1, Math.ceil(length / pieceBytes));
  return { length, pieceBytes, runs: Math.min(wantedRuns, pieces, MAX_RUNS) };
}

export function pieceCount(cut: Cut): number {
  return Math.max(1, Math.ceil(cut.length / cut.pieceBytes));
}

/** The bytes of one piece. */
export function pieceSpan(cut: Cut, index: number): Span {
  const from = index * cut.pieceBytes;
  return { from, to: Math.min(cut.length, from + cut.pieceBytes) };
}

/** The pieces of run `run`. Runs differ by one piece at most where the pieces do not divide evenly. */
export function runSpan(cut: Cut, run: number): Span {
  const pieces = pieceCount(cut);
  return {
    from: Math.ceil((run * pieces) / cut.runs),
    to: Math.ceil(((run + 1) * pieces) / cut.runs),
  };
}
