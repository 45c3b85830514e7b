/** Samples of a track, gathered from its movie fragments (ISO/IEC 14496-12 §8.8). */
import { type Box, childBoxes, fieldsOf, Mp4Error, needBox } from "./mp4_boxes.ts";
import { readDecodeTime, readTrackFragmentHeader } from "./mp4_fragments.ts";
import { readTracks, type Track } from "./mp4_tracks.ts";

/** All samples of one track, in decoding order. Times are in ticks of the track. */
export interface SampleTable {
  readonly track: Track;
  readonly init: Uint8Array<ArrayBuffer>;
  /** Decode time of the first sample. */
  startTime(): number;
  /** By sample: its length in bytes, what it lasts, and how much later than decoded it is shown. */
  readonly sizes: readonly number[];
  readonly durations: readonly number[];
  readonly shifts: readonly number[];
  /** Counted from 1: the samples that decoding can begin with. */
  readonly syncs: readonly number[];
  /** Samples whose data stands in a row, and where it begins. */
  readonly chunks: readonly { readonly at: number; readonly samples: number }[];
  /** Takes what a movie fragment box has of the track, which stands at the byte `at`. Throws `Mp4Error`. */
  add(moof: Uint8Array, at: number): void;
}

/** Sample flags (§8.8.3.1): not one to begin with. */
const NON_SYNC = 0x00010000;

/** Of all tracks together, which are held while the film is opened: eleven hours of 50 pictures a second with their sound. */
const MAX_SAMPLES = 4_000_000;

interface Defaults {
  readonly duration: number;
  readonly size: number;
  readonly flags: number;
}

/** A table for each track of an init segment. Throws `Mp4Error`. */
export function createSampleTables(init: Uint8Array<ArrayBuffer>): SampleTable[] {
  let left = MAX_SAMPLES;
  const spend = (samples: number) => {
    left -= samples;
    if (left < 0) throw new Mp4Error("mp4-unsupported", `More than ${MAX_SAMPLES} samples.`);
  };
  return readTracks(init).map((track) => createTable(init, track, spend));
}

/** `spend` is told of samples before they are gathered. */
function createTable(
  init: Uint8Array<ArrayBuffer>,
  track: Track,
  spend: (samples: number) => void,
): SampleTable {
  const ofTrack = trackDefaults(init, track.id);
  const table = {
    sizes: [] as number[],
    durations: [] as number[],
    shifts: [] as number[],
    syncs: [] as number[],
    chunks: [] as { at: number; samples: number }[],
  };
  let startTime: number | undefined;
  let endTime = 0;

  /** What comes next begins at this time: a gap lengthens the sample before it. */
  function goTo(time: number): void {
    if (startTime === undefined) startTime = endTime = time;
    const { durations } = table;
    const last = durations.length - 1;
    if (last >= 0) durations[last]! += time - endTime;
    if ((durations[last] ?? 0) < 0) {
      throw new Mp4Error("mp4-unsupported", `The times of track ${track.id} go back.`);
    }
    endTime = time;
  }

  /** Answers where the data of the run ends. */
  function addRun(moof: Uint8Array, trun: Box, at: number, begins: number, of: Defaults): number {
    const fields = fieldsOf(moof, trun);
    const { version, flags } = fields.full();
    const has = (flag: number) => (flags & flag) !== 0;
    const samples = fields.u32();
    spend(samples);
    const from = has(0x1) ? at + (fields.u32() | 0) : begins;
    const firstFlags = has(0x4) ? fields.u32() : undefined;
    let end = from;
    for (let sample = 0; sample < samples; sample++) {
      const duration = has(0x100) ? fields.u32() : of.duration;
      const size = has(0x200) ? fields.u32() : of.size;
      const own = has(0x400) ? fields.u32() : of.flags;
      const shift = has(0x800) ? fields.u32() : 0;
      const sampleFlags = sample === 0 ? firstFlags ?? own : own;
      table.sizes.push(size);
      table.durations.push(duration);
      table.shifts.push(version === 0 ? shift : shift | 0);
      if ((sampleFlags & NON_SYNC) === 0) table.syncs.push(table.sizes.length);
      endTime += duration;
      end += size;
    }
    if (samples > 0) table.chunks.push({ at: from, samples });
    return end;
  }

  return {
    track,
    init,
    ...table,
    startTime: () => startTime ?? 0,
    add(moof, at) {
      const trafs = childBoxes(moof, needBox(moof, ["moof"])).filter(({ type }) => type === "traf");
      for (const [index, traf] of trafs.entries()) {
        const tfhd = needBox(moof, ["tfhd"], traf);
        const header = readTrackFragmentHeader(moof, tfhd);
        if (header.trackId !== track.id) continue;
        // Without a base of its own, only the first track's data counts from the moof (§8.8.7).
        if (header.absoluteOffsets || !(header.defaultBaseIsMoof || index === 0)) {
          throw new Mp4Error("mp4-unsupported", "Its data offsets do not count from the fragment.");
        }
        goTo(readDecodeTime(moof, needBox(moof, ["tfdt"], traf)));
        const defaults = { ...ofTrack, ...fragmentDefaults(moof, tfhd) };
        let end = at + moof.length;
        for (const trun of childBoxes(moof, traf).filter(({ type }) => type === "trun")) {
          end = addRun(moof, trun, at, end, defaults);
        }
      }
    },
  };
}

/** Of the track extends box, §8.8.3. */
function trackDefaults(init: Uint8Array, trackId: number): Defaults {
  for (const trex of childBoxes(init, needBox(init, ["moov", "mvex"]))) {
    if (trex.type !== "trex") continue;
    const fields = fieldsOf(init, trex);
    fields.full();
    if (fields.u32() !== trackId) continue;
    fields.skip(4);
    return { duration: fields.u32(), size: fields.u32(), flags: fields.u32() };
  }
  throw new Mp4Error("mp4-malformed", `Track ${trackId} has no trex.`);
}

/** Of the track fragment header, §8.8.7: what it says. */
function fragmentDefaults(fragment: Uint8Array, tfhd: Box): Partial<Defaults> {
  const fields = fieldsOf(fragment, tfhd);
  const { flags } = fields.full();
  fields.skip(4 + ((flags & 0x1) !== 0 ? 8 : 0) + ((flags & 0x2) !== 0 ? 4 : 0));
  return {
    ...((flags & 0x8) !== 0 ? { duration: fields.u32() } : {}),
    ...((flags & 0x10) !== 0 ? { size: fields.u32() } : {}),
    ...((flags & 0x20) !== 0 ? { flags: fields.u32() } : {}),
  };
}
