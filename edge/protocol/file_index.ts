/** A file that is watched on demand: one ledger entry per block, all of them from one short index. */
import { ByteReader, ByteWriter, MalformedError, refuseMalformed } from "./bytes.ts";
import { digest } from "./digest_list.ts";
import { DIGEST_BYTES, isPlainPath, type LedgerEntry, MAX_ENTRY_BYTES } from "./ledger_entry.ts";
import { MAX_PIECE_BYTES, MIN_PIECE_BYTES, type Span } from "./pieces.ts";
import { WHOLE } from "./unit.ts";

const FILE_VERSION = 1;
const SIGNED = 2;
const SIGNATURE_BYTES = 64;
/** A block's digest list is 1 KiB, its buffer map eight bytes. */
export const BLOCK_PIECES = 64;
/** Pieces grow where a file would have more blocks than this: 32 KiB of index, 256 bytes of shelf. */
const MANY_BLOCKS = 2_048;
/** More blocks than this no reader takes: what is kept of them in bits stays at 8 KiB. */
const MAX_BLOCKS = 65_536;
const PIECE_SIZES = [MIN_PIECE_BYTES, 2 * MIN_PIECE_BYTES, MAX_PIECE_BYTES];

/** What the edge says of one file. Its blocks are units of (epoch, rendition), numbered from 0. */
export interface FileEntry {
  /** Rises when the bytes of the file change. */
  readonly epoch: number;
  readonly rendition: number;
  /** Path below the channel's base, such as `film.mp4`. */
  readonly uri: string;
  /** bytes, 1 … 2⁴⁸−1 */
  readonly length: number;
  /** Playing time, ms; 0 where it is not known. */
  readonly durationMs: number;
  /** bytes in every piece but the last; a block has 64 */
  readonly pieceBytes: number;
  /** SHA-256, truncated to 16 bytes, of all blocks' roots in order. */
  readonly root: Uint8Array;
  /** Ed25519 over all that stands before it, once channels have keys. */
  readonly signature?: Uint8Array;
}

/** A file and the roots of its blocks, 16 bytes each: all, or those from the first on that were asked for. */
export interface FileIndex {
  readonly file: FileEntry;
  readonly roots: Uint8Array;
}

/** How a file of `length` bytes is cut. */
export function cutFile(length: number): Pick<FileEntry, "pieceBytes"> {
  const few = PIECE_SIZES.find((size) => Math.ceil(length / (size * BLOCK_PIECES)) <= MANY_BLOCKS);
  return { pieceBytes: few ?? MAX_PIECE_BYTES };
}

export function blockBytes({ pieceBytes }: Pick<FileEntry, "pieceBytes">): number {
  return pieceBytes * BLOCK_PIECES;
}

export function blockCount(file: Pick<FileEntry, "pieceBytes" | "length">): number {
  return Math.ceil(file.length / blockBytes(file));
}

/** The bytes of the file that a block holds. */
export function blockSpan(file: Pick<FileEntry, "pieceBytes" | "length">, block: number): Span {
  const from = block * blockBytes(file);
  return { from, to: Math.min(file.length, from + blockBytes(file)) };
}

/** The ledger entry of a block, whose root is given. */
export function blockEntry(file: FileEntry, block: number, root: Uint8Array): LedgerEntry {
  const { from, to } = blockSpan(file, block);
  return {
    unit: { epoch: file.epoch, rendition: file.rendition, sequence: block, part: WHOLE },
    uri: file.uri,
    offset: from,
    startMs: 0,
    durationMs: 0,
    discontinuity: false,
    length: to - from,
    pieceBytes: file.pieceBytes,
    runs: 1,
    parityRuns: 0,
    root,
  };
}

/** A part of a block: pieces of a unit. */
export interface BlockPieces {
  readonly block: number;
  readonly pieces: Span;
}

/** The pieces that hold the bytes `from` … `to` of a file, by block, in order. */
export function piecesOfRange(file: FileEntry, { from, to }: Span): BlockPieces[] {
  const end = Math.min(to, file.length);
  const parts: BlockPieces[] = [];
  for (let at = Math.max(0, from); at < end;) {
    const block = Math.floor(at / blockBytes(file));
    const span = blockSpan(file, block);
    const last = Math.min(end, span.to);
    const pieces = {
      from: Math.floor((at - span.from) / file.pieceBytes),
      to: Math.ceil((last - span.from) / file.pieceBytes),
    };
    parts.push({ block, pieces });
    at = span.to;
  }
  return parts;
}

/** What a file's index begins with, at most 161 bytes; the layout is in PROTOCOL.md. Throws `RangeError` for a URI that is too long. */
export function encodeFileIndex({ file, roots }: FileIndex): Uint8Array<ArrayBuffer> {
  const entry = encodeFileEntry(file);
  return new ByteWriter().u8(entry.length).bytes(entry).bytes(roots).done();
}

/** The index, or `undefined` where the bytes are not one. An index that was cut short has fewer roots. */
export function decodeFileIndex(bytes: Uint8Array): FileIndex | undefined {
  return refuseMalformed(() => {
    const from = new ByteReader(bytes);
    const file = decodeFileEntry(from.bytes(from.u8()));
    const roots = from.rest();
    if (roots.length > blockCount(file) * DIGEST_BYTES || roots.length % DIGEST_BYTES !== 0) {
      throw new MalformedError();
    }
    return { file, roots: roots.slice() };
  });
}

/** Whether the roots are all that the file's root stands for. */
export async function isIndexWhole({ file, roots }: FileIndex): Promise<boolean> {
  if (roots.length !== blockCount(file) * DIGEST_BYTES) return false;
  const found = await digest(roots);
  return found.every((byte, at) => byte === file.root[at]);
}

function encodeFileEntry(file: FileEntry): Uint8Array {
  const to = new ByteWriter()
    .u8(FILE_VERSION)
    .u8(file.signature ? SIGNED : 0)
    .u32(file.epoch)
    .u8(file.rendition)
    .u48(file.length)
    .u32(file.durationMs)
    .u16(file.pieceBytes)
    .bytes(file.root)
    .text(file.uri);
  if (file.signature) to.bytes(file.signature);
  const bytes = to.done();
  if (bytes.length > MAX_ENTRY_BYTES) {
    throw new RangeError(`file entry of ${bytes.length} bytes: shorten the URI ${file.uri}`);
  }
  return bytes;
}

function decodeFileEntry(bytes: Uint8Array): FileEntry {
  if (bytes.length > MAX_ENTRY_BYTES) throw new MalformedError();
  const from = new ByteReader(bytes);
  if (from.u8() !== FILE_VERSION) throw new MalformedError();
  const flags = from.u8();
  if ((flags & ~SIGNED) !== 0) throw new MalformedError();
  const file: FileEntry = {
    epoch: from.u32(),
    rendition: from.u8(),
    length: from.u48(),
    durationMs: from.u32(),
    pieceBytes: from.u16(),
    root: from.bytes(DIGEST_BYTES).slice(),
    uri: from.text(),
    ...((flags & SIGNED) !== 0 ? { signature: from.bytes(SIGNATURE_BYTES).slice() } : {}),
  };
  from.end();
  const sound = file.length > 0 && file.pieceBytes > 0 && file.pieceBytes <= MAX_PIECE_BYTES &&
    blockCount(file) <= MAX_BLOCKS && isPlainPath(file.uri);
  if (!sound) throw new MalformedError();
  return file;
}
