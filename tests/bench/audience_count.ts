import type { Seen } from "./audience.ts";

/** What an audience saw and the edge sent, between two times. */
export interface AudienceCount {
  readonly seconds: number;
  /** ms of all viewers together. */
  readonly playedMs: number;
  /** The same in bytes, at the stream's rate. */
  readonly playedBytes: number;
  /** What the edge sent: whole segments and init segments, and ranges of segments; bytes. */
  readonly wholeBytes: number;
  readonly rangeBytes: number;
  /** By viewer: for want of media, ms. */
  readonly starvedMs: readonly number[];
  /** For whatever reason, all viewers together, ms. */
  readonly stalledMs: number;
  /** Of those who came, ms to the first frame; of those who came before, where nobody did. */
  readonly startMs: readonly number[];
  readonly behindMs: readonly number[];
  /** As the pages tell. */
  readonly peerBytes: number;
  readonly receivedBytes: number;
  /** Of each who is here at the end. */
  readonly partners: readonly number[];
  readonly errors: number;
}

/** Viewers at one time, all who ever came, and what the edge had sent by then. */
export interface AudienceLook {
  readonly atMs: number;
  readonly seen: readonly Seen[];
  readonly behindMs: readonly number[];
  readonly wholeBytes: number;
  readonly rangeBytes: number;
}

const NOTHING: Seen = {
  here: true,
  playedMs: 0,
  starvedMs: 0,
  stalledMs: 0,
  peerBytes: 0,
  edgeBytes: 0,
  partners: 0,
  errors: 0,
};

/** `bytesPerMs`: the stream's rate. */
export function between(
  before: AudienceLook,
  after: AudienceLook,
  bytesPerMs: number,
): AudienceCount {
  const change = (of: (seen: Seen) => number) =>
    after.seen.map((now, at) => of(now) - of(before.seen[at] ?? NOTHING));
  const playedMs = sum(change((seen) => seen.playedMs));
  const peerBytes = sum(change((seen) => seen.peerBytes));
  const came = after.seen.slice(before.seen.length);
  return {
    seconds: (after.atMs - before.atMs) / 1000,
    playedMs,
    playedBytes: playedMs * bytesPerMs,
    wholeBytes: after.wholeBytes - before.wholeBytes,
    rangeBytes: after.rangeBytes - before.rangeBytes,
    starvedMs: change((seen) => seen.starvedMs),
    stalledMs: sum(change((seen) => seen.stalledMs)),
    startMs: (came.length > 0 ? came : after.seen).flatMap(({ startMs }) => startMs ?? []),
    behindMs: [...before.behindMs, ...after.behindMs],
    peerBytes,
    receivedBytes: peerBytes + sum(change((seen) => seen.edgeBytes)),
    partners: after.seen.filter(({ here }) => here).map(({ partners }) => partners),
    errors: sum(change((seen) => seen.errors)),
  };
}

/** Counts of several times as one. */
export function together(counts: readonly AudienceCount[]): AudienceCount {
  const add = (of: (count: AudienceCount) => number) => sum(counts.map(of));
  return {
    seconds: add((one) => one.seconds),
    playedMs: add((one) => one.playedMs),
    playedBytes: add((one) => one.playedBytes),
    wholeBytes: add((one) => one.wholeBytes),
    rangeBytes: add((one) => one.rangeBytes),
    starvedMs: counts.flatMap((one) => one.starvedMs),
    stalledMs: add((one) => one.stalledMs),
    startMs: counts.flatMap((one) => one.startMs),
    behindMs: counts.flatMap((one) => one.behindMs),
    peerBytes: add((one) => one.peerBytes),
    receivedBytes: add((one) => one.receivedBytes),
    partners: counts.flatMap((one) => one.partners),
    errors: add((one) => one.errors),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
