/** The tag that tells when a segment of packed audio begins (RFC 8216 §3.4, RFC 8216bis §3.1.4). */
import { concat } from "@std/bytes/concat";

const OWNER = "com.apple.streaming.transportStreamTimestamp\0";
const TAG_HEADER_BYTES = 10;
const FRAME_HEADER_BYTES = 10;
const FRAME_BYTES = OWNER.length + 8;
export const TIMESTAMP_TAG_BYTES = TAG_HEADER_BYTES + FRAME_HEADER_BYTES + FRAME_BYTES;
/** Ticks of MPEG-2, which count to 2³³. */
const TICKS_PER_MS = 90;
const CYCLE = 2 ** 33;

/** The segment with its tag before it: ID3 2.4 §3.1 with one PRIV frame, §4.27. */
export function withTimestamp(segment: Uint8Array, startMs: number): Uint8Array<ArrayBuffer> {
  const tag = new Uint8Array(TIMESTAMP_TAG_BYTES);
  const view = new DataView(tag.buffer);
  tag.set(latin1("ID3\x04\0"));
  // Sizes have seven bits a byte; these are all below 128.
  tag[9] = FRAME_HEADER_BYTES + FRAME_BYTES;
  tag.set(latin1("PRIV"), TAG_HEADER_BYTES);
  tag[TAG_HEADER_BYTES + 7] = FRAME_BYTES;
  tag.set(latin1(OWNER), TAG_HEADER_BYTES + FRAME_HEADER_BYTES);
  view.setBigUint64(TIMESTAMP_TAG_BYTES - 8, BigInt(Math.round(startMs * TICKS_PER_MS) % CYCLE));
  return concat([tag, segment]);
}

/** The segment as its source sent it. */
export function withoutTimestamp(segment: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const at = TAG_HEADER_BYTES + FRAME_HEADER_BYTES;
  const found = String.fromCharCode(...segment.subarray(at, at + OWNER.length));
  return found === OWNER ? segment.subarray(TIMESTAMP_TAG_BYTES) : segment;
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
