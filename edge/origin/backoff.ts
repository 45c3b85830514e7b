const FIRST_MS = 1000;

/**
 * How long to wait after the `failures`-th failure in a row: doubling from 1 s up to `capMs`, and
 * of that a random part between half and all, so that many edges do not come back at once.
 */
export function backoffMs(failures: number, capMs: number, random: number): number {
  const ceiling = Math.min(capMs, FIRST_MS * 2 ** Math.min(30, failures - 1));
  return ceiling / 2 + random * ceiling / 2;
}
