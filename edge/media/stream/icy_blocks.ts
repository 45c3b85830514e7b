import { concat } from "@std/bytes/concat";
import type { Bytes } from "./bytes.ts";

/** Bytes of media between two blocks, as Icecast's default. */
export const ICY_INTERVAL_BYTES = 16_000;
/** A block's length is counted in these, in one byte. */
const UNIT_BYTES = 16;
const MAX_UNITS = 255;

/**
 * Puts SHOUTcast's metadata into a stream: after every `ICY_INTERVAL_BYTES` of media a block that
 * tells the title, or an empty one where that is still the same. What it answers is the media with
 * the blocks in it.
 */
export function createIcyBlocks(): (media: Bytes, title: string) => Bytes {
  let left = ICY_INTERVAL_BYTES;
  let told: string | undefined;

  function block(title: string): Uint8Array {
    if (title === told) return new Uint8Array(1);
    told = title;
    return icyBlock(title);
  }

  return (media, title) => {
    const out: Uint8Array[] = [];
    for (let at = 0; at < media.length;) {
      const part = media.subarray(at, at + left);
      at += part.length;
      left -= part.length;
      out.push(part);
      if (left > 0) continue;
      left = ICY_INTERVAL_BYTES;
      out.push(block(title));
    }
    return concat(out);
  };
}

/** One block: its length, the text in UTF-8, zeros. */
export function icyBlock(title: string): Uint8Array {
  // Players look for the quote and semicolon that end the title.
  const text = new TextEncoder().encode(`StreamTitle='${title.replaceAll("';", "’;")}';`);
  const units = Math.min(MAX_UNITS, Math.ceil(text.length / UNIT_BYTES));
  const bytes = new Uint8Array(1 + units * UNIT_BYTES);
  bytes[0] = units;
  bytes.set(text.subarray(0, units * UNIT_BYTES), 1);
  return bytes;
}
