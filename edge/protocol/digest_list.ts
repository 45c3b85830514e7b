import { DIGEST_BYTES } from "./ledger_entry.ts";
import { sameBytes } from "./bytes.ts";
import { parityPieces } from "./parity.ts";
import { type Cut, pieceCount, pieceSpan } from "./pieces.ts";

/** SHA-256 truncated to 16 bytes. */
export async function digest(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const hash = await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>);
  return new Uint8Array(hash, 0, DIGEST_BYTES).slice();
}

/** The digest list of a unit: 16 bytes for every piece of media, then for every one of parity, in order. */
export async function digestList(
  media: Uint8Array,
  cut: Cut,
  parityRuns = 0,
): Promise<Uint8Array<ArrayBuffer>> {
  const pieces = Array.from({ length: pieceCount(cut) }, (_, index) => {
    const span = pieceSpan(cut, index);
    return media.subarray(span.from, span.to);
  });
  const all = [...pieces, ...parityPieces({ ...cut, parityRuns }, pieces)];
  const digests = await Promise.all(all.map(digest));
  const list = new Uint8Array(all.length * DIGEST_BYTES);
  digests.forEach((one, index) => list.set(one, index * DIGEST_BYTES));
  return list;
}

/** Whether `list` is the one that the ledger entry's root stands for. */
export async function isDigestListOf(list: Uint8Array, root: Uint8Array): Promise<boolean> {
  return list.length > 0 && list.length % DIGEST_BYTES === 0 && sameBytes(await digest(list), root);
}

/** Whether `piece` is the piece `index` that the list names. */
export async function isPieceOf(
  piece: Uint8Array,
  list: Uint8Array,
  index: number,
): Promise<boolean> {
  const wanted = list.subarray(index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES);
  return sameBytes(await digest(piece), wanted);
}
