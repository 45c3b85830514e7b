/** What is counted while a world runs; words as in DESIGN.md. */
export interface Meter {
  /** Counting has begun: what was before is warm-up. */
  on: boolean;
  /** Pieces due, and those of them that were there. */
  due: number;
  there: number;
  /** The same of viewers who give, and of those who do not. */
  readonly givers: { due: number; there: number };
  readonly takers: { due: number; there: number };
  /** Media bytes that became due. */
  playedBytes: number;
  /** Media bytes that the edge sent: for injection, in place of partners, and to newcomers. */
  readonly edgeBytes: { inject: number; fallback: number; http: number };
  /** Media bytes that came from partners, duplicates too. */
  peerBytes: number;
  duplicateBytes: number;
  parityBytes: number;
  controlBytes: number;
  controlWireBytes: number;
  joins: number;
  /** Segments' worth of edge bytes that newcomers had in their first 20 s. */
  joinEdgeSegments: number;
  readonly startupsMs: number[];
  /** ms that viewers who had started were without media. */
  stalls: number;
  badPlayed: number;
  badPassedOn: number;
  /** Bytes of the edge by second since the count began. */
  readonly edgeBySecond: number[];
  /** Time from publication to check of a piece, ms, sampled. */
  readonly pieceDelaysMs: number[];
  publishedBytes: number;
}

export function createMeter(): Meter {
  return {
    on: false,
    due: 0,
    there: 0,
    givers: { due: 0, there: 0 },
    takers: { due: 0, there: 0 },
    playedBytes: 0,
    edgeBytes: { inject: 0, fallback: 0, http: 0 },
    peerBytes: 0,
    duplicateBytes: 0,
    parityBytes: 0,
    controlBytes: 0,
    controlWireBytes: 0,
    joins: 0,
    joinEdgeSegments: 0,
    startupsMs: [],
    stalls: 0,
    badPlayed: 0,
    badPassedOn: 0,
    edgeBySecond: [],
    pieceDelaysMs: [],
    publishedBytes: 0,
  };
}

/** The value below which `share` of the values lie; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}
