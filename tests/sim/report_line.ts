import { continuityOf, edgeBytesOf, quantile } from "./measure.ts";
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
  /** What the uplinks of those who are there at the end can give, below the cap, by what they play. */
  readonly supplyOverDemand: number;
  /** What is told of this scenario only. */
  readonly other: Readonly<Record<string, number>>;
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
  const edgeBytes = edgeBytesOf(meter);
  const continuity = round(continuityOf([meter]));
  const delaysMs = meter.pieceDelaysMs.flat();
  return {
    ...run,
    uploadCap: options.uploadCap,
    continuity: options.fallback ? continuity : null,
    meshContinuity: options.fallback ? null : continuity,
    continuityOfGivers: round(continuityOf([meter.givers])),
    continuityOfTakers: round(continuityOf([meter.takers])),
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
    pieceDelayMsP50: Math.round(quantile(delaysMs, 0.5)),
    pieceDelayMsP95: Math.round(quantile(delaysMs, 0.95)),
    badPlayed: meter.badPlayed,
    badPassedOn: meter.badPassedOn,
    supplyOverDemand: round(supplyOverDemand(world)),
    other: Object.fromEntries(
      Object.entries(meter.other).map(([name, value]) => [name, round(value)]),
    ),
  };
}

function supplyOverDemand({ viewers, options }: World): number {
  let supply = 0;
  for (const viewer of viewers.values()) {
    const { uploads, uplink, uploadCap } = viewer.options;
    if (uploads) supply += Math.min(uplink, uploadCap / 1000);
  }
  return supply / (viewers.size * options.rate);
}

/** Five digits after the point tell 0.9999 from 0.99995. */
function round(value: number): number {
  return Math.round(value * 1e5) / 1e5;
}
