import type { MemberTotals } from "./crowd_member.ts";

/** What viewers did, those that are gone too; sums that only grow. Bytes and ms. */
export interface CrowdTotals {
  readonly due: number;
  readonly there: number;
  readonly stalls: number;
  readonly stalledMs: number;
  readonly segments: number;
  readonly playedBytes: number;
  readonly badBytes: number;
  readonly uncheckedBytes: number;
  readonly peerBytes: number;
  readonly edgeBytes: number;
  readonly uploadedBytes: number;
  readonly controlBytes: number;
  readonly controlWireBytes: number;
  readonly banned: number;
}

export const NOTHING: CrowdTotals = {
  due: 0,
  there: 0,
  stalls: 0,
  stalledMs: 0,
  segments: 0,
  playedBytes: 0,
  badBytes: 0,
  uncheckedBytes: 0,
  peerBytes: 0,
  edgeBytes: 0,
  uploadedBytes: 0,
  controlBytes: 0,
  controlWireBytes: 0,
  banned: 0,
};

export function totalsOf(
  { playback, received, uploaded, banned, ...totals }: MemberTotals,
): CrowdTotals {
  const { due, there, stalls, stalledMs, segments, bytes } = playback;
  const { badBytes, uncheckedBytes, controlBytes, controlWireBytes } = totals;
  return {
    due,
    there,
    stalls,
    stalledMs,
    segments,
    playedBytes: bytes,
    badBytes,
    uncheckedBytes,
    peerBytes: received.peers,
    edgeBytes: received.edge,
    uploadedBytes: uploaded,
    controlBytes,
    controlWireBytes,
    banned,
  };
}

export function sum(all: readonly CrowdTotals[]): CrowdTotals {
  return all.reduce((left, right) => combine(left, right, 1), NOTHING);
}

/** What was added from one time to the next. */
export function between(before: CrowdTotals, after: CrowdTotals): CrowdTotals {
  return combine(after, before, -1);
}

function combine(left: CrowdTotals, right: CrowdTotals, sign: 1 | -1): CrowdTotals {
  const names = Object.keys(NOTHING) as (keyof CrowdTotals)[];
  const entries = names.map((name) => [name, left[name] + sign * right[name]]);
  return Object.fromEntries(entries) as unknown as CrowdTotals;
}
