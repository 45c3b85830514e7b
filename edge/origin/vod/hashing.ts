/** The index of a film, made by reading it once; a block of it at a time is in memory. */
import { blockBytes, blockSpan, cutFile, type FileEntry } from "../../protocol/file_index.ts";
import { digest, digestList } from "../../protocol/digest_list.ts";
import { DIGEST_BYTES } from "../../protocol/ledger_entry.ts";
import type { Film } from "./film.ts";

/** What is found by reading; all else in the file entry is known before. */
export interface Hashed {
  /** Of the blocks, in order, 16 bytes each. */
  readonly roots: Uint8Array<ArrayBuffer>;
  /** The digest of them. */
  readonly root: Uint8Array<ArrayBuffer>;
}

/** How a film is cut. */
export function cutFilm({ length }: Film): Pick<FileEntry, "length" | "pieceBytes"> {
  return { length, ...cutFile(length) };
}

/** Hashes a film. `onList` gets the digest list of each block in order. Throws where it cannot be read. */
export async function hashFilm(
  film: Film,
  onList: (list: Uint8Array, readBytes: number) => Promise<void>,
): Promise<Hashed> {
  const cut = cutFilm(film);
  const block = new Uint8Array(Math.min(film.length, blockBytes(cut)));
  const roots: Uint8Array[] = [];
  let filled = 0;
  for await (const chunk of film.read({ from: 0, to: film.length })) {
    for (let at = 0; at < chunk.length;) {
      const { from, to } = blockSpan(cut, roots.length);
      const part = chunk.subarray(at, at + to - from - filled);
      block.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled < to - from) continue;
      const list = await digestList(block.subarray(0, filled), cutOfBlock(cut, filled));
      filled = 0;
      roots.push(await digest(list));
      await onList(list, to);
    }
  }
  return await rootsOf(roots);
}

/** The roots of blocks whose digest lists stand in a row. */
export async function rootsOfLists(lists: Uint8Array, film: Film): Promise<Hashed> {
  const cut = cutFilm(film);
  const roots: Uint8Array[] = [];
  for (let at = 0; at < lists.length;) {
    const { from, to } = blockSpan(cut, roots.length);
    const bytes = Math.ceil((to - from) / cut.pieceBytes) * DIGEST_BYTES;
    roots.push(await digest(lists.subarray(at, at + bytes)));
    at += bytes;
  }
  return await rootsOf(roots);
}

async function rootsOf(blocks: readonly Uint8Array[]): Promise<Hashed> {
  const roots = new Uint8Array(blocks.length * DIGEST_BYTES);
  blocks.forEach((one, at) => roots.set(one, at * DIGEST_BYTES));
  return { roots, root: await digest(roots) };
}

function cutOfBlock({ pieceBytes }: Pick<FileEntry, "pieceBytes">, length: number) {
  return { length, pieceBytes, runs: 1 };
}
