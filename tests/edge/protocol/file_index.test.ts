import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { digest } from "../../../edge/protocol/digest_list.ts";
import {
  blockCount,
  blockEntry,
  blockSpan,
  cutFile,
  decodeFileIndex,
  encodeFileIndex,
  isIndexWhole,
  piecesOfRange,
} from "../../../edge/protocol/file_index.ts";
import { decodeLedgerEntry, encodeLedgerEntry } from "../../../edge/protocol/ledger_entry.ts";
import { pieceCount, pieceSpan } from "../../../edge/protocol/pieces.ts";
import { fileIndex, junk } from "./arbitraries.ts";

const MIB = 1024 * 1024;

Deno.test("an index comes back from its bytes, whole or cut short between two roots", () => {
  fc.assert(fc.property(fileIndex, fc.nat(), (index, cut) => {
    const bytes = encodeFileIndex(index);
    assert(bytes.length <= 161 + index.roots.length);
    assertEquals(decodeFileIndex(bytes), index);
    const roots = index.roots.slice(0, (cut % (blockCount(index.file) + 1)) * 16);
    assertEquals(decodeFileIndex(encodeFileIndex({ ...index, roots })), { ...index, roots });
  }));
});

Deno.test("arbitrary, altered and shortened bytes are refused or understood, never thrown at", () => {
  const altered = fc.tuple(fileIndex, fc.nat(), fc.nat(255), fc.nat())
    .map(([index, at, value, end]) => {
      const bytes = encodeFileIndex(index);
      bytes[at % bytes.length] = value;
      return bytes.subarray(0, end % (bytes.length + 1));
    });
  fc.assert(
    fc.property(fc.oneof(junk, altered), (bytes) => {
      const index = decodeFileIndex(bytes);
      if (index) assertEquals(encodeFileIndex(index), bytes);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("more roots than blocks, half a root, and impossible files are refused", () => {
  const [index] = fc.sample(fileIndex, { numRuns: 1, seed: 3 });
  const { file, roots } = index!;
  const wrong = [
    { file, roots: new Uint8Array(roots.length + 16) },
    { file, roots: roots.slice(0, -1) },
    { file: { ...file, length: 0 }, roots: new Uint8Array() },
    { file: { ...file, pieceBytes: 0 }, roots: new Uint8Array() },
    { file: { ...file, pieceBytes: 60 * 1024 + 1 }, roots: new Uint8Array() },
    { file: { ...file, length: 64 * 65_536 + 1, pieceBytes: 1 }, roots: new Uint8Array() },
    { file: { ...file, uri: "../film.mp4" }, roots: new Uint8Array() },
  ];
  for (const one of wrong) assertEquals(decodeFileIndex(encodeFileIndex(one)), undefined);
  const long = { file: { ...file, uri: "a".repeat(126) }, roots };
  assertThrows(() => encodeFileIndex(long), RangeError);
});

Deno.test("the fields stand where PROTOCOL.md says", () => {
  const file = {
    epoch: 0x01020304,
    rendition: 5,
    length: 0x0607,
    durationMs: 8,
    pieceBytes: 16 * 1024,
    root: new Uint8Array(16).fill(9),
    uri: "f",
  };
  const bytes = encodeFileIndex({ file, roots: new Uint8Array(16).fill(10) });
  const header = [1, 0, 1, 2, 3, 4, 5, 0, 0, 0, 0, 6, 7, 0, 0, 0, 8, 0x40, 0];
  const root = new Array(16).fill(9);
  assertEquals([...bytes], [37, ...header, ...root, 1, 102, ...new Array(16).fill(10)]);
});

Deno.test("blocks cover a file without gaps, and each has an entry that says where it is", () => {
  fc.assert(fc.property(fileIndex, ({ file }) => {
    let at = 0;
    for (let block = 0; block < blockCount(file); block++) {
      const entry = blockEntry(file, block, new Uint8Array(16));
      assertEquals(decodeLedgerEntry(encodeLedgerEntry(entry)), entry);
      assertEquals([entry.offset, entry.unit.sequence], [at, block]);
      assert(pieceCount(entry) <= 64);
      at += entry.length;
    }
    assertEquals(at, file.length);
  }));
});

Deno.test("a film has at most 2,048 blocks, a short one blocks of a MiB", () => {
  const blocks = (length: number) => blockCount({ ...cutFile(length), length });
  assertEquals(blocks(75 * MIB), 75);
  assertEquals(blocks(2048 * MIB), 2_048);
  assertEquals(blocks(2048 * MIB + 1), 1_025);
  assert(blocks(7_000 * MIB) <= 2_048);
});

Deno.test("any range of bytes is in the pieces that are named for it, and in no fewer", () => {
  fc.assert(fc.property(fileIndex, fc.nat(), fc.nat(), ({ file }, a, b) => {
    const [from, to] = [a % file.length, b % file.length].sort((x, y) => x - y) as [number, number];
    const spans = piecesOfRange(file, { from, to }).flatMap(({ block, pieces }) => {
      const entry = blockEntry(file, block, new Uint8Array(16));
      const first = blockSpan(file, block).from + pieceSpan(entry, pieces.from).from;
      const last = blockSpan(file, block).from + pieceSpan(entry, pieces.to - 1).to;
      return [{ from: first, to: last }];
    });
    if (from === to) return assertEquals(spans, []);
    assert(spans[0]!.from <= from && from < spans[0]!.from + file.pieceBytes);
    assert(spans.at(-1)!.to >= to && to > spans.at(-1)!.to - file.pieceBytes);
    spans.slice(1).forEach((span, at) => assertEquals(span.from, spans[at]!.to));
  }));
});

Deno.test("an index is whole only with every root, unchanged", async () => {
  const [index] = fc.sample(fileIndex, { numRuns: 1, seed: 5 });
  const file = { ...index!.file, root: await digest(index!.roots) };
  assert(await isIndexWhole({ file, roots: index!.roots }));
  assert(!await isIndexWhole({ file, roots: index!.roots.slice(0, -16) }));
  const changed = index!.roots.slice();
  changed[3]! ^= 1;
  assert(!await isIndexWhole({ file, roots: changed }));
});
