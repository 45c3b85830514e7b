/** Random numbers of a world: all from one seed, so that a run can be run again. */

/** A small seeded generator, 0 ≤ x < 1 (Tommy Ettinger's mulberry32). */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Exponentially distributed with the given mean. */
export function exponential(random: () => number, mean: number): number {
  return -mean * Math.log(1 - random());
}

/** Normally distributed, mean 0, variance 1 (Box and Muller). */
export function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Log-normally distributed; half of all values are below `median`. */
export function logNormal(random: () => number, median: number, sigma: number): number {
  return median * Math.exp(sigma * normal(random));
}

/** A number 0 ≤ x < 1 that belongs to a pair, whichever way round it is named, and to the seed. */
export function ofPair(a: number, b: number, seed: number): number {
  const [low, high] = a < b ? [a, b] : [b, a];
  return mulberry32(Math.imul(low + 1, 0x9e3779b1) ^ Math.imul(high + 1, 0x85ebca6b) ^ seed)();
}
