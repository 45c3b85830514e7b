/** Elements of EBML, RFC 8794 §5 and §6. */
import { malformed } from "./stream_error.ts";

export interface Element {
  readonly id: number;
  /** Bytes of its header. */
  readonly header: number;
  /** Of its content; `undefined` where the writer did not know. */
  readonly size: number | undefined;
}

const MAX_ID_BYTES = 4;
const MAX_SIZE_BYTES = 8;

/** The element that begins at `at`; `undefined` where more bytes are needed. Throws `CodedError`. */
export function readElement(bytes: Uint8Array, at: number): Element | undefined {
  const idBytes = lengthAt(bytes, at, MAX_ID_BYTES);
  if (idBytes === undefined || at + idBytes >= bytes.length) return undefined;
  const sizeBytes = lengthAt(bytes, at + idBytes, MAX_SIZE_BYTES);
  if (sizeBytes === undefined || at + idBytes + sizeBytes > bytes.length) return undefined;
  const id = readUnsigned(bytes.subarray(at, at + idBytes));
  const sizeField = bytes.subarray(at + idBytes, at + idBytes + sizeBytes);
  // The highest bit that is set tells the length and is no part of the number.
  const first = sizeField[0]! & (0xff >> sizeBytes);
  const rest = sizeField.subarray(1);
  const unknown = first === 0xff >> sizeBytes && rest.every((byte) => byte === 0xff);
  const size = first * 256 ** rest.length + readUnsigned(rest);
  return { id, header: idBytes + sizeBytes, size: unknown ? undefined : size };
}

/** The elements that fill `bytes`, each with its content. Throws `CodedError`. */
export function* elementsIn(bytes: Uint8Array): Generator<Element & { content: Uint8Array }> {
  for (let at = 0; at < bytes.length;) {
    const element = readElement(bytes, at);
    const end = at + (element?.header ?? 0) + (element?.size ?? Infinity);
    if (!element || end > bytes.length) throw malformed("an element of WebM ends in the middle");
    yield { ...element, content: bytes.subarray(at + element.header, end) };
    at = end;
  }
}

/** At most 8 bytes. */
export function readUnsigned(bytes: Uint8Array): number {
  return bytes.subarray(0, 8).reduce((value, byte) => value * 256 + byte, 0);
}

/** How many bytes a number of variable size has, by its first one. */
function lengthAt(bytes: Uint8Array, at: number, most: number): number | undefined {
  const first = bytes[at];
  if (first === undefined) return undefined;
  const length = Math.clz32(first) - 23;
  if (length > most) throw malformed("what should be an element of WebM is none");
  return length;
}
