/** Boxes of ISO/IEC 14496-12 §4.2, written. */
import { concat } from "@std/bytes/concat";
import { ByteWriter } from "../protocol/bytes.ts";

export function box(type: string, ...content: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const body = concat(content);
  return concat([words(8 + body.length), new TextEncoder().encode(type), body]);
}

/** 32 bits each, big-endian. */
export function words(...values: number[]): Uint8Array<ArrayBuffer> {
  const to = new ByteWriter();
  for (const value of values) to.u32(value);
  return to.done();
}
