import { concat } from "@std/bytes/concat";
import { CodedError } from "../../media/coded_error.ts";
import type { FilePart } from "../pull_upstream.ts";

/** A file elsewhere, of which only what is needed is read. */
export interface RangedFile {
  /** bytes */
  readonly length: number;
  /** The bytes from `from` up to, without, `to`. Rejects with a `CodedError`. */
  read(from: number, to: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** Asks for bytes of the file; see `Upstream.part`. */
export type ReadPart = (range: { offset: number; length: number }) => Promise<FilePart>;

/** What is asked for at once at least: a quarter of a second of 8 Mbit/s, 16 s of a radio's MP3. */
const BLOCK_BYTES = 256 * 1024;
/** And at most: tables of contents of long films have some MB. */
const MOST_BLOCKS_AT_ONCE = 16;
/** 8 MiB: the tables and the place that is played. */
const KEPT_BLOCKS = 32;

/** Opens a file with the request for its first block. Rejects with a `CodedError`. */
export async function openRangedFile(readPart: ReadPart): Promise<RangedFile> {
  const first = await readPart({ offset: 0, length: BLOCK_BYTES }).catch(explainSize);
  const { length } = first;
  if (length === 0) {
    throw new CodedError("file-empty", "The file is empty.", "Put it on the server again.");
  }
  if (first.bytes.length === length) {
    const whole = first.bytes;
    return { length, read: (from, to) => Promise.resolve(whole.subarray(from, to)) };
  }
  const blocks = new Map([[0, Promise.resolve(first.bytes)]]);

  async function load(from: number, count: number): Promise<Uint8Array<ArrayBuffer>> {
    const offset = from * BLOCK_BYTES;
    const wanted = Math.min(count * BLOCK_BYTES, length - offset);
    const part = await readPart({ offset, length: wanted });
    const same = part.length === length && part.version === first.version;
    if (same && part.bytes.length === wanted) return part.bytes;
    throw new CodedError(
      "file-changed",
      "The file has changed while it was played.",
      "Put another file under another address.",
    );
  }

  /** Sees to it that the blocks are there or on their way; those that are missing in a row come together. */
  function need(from: number, to: number): void {
    for (let at = from; at < to;) {
      let end = at;
      while (end < to && !blocks.has(end) && end - at < MOST_BLOCKS_AT_ONCE) end++;
      if (end === at) {
        at++;
        continue;
      }
      const begin = at;
      const run = load(begin, end - begin);
      for (; at < end; at++) keep(at, begin, run);
    }
  }

  function keep(at: number, begin: number, run: Promise<Uint8Array<ArrayBuffer>>): void {
    const offset = (at - begin) * BLOCK_BYTES;
    // A copy, so that one block does not hold the memory of its run.
    const block = run.then((bytes) => bytes.slice(offset, offset + BLOCK_BYTES));
    blocks.set(at, block);
    block.catch(() => blocks.delete(at));
  }

  /** Those that were used last stay. */
  function use(at: number): Promise<Uint8Array<ArrayBuffer>> {
    const block = blocks.get(at)!;
    blocks.delete(at);
    blocks.set(at, block);
    return block;
  }

  return {
    length,
    async read(from, to) {
      const begin = Math.floor(from / BLOCK_BYTES);
      const end = Math.ceil(to / BLOCK_BYTES);
      need(begin, end);
      const used = Array.from({ length: end - begin }, (_, at) => use(begin + at));
      for (const old of [...blocks.keys()].slice(0, -KEPT_BLOCKS)) blocks.delete(old);
      const skip = begin * BLOCK_BYTES;
      return concat(await Promise.all(used)).subarray(from - skip, to - skip);
    },
  };
}

function explainSize(error: unknown): never {
  if (!(error instanceof CodedError) || error.code !== "upstream-too-large") throw error;
  throw new CodedError(
    "file-without-ranges",
    "The server sends the whole file where a part is asked for, and that is too large.",
    "Put it on a server that answers range requests, as nearly all do.",
  );
}
