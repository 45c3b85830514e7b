/** One picture of a fragmented MP4 as a film of its own, which whatever plays the whole can show. */
import { concat } from "@std/bytes/concat";
import { type Box, childBoxes, fieldsOf, findBox, Mp4Error, needBox } from "./mp4_boxes.ts";
import { readTrackFragmentHeader } from "./mp4_fragments.ts";
import { readTracks, type Track } from "./mp4_tracks.ts";
import { box, words } from "./mp4_write.ts";

/** Sample flags (ISO/IEC 14496-12 §8.8.3.1): depends on no other. */
const SYNC_SAMPLE = 0x02000000;
const NON_SYNC = 0x00010000;

/**
 * The init segment and one fragment that holds the first picture of `segment`. `undefined` where
 * that cannot be told from the rest: no video, no picture at the start that needs no other, data
 * somewhere else, encrypted, or no fragmented MP4 at all.
 */
export function firstPicture(
  init: Uint8Array,
  segment: Uint8Array,
): Uint8Array<ArrayBuffer> | undefined {
  try {
    const track = readTracks(init).find(({ kind }) => kind === "video");
    const sample = track && firstSample(init, segment, track);
    return sample && concat([init, writeFragment(track, sample)]);
  } catch (error) {
    if (error instanceof Mp4Error) return undefined;
    throw error;
  }
}

/** The bytes of a track's first sample, if it can be decoded alone. */
function firstSample(init: Uint8Array, segment: Uint8Array, track: Track): Uint8Array | undefined {
  const moof = needBox(segment, ["moof"]);
  const trafs = childBoxes(segment, moof).filter(({ type }) => type === "traf");
  const at = trafs.findIndex((traf) => headerOf(segment, traf).trackId === track.id);
  const traf = trafs[at];
  const trun = traf && findBox(segment, ["trun"], traf);
  if (!trun) return undefined;
  const header = headerOf(segment, traf);
  const encrypted = findBox(segment, ["senc"], traf) ?? findBox(segment, ["saio"], traf);
  // Without a base of its own, only the first track's data counts from the moof (§8.8.7).
  const placed = !header.absoluteOffsets && (header.defaultBaseIsMoof || at === 0);
  const run = readRun(segment, trun, {
    ...defaults(init, track.id),
    ...sampleDefaults(segment, needBox(segment, ["tfhd"], traf)),
  });
  if (encrypted || !placed || run.offset === undefined || (run.flags & NON_SYNC) !== 0) {
    return undefined;
  }
  const start = moof.start + run.offset;
  const sample = segment.subarray(start, start + run.size);
  return sample.length > 0 && sample.length === run.size ? sample : undefined;
}

function headerOf(fragment: Uint8Array, traf: Box) {
  return readTrackFragmentHeader(fragment, needBox(fragment, ["tfhd"], traf));
}

interface SampleDefaults {
  readonly size?: number;
  readonly flags?: number;
}

/** Of the track extends box, §8.8.3. */
function defaults(init: Uint8Array, trackId: number): SampleDefaults {
  const mvex = findBox(init, ["moov", "mvex"]);
  for (const trex of mvex ? childBoxes(init, mvex) : []) {
    if (trex.type !== "trex") continue;
    const fields = fieldsOf(init, trex);
    fields.full();
    if (fields.u32() !== trackId) continue;
    fields.skip(8);
    return { size: fields.u32(), flags: fields.u32() };
  }
  return {};
}

/** Of the track fragment header, §8.8.7. */
function sampleDefaults(fragment: Uint8Array, tfhd: Box): SampleDefaults {
  const fields = fieldsOf(fragment, tfhd);
  const { flags } = fields.full();
  fields.skip(4);
  for (const [flag, bytes] of [[0x1, 8], [0x2, 4], [0x8, 4]] as const) {
    if ((flags & flag) !== 0) fields.skip(bytes);
  }
  return {
    ...((flags & 0x10) !== 0 ? { size: fields.u32() } : {}),
    ...((flags & 0x20) !== 0 ? { flags: fields.u32() } : {}),
  };
}

/** Where a track run (§8.8.8) has its first sample, and what is said of that. */
function readRun(fragment: Uint8Array, trun: Box, known: SampleDefaults) {
  const fields = fieldsOf(fragment, trun);
  const { flags } = fields.full();
  if (fields.u32() === 0) throw new Mp4Error("mp4-malformed", "A track run has no sample.");
  const has = (flag: number) => (flags & flag) !== 0;
  const offset = has(0x1) ? fields.u32() : undefined;
  const firstFlags = has(0x4) ? fields.u32() : undefined;
  if (has(0x100)) fields.skip(4);
  const size = has(0x200) ? fields.u32() : known.size ?? 0;
  const ownFlags = has(0x400) ? fields.u32() : undefined;
  return { offset, size, flags: firstFlags ?? ownFlags ?? known.flags ?? 0 };
}

/** A fragment with one sample at time 0 that is shown for a second. */
function writeFragment(track: Track, sample: Uint8Array): Uint8Array<ArrayBuffer> {
  const movieFragment = (dataOffset: number) =>
    box(
      "moof",
      box("mfhd", words(0, 1)),
      box(
        "traf",
        box("tfhd", words(0x020000, track.id)),
        box("tfdt", words(0, 0)),
        // With an offset, and of the sample its duration, size and flags.
        box("trun", words(0x701, 1, dataOffset, track.timescale, sample.length, SYNC_SAMPLE)),
      ),
    );
  const mdat = box("mdat", sample);
  const headerBytes = mdat.length - sample.length;
  return concat([movieFragment(movieFragment(0).length + headerBytes), mdat]);
}
