/** Chooses how much is sent by what the uplink takes. Pure. */

/** Shares of the chosen quality's picture, best first; from one to the next is a step that one sees. */
const SHARES = [1, 0.7, 0.5, 0.35, 0.25] as const;
/** Of the uplink, the part that may be filled: the rest catches up after a hiccup. */
const FILLED = 0.8;
/** More media than this waiting means that the uplink does not keep up, ms: two segments of 2 s. */
const BACKLOG_MS = 4_000;
/** What was encoded before a change is still being sent for so long, ms. */
const SETTLING_MS = 6_000;
/** No backlog for so long, and more is tried, ms; twice as long after each try that failed. */
const CALM_MS = 20_000;
const LONGEST_CALM_MS = 320_000;
/** Weight of the newest measurement. */
const NEWEST = 0.5;

/** A segment that went up. */
export interface Delivery {
  readonly bytes: number;
  readonly tookMs: number;
  /** Media that waits behind it, ms. */
  readonly waitingMs: number;
}

export interface RateControl {
  /** Share of the picture's rate to be sent from now on, 0 … 1. */
  readonly share: number;
  /** Takes note of a delivery; `true` if `share` is another now. */
  delivered(delivery: Delivery, nowMs: number): boolean;
}

/** `rateAt` answers what a share costs, bits per second. */
export function createRateControl(rateAt: (share: number) => number): RateControl {
  let at = 0;
  let uplink: number | undefined;
  let changedMs = -Infinity;
  let calmSinceMs = 0;
  let calmMs = CALM_MS;
  let tried = false;

  const fits = (step: number) => rateAt(SHARES[step]!) <= FILLED * uplink!;

  function moveTo(step: number, nowMs: number): boolean {
    if (step === at) return false;
    tried = step < at;
    at = step;
    changedMs = calmSinceMs = nowMs;
    return true;
  }

  function lower(): number {
    const fitting = SHARES.findIndex((_, step) => step > at && fits(step));
    return fitting < 0 ? SHARES.length - 1 : fitting;
  }

  return {
    get share() {
      return SHARES[at]!;
    },
    delivered({ bytes, tookMs, waitingMs }, nowMs) {
      const measured = bytes * 8_000 / Math.max(1, tookMs);
      uplink = uplink === undefined ? measured : NEWEST * measured + (1 - NEWEST) * uplink;
      if (waitingMs > BACKLOG_MS) {
        calmSinceMs = nowMs;
        // What waits since an outage goes away by itself where there is room for it.
        if (nowMs - changedMs < SETTLING_MS || fits(at)) return false;
        if (tried) calmMs = Math.min(2 * calmMs, LONGEST_CALM_MS);
        return moveTo(lower(), nowMs);
      }
      const calm = nowMs - calmSinceMs >= calmMs;
      return calm && at > 0 && fits(at - 1) ? moveTo(at - 1, nowMs) : false;
    },
  };
}
