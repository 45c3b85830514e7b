import { quantile } from "../sim/measure.ts";
import type { AudienceCount } from "./audience_count.ts";

/** What an audience of so many viewers came to, in figures; times in ms. */
export type AudienceLine = ReturnType<typeof audienceLine>;

export function audienceLine(viewers: number, count: AudienceCount) {
  const { playedBytes, wholeBytes, rangeBytes, receivedBytes } = count;
  const edgeBytes = wholeBytes + rangeBytes;
  return {
    seconds: Math.round(count.seconds),
    edgeBytes,
    wholeBytes,
    rangeBytes,
    playedBytes: Math.round(playedBytes),
    offload: round(1 - edgeBytes / playedBytes),
    /** Where each segment leaves the edge once and nobody joins. */
    bound: round(1 - 1 / viewers),
    /** Of what the pages received; 0 on pages that do not tell. */
    fromPartners: receivedBytes === 0 ? 0 : round(count.peerBytes / receivedBytes),
    partners: round(mean(count.partners)),
    startMsP50: Math.round(quantile(count.startMs, 0.5)),
    startMsMax: Math.round(quantile(count.startMs, 1)),
    starvedMs: Math.round(count.starvedMs.reduce((total, one) => total + one, 0)),
    starvedMsMax: Math.round(quantile(count.starvedMs, 1)),
    starvedViewers: count.starvedMs.filter((ms) => ms > 0).length,
    viewers: count.starvedMs.length,
    stalledMs: Math.round(count.stalledMs),
    behindMsP50: Math.round(quantile(count.behindMs, 0.5)),
    behindMsMax: Math.round(quantile(count.behindMs, 1)),
    errors: count.errors,
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}

function round(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
