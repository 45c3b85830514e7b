/** A set of piece indexes as bits, first piece in the highest bit of the first byte. */
export type Bitmap = Uint8Array;

export function emptyBitmap(size: number): Bitmap {
  return new Uint8Array(Math.ceil(size / 8));
}

export function hasBit(bits: Bitmap, index: number): boolean {
  return ((bits[index >> 3] ?? 0) & (0x80 >> (index & 7))) !== 0;
}

/** The same with a bit more. What is told of what is here stays as it was when it was told. */
export function withBit(bits: Bitmap, index: number): Bitmap {
  const more = bits.slice();
  setBit(more, index);
  return more;
}

/** Sets a bit in place. Outside the map nothing happens. */
export function setBit(bits: Bitmap, index: number): void {
  const at = index >> 3;
  if (at < bits.length) bits[at] = bits[at]! | (0x80 >> (index & 7));
}
