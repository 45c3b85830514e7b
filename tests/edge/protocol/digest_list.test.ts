import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  digest,
  digestList,
  isDigestListOf,
  isPieceOf,
} from "../../../edge/protocol/digest_list.ts";
import { DIGEST_BYTES } from "../../../edge/protocol/ledger_entry.ts";
import { parityPieces } from "../../../edge/protocol/parity.ts";
import { cut, pieceCount, pieceSpan } from "../../../edge/protocol/pieces.ts";

/** Media of a few pieces that differ from each other. */
const media = fc.tuple(fc.integer({ min: 1, max: 200_000 }), fc.nat()).map(([length, seed]) =>
  Uint8Array.from({ length }, (_, at) => (at * 31 + (at >> 8) * 7 + seed) & 0xff)
);

function flipped(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = bytes.slice();
  copy[(bit >> 3) % copy.length]! ^= 1 << (bit & 7);
  return copy;
}

Deno.test("every piece of a unit is known by its place in the list, and by no other", async () => {
  await fc.assert(
    fc.asyncProperty(media, fc.nat(), async (media, any) => {
      const pieces = cut(media.length);
      const list = await digestList(media, pieces);
      assertEquals(list.length, pieceCount(pieces) * DIGEST_BYTES);
      const index = any % pieceCount(pieces);
      const { from, to } = pieceSpan(pieces, index);
      const piece = media.subarray(from, to);
      assert(await isPieceOf(piece, list, index));
      assertEquals(await isPieceOf(piece, list, pieceCount(pieces)), false);
    }),
    { numRuns: 30 },
  );
});

Deno.test("a bit flipped anywhere in a piece is found", async () => {
  await fc.assert(
    fc.asyncProperty(media, fc.nat(), async (media, bit) => {
      const pieces = cut(media.length);
      const list = await digestList(media, pieces);
      const wrong = flipped(media, bit);
      const index = Math.floor(((bit >> 3) % media.length) / pieces.pieceBytes);
      const { from, to } = pieceSpan(pieces, index);
      assertEquals(await isPieceOf(wrong.subarray(from, to), list, index), false);
    }),
    { numRuns: 30 },
  );
});

Deno.test("a bit flipped anywhere in the list or in the root is found", async () => {
  await fc.assert(
    fc.asyncProperty(media, fc.nat(), async (media, bit) => {
      const list = await digestList(media, cut(media.length));
      const root = await digest(list);
      assert(await isDigestListOf(list, root));
      assertEquals(await isDigestListOf(flipped(list, bit), root), false);
      assertEquals(await isDigestListOf(list, flipped(root, bit)), false);
    }),
    { numRuns: 30 },
  );
});

Deno.test("the digests of parity pieces follow those of the media, in the order of their indexes", async () => {
  await fc.assert(
    fc.asyncProperty(media, fc.integer({ min: 1, max: 4 }), async (media, parityRuns) => {
      const pieces = cut(media.length);
      const list = await digestList(media, pieces, parityRuns);
      const ofMedia = await digestList(media, pieces);
      assertEquals(list.slice(0, ofMedia.length), ofMedia);
      const parity = parityPieces(
        { ...pieces, parityRuns },
        Array.from({ length: pieceCount(pieces) }, (_, index) => {
          const { from, to } = pieceSpan(pieces, index);
          return media.subarray(from, to);
        }),
      );
      assertEquals(list.length, ofMedia.length + parity.length * DIGEST_BYTES);
      for (const [at, piece] of parity.entries()) {
        assert(await isPieceOf(piece, list, pieceCount(pieces) + at));
      }
    }),
    { numRuns: 30 },
  );
});

Deno.test("a list that is empty or holds part of a digest is none, whatever the root says", async () => {
  for (const length of [0, 1, DIGEST_BYTES + 1]) {
    const list = new Uint8Array(length);
    assertEquals(await isDigestListOf(list, await digest(list)), false);
  }
});
