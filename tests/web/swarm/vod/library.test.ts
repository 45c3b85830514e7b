/** What is kept of files. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { keepPiece, type Segment } from "../../../../web/swarm/segment.ts";
import { createLibrary } from "../../../../web/swarm/vod/library.ts";
import { entryOf, filmOf } from "./network.ts";

const film = filmOf(12);
const BLOCK = 64 * film.file.pieceBytes;

function libraryOf(bytes: number, copies: readonly number[], needed: ReadonlySet<number>) {
  const library = createLibrary<number>({
    bytes,
    copies: ({ entry }) => copies[entry.unit.sequence] ?? 0,
    isNeeded: ({ entry }) => needed.has(entry.unit.sequence),
    random: () => 0,
  });
  library.addFile(film, 0);
  return library;
}

function fill(segment: Segment<number>): void {
  for (let index = 0; index < segment.count; index++) keepPiece(segment, index, index);
}

Deno.test("as little as need be goes, nothing that is needed, the most common first, then the longest unused", () => {
  const blocks = fc.array(
    fc.record({ copies: fc.nat(2), usedMs: fc.nat(5), needed: fc.boolean() }),
    {
      minLength: 1,
      maxLength: 12,
    },
  );
  fc.assert(fc.property(blocks, fc.nat(12), (blocks, most) => {
    const needed = new Set(blocks.flatMap((one, at) => one.needed ? [at] : []));
    const library = libraryOf(most * BLOCK, blocks.map(({ copies }) => copies), needed);
    for (const [at, { usedMs }] of blocks.entries()) {
      const segment = library.block(entryOf(film, at).unit)!;
      fill(segment);
      library.touch(segment, usedMs);
    }
    const gone = library.evict().map(({ entry }) => entry.unit.sequence);
    const left = library.segments().map(({ entry }) => entry.unit.sequence);
    assertEquals([...gone, ...left].sort((a, b) => a - b), blocks.map((_, at) => at));
    const free = blocks.length - needed.size;
    assertEquals(gone.length, Math.min(free, Math.max(0, blocks.length - most)));
    for (const one of gone) {
      assert(!needed.has(one));
      for (const other of left.filter((at) => !needed.has(at))) {
        const [a, b] = [blocks[one]!, blocks[other]!];
        assert(a.copies > b.copies || (a.copies === b.copies && a.usedMs <= b.usedMs));
      }
    }
  }));
});

Deno.test("a block is known with its root only: an index may come in parts", () => {
  const library = libraryOf(Infinity, [], new Set());
  const part = { file: { ...film.file, rendition: 1 }, roots: film.roots.slice(0, 32) };
  library.addFile(part, 4);
  const unitOf = (block: number) => ({ ...entryOf(film, block).unit, rendition: 1 });
  assertEquals(library.block(unitOf(3)), undefined);
  assertEquals(library.block(unitOf(4))?.entry.offset, 4 * BLOCK);
  library.addFile({ ...part, roots: film.roots.slice(0, 16) }, 3);
  assert(library.block(unitOf(3)) && library.block(unitOf(5)));
  assertEquals(library.block(unitOf(6)), undefined);
  assertEquals(library.block({ ...unitOf(4), part: 0 }), undefined);
});
