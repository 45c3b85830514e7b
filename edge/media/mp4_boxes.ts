/** Boxes of ISO/IEC 14496-12 §4.2, walked in place. */
import { CodedError } from "./coded_error.ts";

export class Mp4Error extends CodedError {
  constructor(code: "mp4-truncated" | "mp4-malformed" | "mp4-unsupported", message: string) {
    super(code, message, "Make the file again as fragmented MP4, for instance with ffmpeg.");
  }
}

/** Where a box stands in its bytes. */
export interface Box {
  /** Four characters. */
  readonly type: string;
  readonly start: number;
  /** Where its content begins. */
  readonly body: number;
  readonly end: number;
}

/** The boxes that fill `from … to`, without what is inside them. Throws `Mp4Error`. */
export function walkBoxes(bytes: Uint8Array, from = 0, to = bytes.length): Box[] {
  const view = viewOf(bytes);
  const found: Box[] = [];
  for (let start = from; start < to;) {
    if (to - start < 8) throw truncated("a box header", start);
    const type = fourCharacters(bytes, start + 4);
    const size32 = view.getUint32(start);
    let size = size32;
    let body = start + 8;
    if (size32 === 1) {
      if (to - start < 16) throw truncated(`the size of ${type}`, start);
      size = readUint64(view, start + 8);
      body = start + 16;
    } else if (size32 === 0) {
      size = to - start;
    }
    if (size < body - start) {
      throw new Mp4Error(
        "mp4-malformed",
        `Box ${type} at byte ${start} is shorter than its header.`,
      );
    }
    if (size > to - start) throw truncated(`box ${type}`, start);
    found.push({ type, start, body, end: start + size });
    start += size;
  }
  return found;
}

/** The boxes directly inside `box`; `skip` bytes of its own fields come before them. */
export function childBoxes(bytes: Uint8Array, box: Box, skip = 0): Box[] {
  return walkBoxes(bytes, box.body + skip, box.end);
}

/** The first box that `path` leads to, such as `["moov", "trak"]`. */
export function findBox(
  bytes: Uint8Array,
  path: readonly string[],
  within?: Box,
): Box | undefined {
  let boxes = within ? childBoxes(bytes, within) : walkBoxes(bytes);
  for (const [depth, type] of path.entries()) {
    const next = boxes.find((box) => box.type === type);
    if (!next || depth === path.length - 1) return next;
    boxes = childBoxes(bytes, next);
  }
  return undefined;
}

/** Like `findBox`, but a box that is not there is an error. */
export function needBox(bytes: Uint8Array, path: readonly string[], within?: Box): Box {
  const box = findBox(bytes, path, within);
  if (!box) throw new Mp4Error("mp4-malformed", `There is no box ${path.join(" / ")}.`);
  return box;
}

/** Reads a box's fields in order, big-endian; past its end throws `Mp4Error`. */
export function fieldsOf(bytes: Uint8Array, box: Box) {
  const view = viewOf(bytes);
  let at = box.body;
  const take = (length: number): number => {
    if (box.end - at < length) throw truncated(`a field of ${box.type}`, at);
    at += length;
    return at - length;
  };
  return {
    /** Position of the next field. */
    get at(): number {
      return at;
    },
    u8: (): number => view.getUint8(take(1)),
    u16: (): number => view.getUint16(take(2)),
    u32: (): number => view.getUint32(take(4)),
    u64: (): number => readUint64(view, take(8)),
    skip: (length: number): void => void take(length),
    /** Version and flags of a full box, §4.2.2. */
    full: (): { version: number; flags: number } => {
      const word = view.getUint32(take(4));
      return { version: word >>> 24, flags: word & 0xffffff };
    },
  };
}

/** The fields that follow version, flags and the two times of mvhd, tkhd and mdhd (§8.2.2, §8.3.2, §8.4.2). */
export function fieldsAfterTimes(bytes: Uint8Array, box: Box) {
  const fields = fieldsOf(bytes, box);
  /** Whether times and durations have 64 bits. */
  const long = fields.full().version === 1;
  fields.skip(long ? 16 : 8);
  return { fields, long };
}

/** The box with its header. */
export function copyOf(
  bytes: Uint8Array<ArrayBuffer>,
  { start, end }: Box,
): Uint8Array<ArrayBuffer> {
  return bytes.slice(start, end);
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function readUint64(view: DataView, at: number): number {
  const value = view.getUint32(at) * 2 ** 32 + view.getUint32(at + 4);
  if (!Number.isSafeInteger(value)) {
    throw new Mp4Error("mp4-malformed", `The number at byte ${at} is too large.`);
  }
  return value;
}

function fourCharacters(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}

function truncated(what: string, at: number): Mp4Error {
  return new Mp4Error("mp4-truncated", `The file ends within ${what} at byte ${at}.`);
}
