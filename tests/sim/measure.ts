/** Pieces due, and those of them that were there. */
export interface Due {
  due: number;
  there: number;
}

/** What is counted while a world runs; words as in DESIGN.md. */
export interface Meter {
  /** Counting has begun: what was before is warm-up. */
  on: boolean;
  /** When it began, ms. */
  sinceMs: number;
  /** Pieces due, and those of them that were there. */
  due: number;
  there: number;
  /** The same of viewers who give, and of those who do not. */
  readonly givers: Due;
  readonly takers: Due;
  /** Pieces due and there by segment, whichever count. */
  readonly segments: Map<number, Due>;
  /** Media bytes that were there when they were due. */
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
  /** Segments of which something was not there when it was due. */
  stalls: number;
  /** How long pictures stood still in all, ms. */
  stalledMs: number;
  badPlayed: number;
  badPassedOn: number;
  /** Bytes of the edge by second since the count began. */
  readonly edgeBySecond: number[];
  /** Time from publication to check of a piece, ms, by how many handed it on since the edge; sampled. */
  readonly pieceDelaysMs: number[][];
  /** What is told of one scenario only. */
  readonly other: Record<string, number>;
  publishedBytes: number;
}

export function createMeter(): Meter {
  return {
    on: false,
    sinceMs: 0,
    due: 0,
    there: 0,
    givers: { due: 0, there: 0 },
    takers: { due: 0, there: 0 },
    segments: new Map(),
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
    stalledMs: 0,
    badPlayed: 0,
    badPassedOn: 0,
    edgeBySecond: [],
    pieceDelaysMs: [],
    other: {},
    publishedBytes: 0,
  };
}

/** What several have counted, each a part of the same world, together. */
export function mergeMeters([first, ...others]: readonly Meter[]): Meter {
  const merged = structuredClone(first!);
  for (const other of others) addTo(merged, other);
  return merged;
}

const SUMS = [
  "due",
  "there",
  "playedBytes",
  "peerBytes",
  "duplicateBytes",
  "parityBytes",
  "controlBytes",
  "controlWireBytes",
  "joins",
  "joinEdgeSegments",
  "stalls",
  "stalledMs",
  "badPlayed",
  "badPassedOn",
  // Published in every thread, so that only that of the edge counts it.
  "publishedBytes",
] as const satisfies readonly (keyof Meter)[];

function addTo(meter: Meter, other: Meter): void {
  for (const sum of SUMS) meter[sum] += other[sum];
  addDue(meter.givers, other.givers);
  addDue(meter.takers, other.takers);
  for (const [sequence, due] of other.segments) {
    const mine = meter.segments.get(sequence) ?? { due: 0, there: 0 };
    addDue(mine, due);
    meter.segments.set(sequence, mine);
  }
  for (const purpose of ["inject", "fallback", "http"] as const) {
    meter.edgeBytes[purpose] += other.edgeBytes[purpose];
  }
  other.edgeBySecond.forEach((bytes, second) => {
    meter.edgeBySecond[second] = (meter.edgeBySecond[second] ?? 0) + bytes;
  });
  other.pieceDelaysMs.forEach((delaysMs, hops) => {
    meter.pieceDelaysMs[hops] = [...meter.pieceDelaysMs[hops] ?? [], ...delaysMs];
  });
  for (const ms of other.startupsMs) meter.startupsMs.push(ms);
}

function addDue(sum: Due, { due, there }: Due): void {
  sum.due += due;
  sum.there += there;
}

/** A segment became due at a viewer. */
export function noteDue(
  meter: Meter,
  { sequence, due, there }: Due & { sequence: number },
  { gives, counts }: { gives: boolean; counts: boolean },
): void {
  const ofSegment = meter.segments.get(sequence) ?? { due: 0, there: 0 };
  meter.segments.set(sequence, ofSegment);
  const sums = counts ? [ofSegment, meter, gives ? meter.givers : meter.takers] : [ofSegment];
  for (const sum of sums) {
    sum.due += due;
    sum.there += there;
  }
  if (counts && there < due) meter.stalls++;
}

/** The edge has sent media. */
export function noteEdgeBytes(
  meter: Meter,
  purpose: keyof Meter["edgeBytes"],
  bytes: number,
  nowMs: number,
): void {
  if (!meter.on) return;
  meter.edgeBytes[purpose] += bytes;
  const second = Math.floor((nowMs - meter.sinceMs) / 1000);
  meter.edgeBySecond[second] = (meter.edgeBySecond[second] ?? 0) + bytes;
}

export function notePieceDelay(meter: Meter, hops: number, ms: number): void {
  (meter.pieceDelaysMs[hops] ??= []).push(ms);
}

/** The share that was there of what was due; 1 where nothing was. */
export function continuityOf(sums: Iterable<Due>): number {
  let [due, there] = [0, 0];
  for (const sum of sums) {
    due += sum.due;
    there += sum.there;
  }
  return due === 0 ? 1 : there / due;
}

/** All media bytes that the edge sent. */
export function edgeBytesOf({ edgeBytes }: Meter): number {
  return edgeBytes.inject + edgeBytes.fallback + edgeBytes.http;
}

/** The value below which `share` of the values lie; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}
