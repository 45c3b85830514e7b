import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  anyRunSpan,
  codePiece,
  columnCount,
  columnOf,
  type ParityCut,
  parityPieceCount,
  parityPieces,
  pieceLength,
  placeOf,
  totalPieceCount,
} from "../../../edge/protocol/parity.ts";
import { MAX_RUNS, pieceCount, pieceSpan, runSpan } from "../../../edge/protocol/pieces.ts";

/** Small pieces, and all that can be ragged: the last piece, runs that differ by a piece. */
const cuts = (maxRuns: number, maxParityRuns: number): fc.Arbitrary<ParityCut> =>
  fc.record({
    pieceBytes: fc.integer({ min: 1, max: 40 }),
    wholePieces: fc.nat({ max: 60 }),
    lastBytes: fc.integer({ min: 1, max: 40 }),
    runs: fc.integer({ min: 1, max: maxRuns }),
    parityRuns: fc.nat({ max: maxParityRuns }),
  }).map(({ pieceBytes, wholePieces, lastBytes, runs, parityRuns }) => ({
    pieceBytes,
    length: wholePieces * pieceBytes + Math.min(lastBytes, pieceBytes),
    runs: Math.min(runs, wholePieces + 1),
    parityRuns,
  }));

const media = (length: number, seed: number) =>
  Uint8Array.from({ length }, (_, at) => Math.imul(at + 1, 2_654_435_761 + seed) >>> 13);

const mediaPieces = (bytes: Uint8Array, cut: ParityCut) =>
  Array.from({ length: pieceCount(cut) }, (_, index) => {
    const { from, to } = pieceSpan(cut, index);
    return bytes.subarray(from, to);
  });

/** Every piece of a unit of `cut`, by its index. */
function allPieces(cut: ParityCut, seed: number): Uint8Array[] {
  const pieces = mediaPieces(media(cut.length, seed), cut);
  return [...pieces, ...parityPieces(cut, pieces)];
}

const range = (length: number) => Array.from({ length }, (_, at) => at);
const shuffledRuns = fc.shuffledSubarray(range(MAX_RUNS), { minLength: MAX_RUNS });

/** The pieces of one column in the order that `runs` says. */
const inOrder = (cut: ParityCut, column: number, runs: readonly number[]) => {
  const { media, parity } = columnOf(cut, column);
  return [...media, ...parity].sort((a, b) =>
    runs.indexOf(placeOf(cut, a).run) - runs.indexOf(placeOf(cut, b).run)
  );
};

function assertRebuilds(cut: ParityCut, seed: number, any: number, runs: readonly number[]): void {
  const pieces = allPieces(cut, seed);
  const column = any % columnCount(cut);
  const order = inOrder(cut, column, runs);
  const enough = columnOf(cut, column).media.length;
  const kept = order.slice(0, enough).map((index) => ({ index, payload: pieces[index]! }));
  for (const lost of order.slice(enough)) {
    assertEquals(codePiece(cut, lost, kept), pieces[lost], `piece ${lost} of ${kept.length}`);
  }
}

Deno.test("as many pieces of a column as it has of media rebuild the others, whichever they are", () => {
  fc.assert(
    fc.property(cuts(16, 8), fc.nat(), fc.nat(), shuffledRuns, assertRebuilds),
    { numRuns: 1_000 },
  );
});

Deno.test("so it is with 32 runs, however many of them are parity", () => {
  const full = cuts(MAX_RUNS, 0).map((cut) => ({ ...cut, parityRuns: MAX_RUNS - cut.runs }));
  fc.assert(fc.property(full, fc.nat(), fc.nat(), shuffledRuns, assertRebuilds), { numRuns: 200 });
});

Deno.test("one piece fewer is too few, and pieces of other columns and copies make up for nothing", () => {
  fc.assert(fc.property(cuts(16, 8), fc.nat(), shuffledRuns, (cut, any, runs) => {
    const column = any % columnCount(cut);
    const order = inOrder(cut, column, runs);
    const few = order.slice(0, columnOf(cut, column).media.length - 1);
    const elsewhere = range(totalPieceCount(cut)).filter((one) => !order.includes(one));
    const given = [...few, ...few, ...elsewhere]
      .map((index) => ({ index, payload: new Uint8Array(cut.pieceBytes) }));
    for (const lost of order.slice(few.length)) {
      assertEquals(codePiece(cut, lost, given), undefined);
    }
  }));
});

