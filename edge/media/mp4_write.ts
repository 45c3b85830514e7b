/** Boxes of ISO/IEC 14496-12 §4.2, written. */
import { concat } from "@std/bytes/concat";
import { type fieldsOf, viewOf } from "./mp4_boxes.ts";
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

/** Puts another value into the next of `fields`, of 32 or 64 bits. Throws `Mp4Error` past their end. */
export function overwrite(
  bytes: Uint8Array<ArrayBuffer>,
  fields: ReturnType<typeof fieldsOf>,
  value: number,
  bits: 32 | 64 = 32,
): void {
  const { at } = fields;
  fields.skip(bits / 8);
  if (bits === 64) viewOf(bytes).setBigUint64(at, BigInt(value));
  else viewOf(bytes).setUint32(at, value);
}
