/** Thrown inside decoders only; every public `decode…` turns it into `undefined`. */
export class MalformedError extends Error {}

/** Runs a decoder and answers `undefined` for bytes that do not follow the contract. */
export function refuseMalformed<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}

/** Reads big-endian fields from a byte array, in order. Throws `MalformedError` past its end. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  #uint(size: number): number {
    return this.bytes(size).reduce((value, byte) => value * 256 + byte, 0);
  }

  u8(): number {
    return this.#uint(1);
  }
  u16(): number {
    return this.#uint(2);
  }
  u32(): number {
    return this.#uint(4);
  }
  u48(): number {
    return this.#uint(6);
  }
  /** A view, not a copy. */
  bytes(length: number): Uint8Array {
    if (this.left < length) throw new MalformedError();
    return this.#bytes.subarray(this.#at, this.#at += length);
  }
  rest(): Uint8Array {
    return this.bytes(this.left);
  }
  /** A string whose UTF-8 length stands before it in one byte. */
  text(): string {
    return this.#text(this.bytes(this.u8()));
  }
  /** All that is left, as UTF-8. */
  restText(): string {
    return this.#text(this.rest());
  }
  #text(bytes: Uint8Array): string {
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch (error) {
      if (error instanceof TypeError) throw new MalformedError();
      throw error;
    }
  }
  end(): void {
    if (this.left > 0) throw new MalformedError();
  }
}

/** Collects big-endian fields; `done()` answers them as one array. */
export class ByteWriter {
  #bytes = new Uint8Array(64);
  #length = 0;

  #room(length: number): Uint8Array {
    const from = this.#length;
    this.#length += length;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2));
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    return this.#bytes.subarray(from, this.#length);
  }

  #uint(value: number, size: number): this {
    const room = this.#room(size);
    for (let at = size; at-- > 0; value = Math.floor(value / 256)) room[at] = value;
    return this;
  }

  u8(value: number): this {
    return this.#uint(value, 1);
  }
  u16(value: number): this {
    return this.#uint(value, 2);
  }
  u32(value: number): this {
    return this.#uint(value, 4);
  }
  u48(value: number): this {
    return this.#uint(value, 6);
  }
  bytes(value: Uint8Array): this {
    this.#room(value.length).set(value);
    return this;
  }
  text(value: string): this {
    const bytes = new TextEncoder().encode(value);
    if (bytes.length > 255) throw new RangeError(`text of ${bytes.length} bytes, at most 255`);
    return this.u8(bytes.length).bytes(bytes);
  }
  restText(value: string): this {
    return this.bytes(new TextEncoder().encode(value));
  }
  done(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