Deno.test("more pieces than are needed, and those of other columns, change nothing", () => {
  fc.assert(fc.property(cuts(16, 8), fc.nat(), fc.nat(), (cut, seed, any) => {
    const pieces = allPieces(cut, seed);
    const all = pieces.map((payload, index) => ({ index, payload }));
    const index = any % pieces.length;
    assertEquals(codePiece(cut, index, all), pieces[index]);
  }));
});

Deno.test("parity is as PROTOCOL.md has it", () => {
  const cut: ParityCut = { length: 18, pieceBytes: 4, runs: 3, parityRuns: 2 };
  const bytes = new TextEncoder().encode("Tributary feeds us");
  assertEquals(parityPieces(cut, mediaPieces(bytes, cut)).map((piece) => [...piece]), [
    [0x58, 0x21, 0x0f, 0x07],
    [0x10, 0x10, 0x12, 0x52],
    [0xe7, 0xde, 0x7a, 0x0b],
    [0xd6, 0xd1, 0xaa, 0xe9],
  ]);
});

Deno.test("the matrix is that of Plank and Ding's correction, and PROTOCOL.md's for 8 runs", () => {
  assertEquals(generator(3, 3), [[1, 1, 1], [15, 8, 6], [14, 9, 6]]);
  assertEquals(generator(8, 2), [
    [26, 132, 186, 51, 231, 16, 198, 39],
    [132, 26, 51, 186, 16, 231, 39, 198],
  ]);
});

/** What each run adds to each parity run: the parity of units of which one byte is 1. */
function generator(runs: number, parityRuns: number): number[][] {
  const cut: ParityCut = { length: runs, pieceBytes: 1, runs, parityRuns };
  const columns = range(runs).map((one) =>
    parityPieces(cut, range(runs).map((run) => Uint8Array.of(run === one ? 1 : 0)))
  );
  return range(parityRuns).map((row) => columns.map((column) => column[row]![0]!));
}

Deno.test("every piece has one place, every column is one piece of each run that reaches it", () => {
  fc.assert(fc.property(cuts(16, 8), (cut) => {
    assertEquals(
      columnCount(cut),
      Math.max(...range(cut.runs).map((run) => runSpan(cut, run).to - runSpan(cut, run).from)),
    );
    const columns = range(columnCount(cut)).map((column) => columnOf(cut, column));
    const indexes = columns.flatMap(({ media, parity }) => [...media, ...parity]);
    assertEquals(indexes.sort((a, b) => a - b), range(totalPieceCount(cut)));
    columns.forEach(({ media, parity }, column) => {
      assertEquals(parity.length, cut.parityRuns);
      assert(media.every((index) => index < pieceCount(cut)));
      for (const index of [...media, ...parity]) {
        const place = placeOf(cut, index);
        assertEquals(place.column, column);
        assertEquals(anyRunSpan(cut, place.run).from + column, index);
      }
    });
  }));
});

Deno.test("parity runs follow the media, each as long as the longest run and of whole pieces", () => {
  fc.assert(fc.property(cuts(16, 8), (cut) => {
    const spans = range(cut.runs + cut.parityRuns).map((run) => anyRunSpan(cut, run));
    let at = 0;
    spans.forEach(({ from, to }, run) => {
      assertEquals(from, at);
      if (run < cut.runs) assertEquals({ from, to }, runSpan(cut, run));
      else assertEquals(to - from, columnCount(cut));
      at = to;
    });
    assertEquals(at, totalPieceCount(cut));
    const lengths = range(totalPieceCount(cut)).map((index) => pieceLength(cut, index));
    assertEquals(lengths, allPieces(cut, 0).map((piece) => piece.length));
    const parityBytes = lengths.slice(pieceCount(cut)).reduce((sum, one) => sum + one, 0);
    assertEquals(parityBytes, parityPieceCount(cut) * cut.pieceBytes);
  }));
});
