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
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  #take(length: number): number {
    if (this.left < length) throw new MalformedError("too short");
    const at = this.#at;
    this.#at += length;
    return at;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }
  u16(): number {
    return this.#view.getUint16(this.#take(2));
  }
  u32(): number {
    return this.#view.getUint32(this.#take(4));
  }
  u48(): number {
    return this.u16() * 2 ** 32 + this.u32();
  }
  /** A view, not a copy. */
  bytes(length: number): Uint8Array {
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }
  rest(): Uint8Array {
    return this.bytes(this.left);
  }
  /** A string whose UTF-8 length stands before it in one byte. */
  text(): string {
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
        this.bytes(this.u8()),
      );
    } catch (error) {
      if (error instanceof TypeError) throw new MalformedError("not UTF-8");
      throw error;
    }
  }
  end(): void {
    if (this.left > 0) throw new MalformedError("too long");
  }
}

/** Collects big-endian fields; `done()` answers them as one array. */
export class ByteWriter {
  #bytes = new Uint8Array(64);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /** Makes room and answers where it is. `#bytes` and `#view` may be others afterwards. */
  #room(length: number): number {
    const at = this.#length;
    this.#length += length;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2));
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return at;
  }

  u8(value: number): this {
    const at = this.#room(1);
    this.#view.setUint8(at, value);
    return this;
  }
  u16(value: number): this {
    const at = this.#room(2);
    this.#view.setUint16(at, value);
    return this;
  }
  u32(value: number): this {
    const at = this.#room(4);
    this.#view.setUint32(at, value);
    return this;
  }
  u48(value: number): this {
    return this.u16(Math.floor(value / 2 ** 32)).u32(value % 2 ** 32);
  }
  bytes(value: Uint8Array): this {
    const at = this.#room(value.length);
    this.#bytes.set(value, at);
    return this;
  }
  text(value: string): this {
    const bytes = new TextEncoder().encode(value);
    if (bytes.length > 255) throw new RangeError(`text of ${bytes.length} bytes, at most 255`);
    return this.u8(bytes.length).bytes(bytes);
  }
  done(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }
}
