/** Answers whether one more is allowed now. `nowMs` may stand still or go back; time then counts as 0. */
export type TokenBucket = (nowMs: number) => boolean;

/** Allows `perSecond` in the long run and `burst` at once; begins full. */
export function createTokenBucket(perSecond: number, burst: number, nowMs: number): TokenBucket {
  let tokens = burst;
  let filledMs = nowMs;
  return (nowMs) => {
    tokens = Math.min(burst, tokens + (Math.max(0, nowMs - filledMs) / 1000) * perSecond);
    filledMs = nowMs;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}
