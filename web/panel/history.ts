import type { TributaryStats } from "../api.ts";

/** Media bytes by where they came from and where they went, as `TributaryStats.bytes` has them. */
export type Counters = TributaryStats["bytes"];

/** How much time the chart shows. */
export const SPAN_MS = 120_000;
/** Segments come in bursts. This holds a whole number of them if they last 1, 2, 3, 4 or 6 s. */
export const SMOOTHING_MS = 12_000;
/** The least time that bytes are spread over: joining brings some seconds of media at once. */
export const LEAST_MS = 6_000;
/** Samples closer together than this are dropped, which bounds a history to some 530 of them. */
export const MIN_STEP_MS = 250;

export interface Sample {
  /** Of any clock that does not go back. */
  readonly atMs: number;
  /** The counters as they were told. */
  readonly told: Counters;
  /** Bytes since the first sample; never falls. */
  readonly sum: Counters;
}

/** Samples of the last two minutes, oldest first. */
export type History = readonly Sample[];

/** Mean rates over the `SMOOTHING_MS` before `atMs`, or from the first sample on, bytes/s. */
export interface RatePoint extends Counters {
  readonly atMs: number;
}

const NOTHING: Counters = { peers: 0, edge: 0, cache: 0, uploaded: 0 };

/**
 * The history with one more sample, and without those too old to matter. A counter that went back
 * counts on from its new value: a restarted engine or a correction is no traffic.
 */
export function addSample(history: History, atMs: number, told: Counters): History {
  const last = history.at(-1);
  if (!last) return [{ atMs, told, sum: NOTHING }];
  if (atMs - last.atMs < MIN_STEP_MS) return history;
  const sum = combine((key) => last.sum[key] + Math.max(0, told[key] - last.told[key]));
  const oldest = atMs - SPAN_MS - SMOOTHING_MS;
  return [...history.filter((sample) => sample.atMs >= oldest), { atMs, told, sum }];
}

/** One point for every sample but the first, oldest first. */
export function ratePoints(history: History): RatePoint[] {
  const oldest = history[0];
  if (!oldest) return [];
  let before = 0;
  return history.slice(1).map(({ atMs, sum }) => {
    const fromMs = Math.max(oldest.atMs, atMs - SMOOTHING_MS);
    while (history[before + 1]!.atMs <= fromMs) before++;
    const from = sumAt(fromMs, history[before]!, history[before + 1]!);
    const seconds = Math.max(LEAST_MS, atMs - fromMs) / 1000;
    return { atMs, ...combine((key) => (sum[key] - from[key]) / seconds) };
  });
}

/** The sums between two samples, on a straight line: ticks that come a little late make no ripple. */
function sumAt(atMs: number, a: Sample, b: Sample): Counters {
  const share = (atMs - a.atMs) / (b.atMs - a.atMs);
  return combine((key) => a.sum[key] + (b.sum[key] - a.sum[key]) * share);
}

function combine(value: (key: keyof Counters) => number): Counters {
  return {
    peers: value("peers"),
    edge: value("edge"),
    cache: value("cache"),
    uploaded: value("uploaded"),
  };
}
