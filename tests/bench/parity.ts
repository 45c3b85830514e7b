/**
 * What parity costs: the share of one core that goes into coding a stream of 8 Mbit/s in segments of
 * 2 s, K = 8, R = 2. `encode` makes both parity runs; `rebuild` makes two lost runs of media from the
 * other six and the parity, their payloads lying in frames as partners send them:
 * `deno task bench:parity [--rounds 40] [--json]`. Medians; the rounds before count as warm-up.
 */
import { parseArgs } from "@std/cli/parse-args";
import {
  codePiece,
  columnCount,
  columnOf,
  type ParityCut,
  parityPieces,
  type PlacedPiece,
  placeOf,
} from "../../edge/protocol/parity.ts";
import { cut, pieceCount, pieceSpan } from "../../edge/protocol/pieces.ts";
import { decodePeerFrame, encodePeerFrame } from "../../edge/protocol/peer_frames.ts";
import { WHOLE } from "../../edge/protocol/unit.ts";

const BITS_PER_SECOND = 8_000_000;
const SEGMENT_SECONDS = 2;
const LOST_RUNS = [2, 5];
const WARM_UP_ROUNDS = 10;

const args: { rounds: number; json: boolean } = parseArgs(Deno.args, {
  boolean: ["json"],
  default: { rounds: 40 },
});

const length = BITS_PER_SECOND / 8 * SEGMENT_SECONDS;
const unit: ParityCut = { ...cut(length), parityRuns: 2 };
const bytes = Uint8Array.from({ length }, () => Math.random() * 256);
const media = Array.from({ length: pieceCount(unit) }, (_, index) => {
  const { from, to } = pieceSpan(unit, index);
  return bytes.subarray(from, to);
});

/** A piece as it comes out of a frame: not at a multiple of 4 in its buffer. */
function received(index: number, payload: Uint8Array): PlacedPiece {
  const name = { epoch: 1, rendition: 0, sequence: 1, part: WHOLE };
  const frame = decodePeerFrame(encodePeerFrame({ type: "piece", unit: name, index, payload }));
  if (frame?.type !== "piece") throw new Error("a piece that was encoded is not decoded");
  return { index, payload: frame.payload };
}

const isLost = (index: number) => LOST_RUNS.includes(placeOf(unit, index).run);
const columns = [...media, ...parityPieces(unit, media)]
  .map((payload, index) => received(index, payload))
  .filter(({ index }) => !isLost(index))
  .reduce((columns, piece) => {
    columns[placeOf(unit, piece.index).column]!.push(piece);
    return columns;
  }, Array.from({ length: columnCount(unit) }, (): PlacedPiece[] => []));

function rebuild(): void {
  columns.forEach((kept, column) => {
    for (const index of columnOf(unit, column).media.filter(isLost)) codePiece(unit, index, kept);
  });
}

/** Median time of one segment, as ms and as a share of one core in percent. */
function measure(work: () => void): { ms: number; percent: number } {
  const times = Array.from({ length: WARM_UP_ROUNDS + args.rounds }, () => {
    const from = performance.now();
    work();
    return performance.now() - from;
  }).slice(WARM_UP_ROUNDS).sort((a, b) => a - b);
  const ms = times[Math.floor(times.length / 2)]!;
  const rounded = (value: number) => Number(value.toFixed(3));
  return { ms: rounded(ms), percent: rounded(ms / (SEGMENT_SECONDS * 1_000) * 100) };
}

const report = {
  bitsPerSecond: BITS_PER_SECOND,
  segmentSeconds: SEGMENT_SECONDS,
  runs: unit.runs,
  parityRuns: unit.parityRuns,
  encode: measure(() => parityPieces(unit, media)),
  rebuild: measure(rebuild),
};
console.log(args.json ? JSON.stringify(report) : JSON.stringify(report, null, 2));
