/**
 * Arithmetic in GF(256): a byte is a polynomial over GF(2), taken modulo x⁸ + x⁴ + x³ + x² + 1
 * (0x11d, as in RFC 5510 §8 for m = 8), where every number but 0 is a power of 2. Sum and difference
 * are XOR.
 */
const POLYNOMIAL = 0x11d;

/** `powers[i]` is 2^i, twice around so that sums of two logarithms need no modulo. */
const powers = /* @__PURE__ */ powersOfTwo();
/** `logs[2^i]` is i; there is none of 0. */
const logs = /* @__PURE__ */ logarithms();

function powersOfTwo(): Uint8Array {
  const table = new Uint8Array(510);
  let power = 1;
  for (let exponent = 0; exponent < 255; exponent++) {
    table[exponent] = table[exponent + 255] = power;
    power <<= 1;
    if (power > 255) power ^= POLYNOMIAL;
  }
  return table;
}

function logarithms(): Uint8Array {
  const table = new Uint8Array(256);
  for (let exponent = 0; exponent < 255; exponent++) table[powers[exponent]!] = exponent;
  return table;
}

export function multiply(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : powers[logs[a]! + logs[b]!]!;
}

/** `b` must not be 0. */
export function divide(a: number, b: number): number {
  return a === 0 ? 0 : powers[logs[a]! + 255 - logs[b]!]!;
}

/**
 * Adds `factor` · `source` to `target`, byte by byte, as far as the shorter of the two goes.
 *
 * Four bytes are loaded and stored at a time and looked up one by one in the 256 products of the
 * factor: in Chromium 1.4 to 2 times as fast as byte by byte. A DataView does not mind that payloads
 * lie at odd places in their frames; an Int32Array would need a copy first. Tables that answer for
 * two targets at once win a quarter at most, larger ones and bits without tables nothing.
 */
export function addProduct(target: Uint8Array, source: Uint8Array, factor: number): void {
  const products = new Uint8Array(256);
  for (let byte = 0; byte < 256; byte++) products[byte] = multiply(factor, byte);
  const length = Math.min(target.length, source.length);
  const to = new DataView(target.buffer, target.byteOffset, length);
  const from = new DataView(source.buffer, source.byteOffset, length);
  let at = 0;
  for (; at + 4 <= length; at += 4) {
    const four = from.getInt32(at);
    to.setInt32(
      at,
      to.getInt32(at) ^
        (products[four >>> 24]! << 24 | products[four >>> 16 & 255]! << 16 |
          products[four >>> 8 & 255]! << 8 | products[four & 255]!),
    );
  }
  for (; at < length; at++) to.setUint8(at, to.getUint8(at) ^ products[from.getUint8(at)]!);
}
