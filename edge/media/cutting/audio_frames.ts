import { type Framer, junkAtom, mediaAtom } from "./atom.ts";

/** What a frame's header says. */
export interface FrameHeader {
  /** Of the whole frame. */
  readonly bytes: number;
  readonly durationMs: number;
  /** Equal in all frames of one stream. */
  readonly signature: number;
}

/** Enough of a frame for either format. */
export const HEADER_BYTES = 7;

/**
 * Streams that are nothing but frames. Bytes that look like a frame are none unless another one
 * follows; in step, the next frame is where the last one ends.
 */
export function createFrameFramer(
  readHeader: (bytes: Uint8Array, at: number) => FrameHeader | undefined,
): Framer {
  let signature: number | undefined;

  function whole({ bytes, durationMs }: FrameHeader, available: number) {
    return available < bytes ? undefined : mediaAtom(bytes, durationMs, true);
  }

  function next(bytes: Uint8Array) {
    if (bytes.length < HEADER_BYTES) return undefined;
    const expected = readHeader(bytes, 0);
    if (expected && expected.signature === signature) return whole(expected, bytes.length);
    signature = undefined;
    const end = bytes.length - HEADER_BYTES;
    for (let at = 0; at <= end; at++) {
      const header = readHeader(bytes, at);
      if (!header) continue;
      if (at + header.bytes > end) return at > 0 ? junkAtom(at) : undefined;
      if (readHeader(bytes, at + header.bytes)?.signature !== header.signature) continue;
      if (at > 0) return junkAtom(at);
      signature = header.signature;
      return whole(header, bytes.length);
    }
    return junkAtom(end + 1);
  }

  return { next, last: next };
}
