/** What a link gives, told from what came over it. Times are ms. */
export interface Transfer {
  /** When the first and the last byte came. */
  readonly startMs: number;
  readonly endMs: number;
  readonly bytes: number;
}

/** Less tells more of the way than of the link, bytes. */
const MIN_BYTES = 12 * 1024;
/** What is remembered: the newest. */
const REMEMBERED = 32;
/** Clocks of browsers are coarse, ms: what comes within it came as fast as can be told. */
const MIN_MS = 2;
/** What of it a stream may need: links are not steady, and bitrates are not either. */
const SHARE = 0.7;

/**
 * Bits a second that a stream may need: a share of what came in all, over the time in which anything
 * came at all, since transfers go on side by side. `undefined` where nothing was large enough.
 */
export function affordable(transfers: readonly Transfer[]): number | undefined {
  const told = transfers.filter(({ bytes }) => bytes >= MIN_BYTES).slice(-REMEMBERED);
  let busyMs = 0;
  let reachedMs = -Infinity;
  for (const { startMs, endMs } of told.toSorted((a, b) => a.startMs - b.startMs)) {
    const untilMs = Math.max(endMs, startMs + MIN_MS);
    busyMs += Math.max(0, untilMs - Math.max(startMs, reachedMs));
    reachedMs = Math.max(reachedMs, untilMs);
  }
  const bits = told.reduce((sum, { bytes }) => sum + bytes * 8, 0);
  // Rounded, so that not every measurement is news.
  return busyMs > 0 ? Number((bits / busyMs * 1000 * SHARE).toPrecision(2)) : undefined;
}
