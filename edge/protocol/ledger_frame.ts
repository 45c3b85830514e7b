import { ByteReader, ByteWriter, MalformedError, refuseMalformed } from "./bytes.ts";
import {
  decodeLedgerEntry,
  DIGEST_BYTES,
  encodeLedgerEntry,
  type LedgerEntry,
} from "./ledger_entry.ts";
import { totalPieceCount } from "./parity.ts";

/**
 * The one binary message of the swarm socket: a ledger entry, with what its receiver is to inject,
 * and the digest list, so that pieces can be checked from the first one on, whoever brings them.
 */
export interface LedgerFrame {
  readonly entry: LedgerEntry;
  /** Runs that this receiver is asked to fetch from the edge and to pass on; mostly empty. */
  readonly inject: readonly number[];
  /** 16 bytes for every piece, parity too; the edge sends it always. */
  readonly digests?: Uint8Array;
}

export function encodeLedgerFrame(frame: LedgerFrame): Uint8Array<ArrayBuffer> {
  const entry = encodeLedgerEntry(frame.entry);
  const mask = frame.inject.reduce((bits, run) => bits | (1 << run), 0) >>> 0;
  const to = new ByteWriter().u32(mask).u8(entry.length).bytes(entry);
  if (frame.digests) to.bytes(frame.digests);
  return to.done();
}

/** The frame, or `undefined` where the bytes are not one. */
export function decodeLedgerFrame(bytes: Uint8Array): LedgerFrame | undefined {
  return refuseMalformed(() => {
    const from = new ByteReader(bytes);
    const mask = from.u32();
    const entry = decodeLedgerEntry(from.bytes(from.u8()));
    if (!entry) throw new MalformedError();
    const digests = from.rest();
    if (digests.length !== 0 && digests.length < totalPieceCount(entry) * DIGEST_BYTES) {
      throw new MalformedError();
    }
    const inject = Array.from({ length: entry.runs + entry.parityRuns }, (_, run) => run)
      .filter((run) => (mask & (1 << run)) !== 0);
    return { entry, inject, ...(digests.length > 0 ? { digests: digests.slice() } : {}) };
  });
}
