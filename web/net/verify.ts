import { digestList, isDigestListOf } from "../../edge/protocol/digest_list.ts";
import type { LedgerEntry } from "../../edge/protocol/ledger_entry.ts";
import { pieceCount, pieceSpan } from "../../edge/protocol/pieces.ts";

/** A whole unit, cut into its pieces and proven against its ledger entry. */
export interface Proven {
  readonly digests: Uint8Array;
  /** The pieces of media. */
  readonly payloads: Uint8Array<ArrayBuffer>[];
}

/**
 * Cuts and checks a whole unit; `undefined` when it is not the one that the entry names. The root
 * stands for the digests of parity pieces too, so these are coded for the proof and let go again.
 */
export async function proveWhole(
  body: Uint8Array<ArrayBuffer>,
  entry: LedgerEntry,
): Promise<Proven | undefined> {
  if (body.length !== entry.length) return undefined;
  const digests = await digestList(body, entry, entry.parityRuns);
  if (!await isDigestListOf(digests, entry.root)) return undefined;
  const payloads = Array.from({ length: pieceCount(entry) }, (_, index) => {
    const span = pieceSpan(entry, index);
    return body.subarray(span.from, span.to);
  });
  return { digests, payloads };
}
