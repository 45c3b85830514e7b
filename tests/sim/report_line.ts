import { continuityOf, edgeBytesOf, quantile } from "./measure.ts";
import { mean, type Tally } from "./tally.ts";

/** One line of a run, as `bench:sim --json` prints it. */
export interface ReportLine {
  readonly scenario: string;
  readonly scheduler: string;
  readonly peers: number;
  readonly seconds: number;
  readonly seed: number;
  readonly uploadCap: number;
  /** `null`, here as below, where this run does not tell. */
  readonly continuity: number | null;
  readonly meshContinuity: number | null;
  readonly continuityOfGivers: number;
  readonly continuityOfTakers: number;
  readonly stalledSegments: number;
  /** How long pictures stood still in all, ms. */
  readonly stalledMs: number;
  readonly offload: number;
  readonly injectedCopies: number;
  readonly fallbackShare: number;
  readonly controlOverhead: number;
  readonly wireOverhead: number;
  readonly startupMsP50: number | null;
  readonly startupMsP95: number | null;
  readonly edgeBytes: number;
  readonly edgeCopies: number;
  readonly edgeSegmentsPerJoin: number | null;
  readonly peerBytes: number;
  readonly duplicateShare: number;
  readonly parityOverhead: number;
  /** From publication to the check of a piece that a partner brought. */
  readonly pieceDelayMsP50: number | null;
  readonly pieceDelayMsP95: number | null;
  readonly badPlayed: number;
  readonly badPassedOn: number;
  /** What the uplinks of those who are there at the end can give, below the cap, by what they play. */
  readonly supplyOverDemand: number;
  /** Of a viewer at the end, on average. */
  readonly partners: number;
  /** One-way, of the links at the end. */
  readonly linkDelayMsP50: number | null;
  /** What is told of this scenario only. */
  readonly other: Readonly<Record<string, number>>;
  readonly wallSeconds: number;
}

export function reportLine(
  { tally, ...run }: {
    tally: Tally;
    scenario: string;
    peers: number;
    seconds: number;
    seed: number;
    wallSeconds: number;
  },
): ReportLine {
  const { meter, options } = tally;
  const edgeBytes = edgeBytesOf(meter);
  const continuity = round(continuityOf([meter]));
  const delaysMs = meter.pieceDelaysMs.slice(1).flat();
  return {
    ...run,
    scheduler: options.scheduler,
    uploadCap: options.uploadCap,
    continuity: options.fallback ? continuity : null,
    meshContinuity: options.fallback ? null : continuity,
    continuityOfGivers: round(continuityOf([meter.givers])),
    continuityOfTakers: round(continuityOf([meter.takers])),
    stalledSegments: meter.stalls,
    stalledMs: Math.round(meter.stalledMs),
    offload: round(1 - edgeBytes / meter.playedBytes),
    injectedCopies: round(meter.edgeBytes.inject / meter.publishedBytes),
    fallbackShare: round(meter.edgeBytes.fallback / meter.playedBytes),
    controlOverhead: round(meter.controlBytes / meter.playedBytes),
    wireOverhead: round(meter.controlWireBytes / meter.playedBytes),
    startupMsP50: roundedQuantile(meter.startupsMs, 0.5),
    startupMsP95: roundedQuantile(meter.startupsMs, 0.95),
    edgeBytes,
    edgeCopies: round(edgeBytes / meter.publishedBytes),
    edgeSegmentsPerJoin: meter.joins === 0 ? null : round(meter.joinEdgeSegments / meter.joins),
    peerBytes: meter.peerBytes,
    duplicateShare: round(meter.duplicateBytes / meter.peerBytes),
    parityOverhead: round(meter.parityBytes / meter.playedBytes),
    pieceDelayMsP50: roundedQuantile(delaysMs, 0.5),
    pieceDelayMsP95: roundedQuantile(delaysMs, 0.95),
    badPlayed: meter.badPlayed,
    badPassedOn: meter.badPassedOn,
    supplyOverDemand: round(mean(tally.supplies) / tally.watched),
    partners: round(mean(tally.partners)),
    linkDelayMsP50: roundedQuantile(tally.linkDelaysMs, 0.5),
    other: Object.fromEntries(
      Object.entries(meter.other).map(([name, value]) => [name, round(value)]),
    ),
  };
}

/** `null` of no values. */
function roundedQuantile(values: readonly number[], share: number): number | null {
  return values.length === 0 ? null : Math.round(quantile(values, share));
}

/** Five digits after the point tell 0.9999 from 0.99995. */
function round(value: number): number {
  return Math.round(value * 1e5) / 1e5;
}
