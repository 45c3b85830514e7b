import { ByteReader, ByteWriter, MalformedError, refuseMalformed } from "./bytes.ts";
import { type ParityCut, totalPieceCount } from "./parity.ts";
import { MAX_PIECE_BYTES, MAX_PIECES, MAX_RUNS, pieceCount } from "./pieces.ts";
import { readUnit, type Unit, writeUnit } from "./unit.ts";

export const DIGEST_BYTES = 16;
export const MAX_ENTRY_BYTES = 160;
const ENTRY_VERSION = 1;
const DISCONTINUITY = 1;
const SIGNED = 2;
const PARTIAL = 4;
const STREAMED = 8;
const WITH_SOUND = 16;
const SIGNATURE_BYTES = 64;

/** A byte of a channel's endless stream (PROTOCOL.md §2.7). */
export interface StreamPlace {
  /** Names the counting, of one run of the edge: 0 … 2³²−1. */
  readonly life: number;
  /** 0 … 2⁴⁸−1 */
  readonly at: number;
}

/** Units of sound that stand before one of pictures in the endless stream (PROTOCOL.md §2.7). */
export interface SoundRun {
  readonly epoch: number;
  readonly rendition: number;
  /** Sequence number of the first of them, or of what comes next where there is none. */
  readonly sequence: number;
  /** 0 … 255 */
  readonly count: number;
}

/** What the edge says of one unit of media: enough to play it, to fetch it and to know it when it comes. */
export interface LedgerEntry extends ParityCut {
  readonly unit: Unit;
  /** Path below the channel's base, such as `r0/882.m4s`. */
  readonly uri: string;
  /** Wall-clock time of the first frame, ms since 1970. */
  readonly startMs: number;
  /** ms */
  readonly durationMs: number;
  /** The timeline breaks before this unit (EXT-X-DISCONTINUITY). */
  readonly discontinuity: boolean;
  /** SHA-256, truncated to 16 bytes, of the digest list. */
  readonly root: Uint8Array;
  /** Where the unit begins in what its URI names, bytes, if that is more than the unit: a block of a file. */
  readonly offset?: number;
  /** Where its media begins in the channel's endless stream, if it stands there. Never with an offset. */
  readonly stream?: StreamPlace;
  /** The sound that stands there before it, as part of what begins at `stream`, if sound comes apart. */
  readonly sound?: SoundRun;
  /** Ed25519 over all that stands before it, once channels have keys. */
  readonly signature?: Uint8Array;
}

/** The entry in at most 160 bytes; the layout is in PROTOCOL.md. Throws `RangeError` for a URI that is too long. */
export function encodeLedgerEntry(entry: LedgerEntry): Uint8Array<ArrayBuffer> {
  const flags = (entry.discontinuity ? DISCONTINUITY : 0) | (entry.signature ? SIGNED : 0) |
    (entry.offset === undefined ? 0 : PARTIAL) | (entry.stream ? STREAMED : 0) |
    (entry.sound ? WITH_SOUND : 0);
  const to = new ByteWriter().u8(ENTRY_VERSION).u8(flags);
  writeUnit(to, entry.unit)
    .u48(entry.startMs)
    .u32(entry.durationMs)
    .u32(entry.length)
    .u16(entry.pieceBytes)
    .u8(entry.runs)
    .u8(entry.parityRuns)
    .bytes(entry.root)
    .text(entry.uri);
  if (entry.offset !== undefined) to.u48(entry.offset);
  if (entry.stream) to.u32(entry.stream.life).u48(entry.stream.at);
  if (entry.sound) writeUnit(to, { ...entry.sound, part: entry.sound.count });
  if (entry.signature) to.bytes(entry.signature);
  const bytes = to.done();
  if (bytes.length > MAX_ENTRY_BYTES) {
    throw new RangeError(`ledger entry of ${bytes.length} bytes: shorten the URI ${entry.uri}`);
  }
  return bytes;
}

/** The entry, or `undefined` where the bytes are not one. */
export function decodeLedgerEntry(bytes: Uint8Array): LedgerEntry | undefined {
  return refuseMalformed(() => {
    if (bytes.length > MAX_ENTRY_BYTES) throw new MalformedError();
    const from = new ByteReader(bytes);
    if (from.u8() !== ENTRY_VERSION) throw new MalformedError();
    const flags = from.u8();
    if ((flags & ~(DISCONTINUITY | SIGNED | PARTIAL | STREAMED | WITH_SOUND)) !== 0) {
      throw new MalformedError();
    }
    const entry: LedgerEntry = {
      unit: readUnit(from),
      startMs: from.u48(),
      durationMs: from.u32(),
      length: from.u32(),
      pieceBytes: from.u16(),
      runs: from.u8(),
      parityRuns: from.u8(),
      root: from.bytes(DIGEST_BYTES).slice(),
      uri: from.text(),
      discontinuity: (flags & DISCONTINUITY) !== 0,
      ...((flags & PARTIAL) !== 0 ? { offset: from.u48() } : {}),
      ...((flags & STREAMED) !== 0 ? { stream: { life: from.u32(), at: from.u48() } } : {}),
      ...((flags & WITH_SOUND) !== 0 ? { sound: readSound(from) } : {}),
      ...((flags & SIGNED) !== 0 ? { signature: from.bytes(SIGNATURE_BYTES).slice() } : {}),
    };
    from.end();
    refuseNonsense(entry);
    return entry;
  });
}

function readSound(from: ByteReader): SoundRun {
  const { part: count, ...first } = readUnit(from);
  return { ...first, count };
}

function refuseNonsense(entry: LedgerEntry): void {
  const sound = entry.length > 0 && entry.pieceBytes > 0 && entry.pieceBytes <= MAX_PIECE_BYTES &&
    entry.runs > 0 && entry.runs + entry.parityRuns <= MAX_RUNS &&
    totalPieceCount(entry) <= MAX_PIECES && entry.runs <= pieceCount(entry) &&
    isPlainPath(entry.uri) && (entry.offset === undefined || !entry.stream) &&
    (!entry.sound || entry.stream !== undefined);
  if (!sound) throw new MalformedError();
}

/** Whether it is a relative path that cannot leave the channel's base. */
export function isPlainPath(uri: string): boolean {
  return /^[\w-][\w.~-]*(\/[\w-][\w.~-]*)*$/.test(uri);
}
