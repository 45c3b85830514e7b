/** What a world may be like. */

/** Whose engine the viewers run. */
export const SCHEDULERS = ["tributary", "donet"] as const;
export type Scheduler = (typeof SCHEDULERS)[number];

export interface WorldOptions {
  readonly seed: number;
  /** Runs of parity in a segment of eight runs or more; `undefined`: as many as the edge gives them. */
  readonly parityRuns: number | undefined;
  readonly scheduler: Scheduler;
  /** Of the stream, bytes/ms. */
  readonly rate: number;
  readonly segmentMs: number;
  /** Once the count begins, in units of the stream's rate: an audience that is there came by and by. */
  readonly edgeEgress: number;
  /** Pairs that cannot connect, 0 … 1. */
  readonly unconnectable: number;
  /** Median of the one-way delay of a pair, ms. */
  readonly delayMs: number;
  /** Networks that the viewers are on, far from each other; 1: all are equally far. The edge can tell them apart. */
  readonly regions: number;
  /** Mean of what the way adds now and then, ms. */
  readonly jitterMs: number;
  /** Packets lost, 0 … 1; a piece has a dozen of them. */
  readonly loss: number;
  readonly fallback: boolean;
  /** Given by a peer at most, in units of the stream's rate. */
  readonly uploadCap: number;
  /** Classes of uplinks in units of the stream's rate, with their shares. */
  readonly uplinks: readonly { readonly share: number; readonly rate: number }[];
  /** Shares of viewers who give nothing though they could, and who send wrong bytes. */
  readonly freeRiders: number;
  readonly liars: number;
  /** Partners that a viewer seeks, and the edge gives it at most; for DONet, its M. `undefined`: as ever. */
  readonly partners: number | undefined;
  /** Rates of the renditions, in units of the stream's rate. */
  readonly renditions: readonly number[];
  /** A viewer goes over to another one after so long on average, ms. */
  readonly switchMs: number;
}

/** The default mix of uplinks. */
export const DEFAULT_UPLINKS: WorldOptions["uplinks"] = [
  { share: 0.3, rate: 4 },
  { share: 0.4, rate: 1 },
  { share: 0.2, rate: 0.3 },
  { share: 0.1, rate: 0 },
];

export const DEFAULTS: WorldOptions = {
  seed: 1,
  parityRuns: undefined,
  scheduler: "tributary",
  rate: 125,
  segmentMs: 2_000,
  edgeEgress: 5,
  unconnectable: 0.15,
  delayMs: 30,
  regions: 1,
  jitterMs: 2,
  loss: 0,
  fallback: true,
  uploadCap: 3,
  uplinks: DEFAULT_UPLINKS,
  freeRiders: 0,
  liars: 0,
  partners: undefined,
  renditions: [1],
  switchMs: Infinity,
};
