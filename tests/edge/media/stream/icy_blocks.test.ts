import { assertEquals } from "@std/assert";
import { concat } from "@std/bytes/concat";
import fc from "fast-check";
import {
  createIcyBlocks,
  ICY_INTERVAL_BYTES,
  icyBlock,
} from "../../../../edge/media/stream/icy_blocks.ts";

/** Takes a stream apart as a player does. */
function readStream(bytes: Uint8Array): { media: Uint8Array; titles: string[] } {
  const media: Uint8Array[] = [];
  const titles: string[] = [];
  for (let at = 0; at < bytes.length;) {
    media.push(bytes.subarray(at, at + ICY_INTERVAL_BYTES));
    at += ICY_INTERVAL_BYTES;
    if (at >= bytes.length) break;
    const length = bytes[at]! * 16;
    const text = new TextDecoder().decode(bytes.subarray(at + 1, at + 1 + length));
    if (length > 0) titles.push(/^StreamTitle='(.*)';\0*$/.exec(text)![1]!);
    at += 1 + length;
  }
  return { media: concat(media), titles };
}

Deno.test("the media comes out as it went in, whatever the parts, and each title once", () => {
  const lengths = fc.array(fc.nat(40_000), { maxLength: 8 });
  fc.assert(
    fc.property(lengths, (sizes) => {
      const blocks = createIcyBlocks();
      const parts = sizes.map((size, at) => new Uint8Array(size).fill(at + 1));
      const out = concat(parts.map((part) => blocks(part, "same")));
      const { media, titles } = readStream(out);
      assertEquals(media, concat(parts));
      assertEquals(titles, media.length >= ICY_INTERVAL_BYTES ? ["same"] : []);
    }),
    { numRuns: 30 },
  );
});

Deno.test("a new title is told at the next block", () => {
  const blocks = createIcyBlocks();
  const part = new Uint8Array(ICY_INTERVAL_BYTES);
  const out = concat(["A – B", "A – B", "It's", ""].map((title) => blocks(part, title)));
  assertEquals(readStream(out).titles, ["A – B", "It's", ""]);
});

Deno.test("a block is whole units of 16 bytes, and no title can end it early", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 6_000 }), (title) => {
      const block = icyBlock(title);
      assertEquals(block.length, 1 + block[0]! * 16);
    }),
  );
  assertEquals(new TextDecoder().decode(icyBlock("a';b").slice(1)).indexOf("';"), 17);
});
