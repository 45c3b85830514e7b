/** The blocks of files that are known and held: the back buffer of what is watched on demand. */
import { DIGEST_BYTES } from "../../../edge/protocol/ledger_entry.ts";
import {
  blockCount,
  blockEntry,
  type FileEntry,
  type FileIndex,
} from "../../../edge/protocol/file_index.ts";
import type { Unit } from "../../../edge/protocol/unit.ts";
import { unitKey, WHOLE } from "../../../edge/protocol/unit.ts";
import type { BackBuffer } from "../back_buffer.ts";
import { isComplete, newSegment, type Segment } from "../segment.ts";

/** The most that is kept of files, bytes: as much as of a live channel. */
export const LIBRARY_BYTES = 96 * 1024 * 1024;

/** A file, and what is known of its blocks. */
export interface KnownFile {
  readonly entry: FileEntry;
  readonly blocks: number;
  /** By block; those of an index that came in parts may be missing. */
  readonly roots: readonly (Uint8Array | undefined)[];
}

export interface Library<Payload> extends BackBuffer<Payload> {
  /** Adds a file or more roots of it. Answers the blocks of an older epoch, which are gone. */
  addFile(index: FileIndex, from: number): Segment<Payload>[];
  /** The file of a rendition. */
  file(rendition: number): KnownFile | undefined;
  files(): readonly KnownFile[];
  /** The block, known from now on if it is in the index. */
  block(unit: Unit): Segment<Payload> | undefined;
  /** The block is used now, and stays longer for it. */
  touch(segment: Segment<Payload>, nowMs: number): void;
  /** Takes out what is too much, and answers it: what most partners have first, then what was not used for longest. */
  evict(): Segment<Payload>[];
}

export interface LibraryOptions<Payload> {
  readonly bytes: number;
  /** How many partners have the block whole. */
  readonly copies: (segment: Segment<Payload>) => number;
  /** Whether the block must stay. */
  readonly isNeeded: (segment: Segment<Payload>) => boolean;
  readonly random: () => number;
}

export function createLibrary<Payload>(
  { bytes: most, copies, isNeeded, random }: LibraryOptions<Payload>,
): Library<Payload> {
  const byRendition = new Map<number, KnownFile>();
  const byKey = new Map<string, Segment<Payload>>();
  const usedMs = new Map<Segment<Payload>, number>();
  let all: Segment<Payload>[] = [];

  function takeOut(gone: readonly Segment<Payload>[]): void {
    for (const segment of gone) {
      byKey.delete(segment.key);
      usedMs.delete(segment);
    }
    all = all.filter((segment) => byKey.has(segment.key));
  }

  const library: Library<Payload> = {
    get: (key) => byKey.get(key),
    segments: () => all,
    unfinished: () => all.filter((one) => !isComplete(one)),
    newest: () => undefined,
    renditions: () => new Set(byRendition.keys()),
    file: (rendition) => byRendition.get(rendition),
    files: () => [...byRendition.values()],
    addFile({ file, roots }, from) {
      const before = byRendition.get(file.rendition);
      if (before && before.entry.epoch > file.epoch) return [];
      const same = before?.entry.epoch === file.epoch;
      const blocks = blockCount(file);
      const known: (Uint8Array | undefined)[] = same ? [...before!.roots] : new Array(blocks);
      for (let at = 0; (at + 1) * DIGEST_BYTES <= roots.length && from + at < blocks; at++) {
        known[from + at] = roots.subarray(at * DIGEST_BYTES, (at + 1) * DIGEST_BYTES);
      }
      byRendition.set(file.rendition, { entry: file, blocks, roots: known });
      const { rendition, epoch } = file;
      const gone = all.filter(({ entry: { unit } }) =>
        unit.rendition === rendition && unit.epoch !== epoch
      );
      takeOut(gone);
      return gone;
    },
    block(unit) {
      const known = byKey.get(unitKey(unit));
      if (known) return known;
      const file = byRendition.get(unit.rendition);
      const root = file?.roots[unit.sequence];
      if (!file || !root || unit.epoch !== file.entry.epoch || unit.part !== WHOLE) {
        return undefined;
      }
      return library.add(blockEntry(file.entry, unit.sequence, root), false, 0, random());
    },
    add(entry, live, sinceMs, turn) {
      const segment = newSegment<Payload>(entry, live, sinceMs, turn);
      byKey.set(segment.key, segment);
      all.push(segment);
      return segment;
    },
    touch: (segment, nowMs) => void usedMs.set(segment, nowMs),
    evict() {
      let held = all.reduce((sum, one) => sum + one.held * one.entry.pieceBytes, 0);
      if (held <= most) return [];
      const worth = (segment: Segment<Payload>) => ({
        segment,
        copies: copies(segment),
        usedMs: usedMs.get(segment) ?? -Infinity,
      });
      const least = all.filter((one) => one.held > 0 && !isNeeded(one)).map(worth)
        .sort((a, b) => b.copies - a.copies || a.usedMs - b.usedMs);
      const gone: Segment<Payload>[] = [];
      for (const { segment } of least) {
        if (held <= most) break;
        held -= segment.held * segment.entry.pieceBytes;
        gone.push(segment);
      }
      takeOut(gone);
      return gone;
    },
  };
  return library;
}
