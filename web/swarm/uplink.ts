/** A rate is taken when this much has left while something waited, bytes; the first one sooner. */
const SAMPLE_BYTES = 64 * 1024;
const FIRST_SAMPLE_BYTES = 32 * 1024;
const RATE_GAIN = 0.3;

/** What this machine's uplink carries, learned from how long pieces take to leave it. */
export interface UplinkMeter {
  /** bytes/s; `undefined` before anything has been measured */
  readonly rate: number | undefined;
  /** Bytes handed to links that have not left yet. */
  readonly waiting: number;
  handed(bytes: number, nowMs: number): void;
  left(bytes: number, nowMs: number): void;
  /** Their link has ended before they left. */
  lost(bytes: number): void;
}

export function createUplinkMeter(): UplinkMeter {
  let rate: number | undefined;
  let waiting = 0;
  let sinceMs = 0;
  let sampleBytes = 0;
  let sampleMs = 0;

  return {
    get rate() {
      return rate;
    },
    get waiting() {
      return waiting;
    },
    handed(bytes, nowMs) {
      // Times in which nothing waited say nothing of the uplink.
      if (waiting === 0) sinceMs = nowMs;
      waiting += bytes;
    },
    lost(bytes) {
      waiting = Math.max(0, waiting - bytes);
    },
    left(bytes, nowMs) {
      waiting = Math.max(0, waiting - bytes);
      sampleBytes += bytes;
      sampleMs += nowMs - sinceMs;
      sinceMs = nowMs;
      if (sampleBytes < (rate === undefined ? FIRST_SAMPLE_BYTES : SAMPLE_BYTES)) return;
      const measured = (sampleBytes * 1000) / Math.max(1, sampleMs);
      rate = rate === undefined ? measured : rate + (measured - rate) * RATE_GAIN;
      sampleBytes = 0;
      sampleMs = 0;
    },
  };
}
