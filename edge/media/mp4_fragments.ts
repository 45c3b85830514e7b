/** Fragmented MP4, ISO/IEC 14496-12 §8.8: taking a file apart, and reading what its fragments hold. */
import { type Box, childBoxes, fieldsOf, Mp4Error, needBox, walkBoxes } from "./mp4_boxes.ts";
import type { Track } from "./mp4_tracks.ts";

export interface FragmentedFile {
  /** Everything up to and with the movie box. */
  readonly init: Uint8Array;
  /** From a movie fragment box to the end of its media data; what stands between fragments is left out. */
  readonly fragments: readonly Uint8Array[];
}

/** Splits a file into init segment and fragments: views, not copies. Throws `Mp4Error`. */
export function splitFragments(bytes: Uint8Array): FragmentedFile {
  const moov = needBox(bytes, ["moov"]);
  return { init: bytes.subarray(0, moov.end), fragments: fragmentsOf(bytes) };
}

/** The fragments of a file or of a media segment: views, not copies. Throws `Mp4Error`. */
export function fragmentsOf(bytes: Uint8Array): Uint8Array[] {
  const boxes = walkBoxes(bytes);
  const starts = boxes.flatMap((box, at) => (box.type === "moof" ? [at] : []));
  return starts.map((from, at) => {
    const own = boxes.slice(from, starts[at + 1]);
    const last = own.findLast((box) => box.type === "mdat");
    if (!last) {
      throw new Mp4Error("mp4-malformed", `The fragment at byte ${own[0]!.start} has no mdat.`);
    }
    return bytes.subarray(own[0]!.start, last.end);
  });
}

/** What one track has in a fragment; times in the track's timescale. */
export interface TrackFragment {
  readonly trackId: number;
  /** Decode time of the first sample (tfdt, §8.8.12). */
  readonly decodeTime: number;
  readonly duration: number;
  readonly samples: number;
}

/** Reads the track fragments (§8.8.6) of a fragment in order. Throws `Mp4Error`. */
export function readTrackFragments(
  fragment: Uint8Array,
  tracks: readonly Track[],
): TrackFragment[] {
  const moof = needBox(fragment, ["moof"]);
  return childBoxes(fragment, moof)
    .filter((box) => box.type === "traf")
    .map((traf) => readTrackFragment(fragment, traf, tracks));
}

const SAMPLE_FIELDS = [0x100, 0x200, 0x400, 0x800];

function readTrackFragment(
  fragment: Uint8Array,
  traf: Box,
  tracks: readonly Track[],
): TrackFragment {
  const header = readTrackFragmentHeader(fragment, needBox(fragment, ["tfhd"], traf));
  const defaultDuration = header.defaultSampleDuration ??
    tracks.find((track) => track.id === header.trackId)?.defaultSampleDuration ?? 0;
  let duration = 0;
  let samples = 0;
  for (const trun of childBoxes(fragment, traf).filter((box) => box.type === "trun")) {
    const fields = fieldsOf(fragment, trun);
    const { flags } = fields.full();
    const count = fields.u32();
    samples += count;
    if ((flags & SAMPLE_FIELDS[0]!) === 0) {
      duration += count * defaultDuration;
      continue;
    }
    fields.skip(((flags & 0x1) !== 0 ? 4 : 0) + ((flags & 0x4) !== 0 ? 4 : 0));
    const rest = 4 * SAMPLE_FIELDS.slice(1).filter((flag) => (flags & flag) !== 0).length;
    for (let sample = 0; sample < count; sample++) {
      duration += fields.u32();
      fields.skip(rest);
    }
  }
  return {
    trackId: header.trackId,
    decodeTime: readDecodeTime(fragment, needBox(fragment, ["tfdt"], traf)),
    duration,
    samples,
  };
}

/** §8.8.7 */
export interface TrackFragmentHeader {
  readonly trackId: number;
  /** Data offsets count from this place in the file, not from the fragment. */
  readonly absoluteOffsets: boolean;
  readonly defaultBaseIsMoof: boolean;
  readonly defaultSampleDuration?: number;
}

export function readTrackFragmentHeader(fragment: Uint8Array, tfhd: Box): TrackFragmentHeader {
  const fields = fieldsOf(fragment, tfhd);
  const { flags } = fields.full();
  const trackId = fields.u32();
  fields.skip(((flags & 0x1) !== 0 ? 8 : 0) + ((flags & 0x2) !== 0 ? 4 : 0));
  return {
    trackId,
    absoluteOffsets: (flags & 0x1) !== 0,
    defaultBaseIsMoof: (flags & 0x20000) !== 0,
    ...((flags & 0x8) !== 0 ? { defaultSampleDuration: fields.u32() } : {}),
  };
}

/** §8.8.12 */
export function readDecodeTime(fragment: Uint8Array, tfdt: Box): number {
  const fields = fieldsOf(fragment, tfdt);
  return fields.full().version === 1 ? fields.u64() : fields.u32();
}
