/** How long a rate of upload is taken over, ms. */
const SAMPLE_MS = 3_000;
/** So much of its uplink has to be idle, in units of the file's rate: a copy at who can give much serves many. */
const IDLE_RATES = 0.3;

/** Whether this peer could give more than it is asked for. */
export interface SpareUplink {
  /** `uploaded`: bytes since ever. `capacity` and `fileRate`: bytes/s. */
  isIdle(nowMs: number, uploaded: number, capacity: number, fileRate: number): boolean;
}

export function createSpareUplink(): SpareUplink {
  let sinceMs = 0;
  let sinceBytes = 0;
  let rate = 0;
  return {
    isIdle(nowMs, uploaded, capacity, fileRate) {
      if (nowMs - sinceMs >= SAMPLE_MS) {
        rate = ((uploaded - sinceBytes) * 1000) / (nowMs - sinceMs);
        sinceMs = nowMs;
        sinceBytes = uploaded;
      }
      return rate < capacity - IDLE_RATES * fileRate;
    },
  };
}
