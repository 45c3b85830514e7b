/** What the element keeps in its buffer while the engine still waits for partners, ms. */
const SAFE_BUFFER_MS = 1_000;
/** The longest that an answer is held, in units of the segment's duration: a held answer delays the next request. */
const HOLD_FACTOR = 0.9;

/** How long the answer to an element with so much in its buffer may wait for partners, ms. */
export function holdMs(bufferMs: number, durationMs: number): number {
  return Math.min(Math.max(0, bufferMs - SAFE_BUFFER_MS), durationMs * HOLD_FACTOR);
}
