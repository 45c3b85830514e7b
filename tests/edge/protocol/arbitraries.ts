/** Random but sound values of the contract's types. */
import fc from "fast-check";
import { blockCount, cutFile, type FileIndex } from "../../../edge/protocol/file_index.ts";
import type { LedgerEntry } from "../../../edge/protocol/ledger_entry.ts";
import { columnCount, totalPieceCount } from "../../../edge/protocol/parity.ts";
import type { Signal } from "../../../edge/protocol/messages.ts";
import {
  type BufferMap,
  MAX_FRAME_BYTES,
  MAX_MEMBERS,
  type MemberNews,
  type Standing,
} from "../../../edge/protocol/peer_frames.ts";
import { cut, MAX_PIECES, MAX_RUNS, pieceCount } from "../../../edge/protocol/pieces.ts";
import { type Unit, WHOLE } from "../../../edge/protocol/unit.ts";

export const unit: fc.Arbitrary<Unit> = fc.record({
  epoch: fc.maxSafeNat().map((n) => n % 2 ** 32),
  rendition: fc.integer({ min: 0, max: 255 }),
  sequence: fc.maxSafeNat().map((n) => n % 2 ** 48),
  part: fc.oneof(fc.constant(WHOLE), fc.integer({ min: 0, max: 254 })),
});

export const bytes = (lengths: fc.IntArrayConstraints = {}) =>
  fc.uint8Array(lengths).map((array) => new Uint8Array(array));

const u48 = fc.maxSafeNat().map((n) => n % 2 ** 48);
const u32 = fc.maxSafeNat().map((n) => n % 2 ** 32);
const u8 = fc.integer({ min: 0, max: 255 });
const stream = fc.record({ life: u32, at: u48 });
const sound = fc.record({ epoch: u32, rendition: u8, sequence: u48, count: u8 });
const word = fc.stringMatching(/^[\w-][\w.~-]{0,6}$/);
export const uri: fc.Arbitrary<string> = fc.array(word, { minLength: 1, maxLength: 3 })
  .map((words) => words.join("/"));

export const entry: fc.Arbitrary<LedgerEntry> = fc.record({
  unit,
  uri,
  startMs: fc.maxSafeNat().map((n) => n % 2 ** 48),
  durationMs: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  discontinuity: fc.boolean(),
  cut: fc.tuple(
    fc.integer({ min: 1, max: 200_000_000 }),
    fc.integer({ min: 1, max: MAX_RUNS }),
  ).map(([length, runs]) => cut(length, 0, runs)),
  parity: fc.integer({ min: 0, max: MAX_RUNS }),
  root: bytes({ minLength: 16, maxLength: 16 }),
  where: fc.oneof(
    fc.constant({}),
    fc.record({ offset: u48 }),
    fc.record({ stream }),
    fc.record({ stream, sound }),
  ),
  signature: fc.option(bytes({ minLength: 64, maxLength: 64 })),
}).map(({ cut, parity, where, signature, ...rest }) => ({
  ...rest,
  ...where,
  ...cut,
  parityRuns: Math.min(
    parity,
    MAX_RUNS - cut.runs,
    Math.floor((MAX_PIECES - pieceCount(cut)) / columnCount(cut)),
  ),
  ...(signature ? { signature } : {}),
}));

/** Files of any length, with their index. */
export const fileIndex: fc.Arbitrary<FileIndex> = fc.record({
  epoch: fc.maxSafeNat().map((n) => n % 2 ** 32),
  rendition: fc.nat(255),
  uri,
  length: fc.integer({ min: 1, max: 100_000_000 }),
  durationMs: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
  root: bytes({ minLength: 16, maxLength: 16 }),
  signature: fc.option(bytes({ minLength: 64, maxLength: 64 })),
}).chain(({ signature, ...rest }) => {
  const file = { ...rest, ...cutFile(rest.length), ...(signature ? { signature } : {}) };
  const size = blockCount(file) * 16;
  return bytes({ minLength: size, maxLength: size }).map((roots) => ({ file, roots }));
});

/** Entries of segments, of which whole digest lists can be made quickly. */
export const smallEntry: fc.Arbitrary<LedgerEntry> = entry.filter((one) =>
  totalPieceCount(one) <= 128
);

export const bufferMap: fc.Arbitrary<BufferMap> = fc.record({
  unit,
  pieces: bytes({ maxLength: 64 }),
});

/** Any that has room before its length. */
export const text = fc.string({ unit: "binary", maxLength: 60 });

export const members: fc.Arbitrary<MemberNews[]> = fc.array(
  fc.record({ peer: text, room: fc.nat(0xff), age: fc.nat(0xff) }),
  { maxLength: MAX_MEMBERS },
);

export const signal: fc.Arbitrary<Signal> = fc.oneof(
  fc.record({ kind: fc.constantFrom("offer", "answer"), sdp: text }),
  fc.record({
    kind: fc.constant("candidate"),
    candidate: text,
    mid: fc.option(text),
  }),
) as fc.Arbitrary<Signal>;

/** Some runs of a unit, in order. */
export const runs: fc.Arbitrary<number[]> = fc.subarray(
  Array.from({ length: MAX_RUNS }, (_, run) => run),
);

export const standing: fc.Arbitrary<Standing> = fc.record({
  rendition: fc.nat(0xff),
  homes: fc.nat(MAX_RUNS),
  uplink: fc.nat(0xffff),
  spare: runs,
  lags: bytes({ maxLength: MAX_RUNS }),
});

export const pieceIndexes = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 64 });

/** Bytes that may come from anyone, some of them longer than a frame may be. */
export const junk = fc.oneof(
  bytes({ maxLength: 256 }),
  bytes({ minLength: MAX_FRAME_BYTES - 8, maxLength: MAX_FRAME_BYTES + 8 }),
);
