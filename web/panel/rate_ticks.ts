/**
 * Where the upright axis from 0 to `top` has its marks, both in bytes/s: at 1, 2 or 5 times a power
 * of ten of bit/s, at most four of them above 0.
 */
export function rateTicks(top: number): number[] {
  const bits = top * 8;
  const power = 10 ** Math.floor(Math.log10(bits));
  const step = [0.2, 0.5, 1, 2].map((factor) => factor * power).find((one) => bits / one < 5)!;
  const count = Math.floor(bits / step);
  return Array.from({ length: count + 1 }, (_, index) => index * step / 8);
}
