import { quantile } from "../sim/measure.ts";
import type { Joined } from "./crowd_process.ts";
import type { CrowdTotals } from "./crowd_totals.ts";

/** What was counted, between two times. */
export interface CrowdCount {
  readonly relays: number;
  readonly seconds: number;
  /** Viewers replaced every 10 s. */
  readonly churn: number;
  readonly viewers: CrowdTotals;
  readonly joins: readonly Joined[];
  /** What the edge sent: ranges to engines, and whole segments past them; bytes. */
  readonly rangeBytes: number;
  readonly wholeBytes: number;
  /** Messages of the swarm sockets, both ways, bytes. */
  readonly socketBytes: number;
  /** As the edge plans them, average of 90 s. */
  readonly injectedCopies: number;
  /** Partners of a viewer, on average, at the end. */
  readonly partners: number;
  /** Used by the processes of the viewers. */
  readonly cores: number;
  /** The longest that one of them came late to its work, ms. */
  readonly lagMs: number;
  readonly wallSeconds: number;
}

/** The line that the bench prints: fields as in `bench:sim`, and what only real parts have. */
export function crowdLine(count: CrowdCount) {
  const { viewers, joins, relays, seconds, rangeBytes, wholeBytes } = count;
  const { playedBytes } = viewers;
  const edgeBytes = rangeBytes + wholeBytes;
  const startsMs = joins.flatMap(({ startMs }) => startMs ?? []);
  const segmentBytes = playedBytes / viewers.segments;
  const joinBytes = joins.reduce((sum, join) => sum + join.edgeBytes, 0);
  return {
    scenario: "crowd",
    scheduler: "tributary",
    peers: relays,
    seconds: Math.round(seconds),
    churn: count.churn,
    bitsPerSecond: Math.round(playedBytes * 8 / seconds / relays),
    continuity: round(viewers.there / viewers.due),
    /** The fallback is on here. */
    meshContinuity: null,
    stalls: viewers.stalls,
    stalledMs: Math.round(viewers.stalledMs),
    offload: round(1 - edgeBytes / playedBytes),
    controlOverhead: round((viewers.controlBytes + count.socketBytes) / playedBytes),
    wireOverhead: round((viewers.controlWireBytes + count.socketBytes) / playedBytes),
    startupMsP50: Math.round(quantile(startsMs, 0.5)),
    startupMsP95: Math.round(quantile(startsMs, 0.95)),
    edgeBytes,
    wholeBytes,
    edgeCopies: round(edgeBytes * relays / playedBytes),
    injectedCopies: round(count.injectedCopies),
    edgeSegmentsPerJoin: round(joinBytes / segmentBytes / joins.length),
    joins: joins.length,
    peerBytes: viewers.peerBytes,
    /** No parity is sent yet. */
    parityOverhead: 0,
    partners: round(count.partners),
    badBytes: viewers.badBytes,
    uncheckedBytes: viewers.uncheckedBytes,
    banned: viewers.banned,
    cores: round(count.cores),
    lagMs: Math.round(count.lagMs),
    wallSeconds: Math.round(count.wallSeconds),
  };
}

/** Five digits after the point tell 0.9999 from 0.99995. */
function round(value: number): number {
  return Math.round(value * 1e5) / 1e5;
}
