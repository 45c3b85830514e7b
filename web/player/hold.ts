/** What the element keeps in its buffer while the engine still waits for partners, ms: twice what the edge is asked ahead. */
const SAFE_BUFFER_MS = 1_000;
/**
 * Where there are several qualities, an answer is held no longer than this, in durations of the
 * segment: the time that it takes counts as the network's, and the player would choose a lower one.
 */
const CHOICE_HOLD_FACTOR = 0.9;

/**
 * How long the answer to an element with so much in its buffer may wait for partners, ms.
 * `hasChoice`: the player chooses among qualities.
 */
export function holdMs(bufferMs: number, durationMs: number, hasChoice: boolean): number {
  const spareMs = Math.max(0, bufferMs - SAFE_BUFFER_MS);
  return hasChoice ? Math.min(spareMs, durationMs * CHOICE_HOLD_FACTOR) : spareMs;
}
