import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { DIGEST_BYTES } from "../../../edge/protocol/ledger_entry.ts";
import {
  decodeLedgerFrame,
  encodeLedgerFrame,
  type LedgerFrame,
} from "../../../edge/protocol/ledger_frame.ts";
import { totalPieceCount } from "../../../edge/protocol/parity.ts";
import { bytes, junk, smallEntry } from "./arbitraries.ts";

const frame: fc.Arbitrary<LedgerFrame> = smallEntry.chain((entry) => {
  const runs = Array.from({ length: entry.runs + entry.parityRuns }, (_, run) => run);
  const length = totalPieceCount(entry) * DIGEST_BYTES;
  return fc.record({
    inject: fc.subarray(runs),
    digests: fc.option(bytes({ minLength: length, maxLength: length })),
  }).map(({ inject, digests }) => ({ entry, inject, ...(digests ? { digests } : {}) }));
});

Deno.test("a ledger frame comes back from its bytes, all 32 runs of it too", () => {
  fc.assert(fc.property(frame, (frame) => {
    assertEquals(decodeLedgerFrame(encodeLedgerFrame(frame)), frame);
  }));
});

Deno.test("arbitrary and truncated bytes never throw", () => {
  fc.assert(fc.property(fc.oneof(junk, truncated()), (bytes) => {
    decodeLedgerFrame(bytes);
  }));
});

Deno.test("a digest list that lacks a piece, of media or of parity, is refused", () => {
  fc.assert(fc.property(frame, fc.integer({ min: 1, max: DIGEST_BYTES }), (frame, missing) => {
    if (!frame.digests) return;
    const short = encodeLedgerFrame(frame).slice(0, -missing);
    const without = frame.digests.length === missing;
    assertEquals(decodeLedgerFrame(short) === undefined, !without);
  }));
});

function truncated(): fc.Arbitrary<Uint8Array> {
  return fc.tuple(frame, fc.nat()).map(([frame, at]) => {
    const bytes = encodeLedgerFrame(frame);
    return bytes.slice(0, at % bytes.length);
  });
}
