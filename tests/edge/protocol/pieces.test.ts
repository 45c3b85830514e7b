import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  type Cut,
  cut,
  MAX_PIECE_BYTES,
  MAX_PIECES,
  MAX_RUNS,
  MIN_PIECE_BYTES,
  pieceCount,
  pieceSpan,
  runSpan,
  type Span,
} from "../../../edge/protocol/pieces.ts";

const length = fc.oneof(
  fc.integer({ min: 1, max: 200_000_000 }),
  // Around the places where the count of pieces changes.
  fc.tuple(fc.integer({ min: 1, max: 3_000 }), fc.integer({ min: -1, max: 1 }))
    .map(([pieces, off]) => Math.max(1, pieces * MIN_PIECE_BYTES + off)),
);
const durationMs = fc.integer({ min: 0, max: 600_000 });
const runs = fc.integer({ min: 1, max: 64 });

/** Asserts that the spans follow each other from 0 to `end` with nothing empty, missing or double. */
function assertTiles(spans: readonly Span[], end: number): void {
  let at = 0;
  for (const { from, to } of spans) {
    assertEquals(from, at);
    assert(to > from, `empty span at ${at}`);
    at = to;
  }
  assertEquals(at, end);
}

const pieceSpans = (of: Cut) =>
  Array.from({ length: pieceCount(of) }, (_, index) => pieceSpan(of, index));
const runSpans = (of: Cut) => Array.from({ length: of.runs }, (_, run) => runSpan(of, run));

Deno.test("every byte is in exactly one piece, every piece in exactly one run", () => {
  fc.assert(fc.property(length, durationMs, runs, (length, durationMs, runs) => {
    const pieces = cut(length, durationMs, runs);
    assertTiles(pieceSpans(pieces), length);
    assertTiles(runSpans(pieces), pieceCount(pieces));
  }));
});

Deno.test("pieces and runs keep within what frames and ledger entries can say", () => {
  fc.assert(fc.property(length, durationMs, runs, (length, durationMs, runs) => {
    const pieces = cut(length, durationMs, runs);
    assert(pieces.pieceBytes >= MIN_PIECE_BYTES && pieces.pieceBytes <= MAX_PIECE_BYTES);
    assert(pieceCount(pieces) <= MAX_PIECES);
    assert(pieces.runs >= 1 && pieces.runs <= Math.min(runs, MAX_RUNS));
  }));
});

Deno.test("a piece of a long segment holds an eighth of a second, unless that is less than 16 KiB", () => {
  assertEquals(cut(7_500_000, 60_000).pieceBytes, MIN_PIECE_BYTES);
  assertEquals(cut(15_000_000, 60_000).pieceBytes, 31 * 1024);
  assertEquals(cut(15_000_000, 8_000).pieceBytes, MAX_PIECE_BYTES);
});

Deno.test("a segment of up to 3.75 MiB and 8 s has at most 64 pieces", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 64 * MAX_PIECE_BYTES }), (length) => {
    assert(pieceCount(cut(length)) <= 64);
  }));
});

Deno.test("runs are of one length, give or take a piece", () => {
  fc.assert(fc.property(length, runs, (length, runs) => {
    const lengths = runSpans(cut(length, 0, runs)).map(({ from, to }) => to - from);
    assert(Math.max(...lengths) - Math.min(...lengths) <= 1, `${lengths}`);
  }));
});
