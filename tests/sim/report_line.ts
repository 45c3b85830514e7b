import { quantile } from "./measure.ts";
import type { World } from "./world.ts";

/** One line of a run, as `bench:sim --json` prints it. */
export interface ReportLine {
  readonly scenario: string;
  readonly scheduler: string;
  readonly peers: number;
  readonly seconds: number;
  readonly seed: number;
  readonly uploadCap: number;
  /** `null` where this run did not measure it. */
  readonly continuity: number | null;
  readonly meshContinuity: number | null;
  readonly continuityOfGivers: number;
  readonly continuityOfTakers: number;
  readonly stalledSegments: number;
  readonly offload: number;
  readonly injectedCopies: number;
  readonly fallbackShare: number;
  readonly controlOverhead: number;
  readonly wireOverhead: number;
  readonly startupMsP50: number;
  readonly startupMsP95: number;
  readonly edgeBytes: number;
  readonly edgeCopies: number;
  readonly edgeSegmentsPerJoin: number;
  readonly peerBytes: number;
  readonly duplicateShare: number;
  readonly parityOverhead: number;
  readonly pieceDelayMsP50: number;
  readonly pieceDelayMsP95: number;
  readonly badPlayed: number;
  readonly badPassedOn: number;
  readonly wallSeconds: number;
}

export function reportLine(
  { world, ...run }: {
    world: World;
    scenario: string;
    scheduler: string;
    peers: number;
    seconds: number;
    seed: number;
    wallSeconds: number;
  },
): ReportLine {
  const { meter, options } = world;
  const edgeBytes = meter.edgeBytes.inject + meter.edgeBytes.fallback + meter.edgeBytes.http;
  const continuity = share(meter.there, meter.due);
  return {
    ...run,
    uploadCap: options.uploadCap,
    continuity: options.fallback ? continuity : null,
    meshContinuity: options.fallback ? null : continuity,
    continuityOfGivers: share(meter.givers.there, meter.givers.due),
    continuityOfTakers: share(meter.takers.there, meter.takers.due),
    stalledSegments: meter.stalls,
    offload: round(1 - edgeBytes / meter.playedBytes),
    injectedCopies: round(meter.edgeBytes.inject / meter.publishedBytes),
    fallbackShare: round(meter.edgeBytes.fallback / meter.playedBytes),
    controlOverhead: round(meter.controlBytes / meter.playedBytes),
    wireOverhead: round(meter.controlWireBytes / meter.playedBytes),
    startupMsP50: Math.round(quantile(meter.startupsMs, 0.5)),
    startupMsP95: Math.round(quantile(meter.startupsMs, 0.95)),
    edgeBytes,
    edgeCopies: round(edgeBytes / meter.publishedBytes),
    edgeSegmentsPerJoin: round(meter.joinEdgeSegments / meter.joins),
    peerBytes: meter.peerBytes,
    duplicateShare: round(meter.duplicateBytes / meter.peerBytes),
    parityOverhead: round(meter.parityBytes / meter.playedBytes),
    pieceDelayMsP50: Math.round(quantile(meter.pieceDelaysMs, 0.5)),
    pieceDelayMsP95: Math.round(quantile(meter.pieceDelaysMs, 0.95)),
    badPlayed: meter.badPlayed,
    badPassedOn: meter.badPassedOn,
  };
}

function share(part: number, whole: number): number {
  return round(whole === 0 ? 1 : part / whole);
}

/** Five digits after the point tell 0.9999 from 0.99995. */
function round(value: number): number {
  return Math.round(value * 1e5) / 1e5;
}
