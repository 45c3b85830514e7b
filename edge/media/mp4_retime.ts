/** Moves a movie fragment to another place in time. */
import { type Box, childBoxes, fieldsOf, Mp4Error, needBox, viewOf } from "./mp4_boxes.ts";
import { readDecodeTime, readTrackFragmentHeader } from "./mp4_fragments.ts";

export interface NewTimes {
  /** For the movie fragment header (ISO/IEC 14496-12 §8.8.5); taken modulo 2³². */
  readonly sequence: number;
  /** The decode time of a track's first sample, in its timescale, from the one it had. */
  readonly decodeTime: (trackId: number, was: number) => number;
}

/**
 * A copy of the fragment with other decode times (tfdt, §8.8.12) and another sequence number.
 * Decode times are written with 64 bits: at 48 kHz, 32 bits hold a day. Where that makes the moof
 * longer, the data offsets of its track runs (§8.8.8) move along. Throws `Mp4Error`.
 */
export function retimeFragment(fragment: Uint8Array, times: NewTimes): Uint8Array<ArrayBuffer> {
  const moof = needBox(fragment, ["moof"]);
  const trafs = childBoxes(fragment, moof).filter((box) => box.type === "traf");
  if ([moof, ...trafs].some((box) => box.body - box.start !== 8)) {
    throw new Mp4Error("mp4-unsupported", "A fragment has headers with 64-bit sizes.");
  }
  const plans = trafs.map((traf) => planTrackFragment(fragment, traf, times));
  const growth = plans.reduce((sum, plan) => sum + plan.grows, 0);

  const out = new Uint8Array(fragment.length + growth);
  const view = viewOf(out);
  let read = 0;
  let written = 0;
  const copyTo = (end: number): void => {
    out.set(fragment.subarray(read, end), written);
    written += end - read;
    read = end;
  };

  copyTo(moof.start);
  const moofAt = written;
  plans.forEach((plan, index) => {
    copyTo(plan.traf.start);
    const trafAt = written;
    copyTo(plan.tfdt.start);
    writeDecodeTime(view, written, plan.decodeTime);
    written += TFDT_BYTES;
    read = plan.tfdt.end;
    copyTo(plan.traf.end);
    view.setUint32(trafAt, written - trafAt);
    // Without a base of its own, only the first track's data counts from the moof (§8.8.7).
    if (growth !== 0 && (plan.defaultBaseIsMoof || index === 0)) {
      moveDataOffsets(out, trafAt, written, growth);
    }
  });
  copyTo(moof.end);
  view.setUint32(moofAt, written - moofAt);
  copyTo(fragment.length);

  const mfhd = fieldsOf(out, needBox(out, ["moof", "mfhd"]));
  mfhd.full();
  const sequenceAt = mfhd.at;
  mfhd.u32();
  view.setUint32(sequenceAt, times.sequence % 2 ** 32);
  return out;
}

/** Box header, version and flags, and a time of 64 bits. */
const TFDT_BYTES = 20;

interface Plan {
  readonly traf: Box;
  readonly tfdt: Box;
  readonly decodeTime: number;
  readonly grows: number;
  readonly defaultBaseIsMoof: boolean;
}

function planTrackFragment(fragment: Uint8Array, traf: Box, times: NewTimes): Plan {
  const header = readTrackFragmentHeader(fragment, needBox(fragment, ["tfhd"], traf));
  const encrypted = childBoxes(fragment, traf).some((box) => box.type === "saio");
  if (header.absoluteOffsets || encrypted) {
    const what = encrypted ? "is encrypted" : "has data offsets that count from the file's start";
    throw new Mp4Error("mp4-unsupported", `Track ${header.trackId} ${what}.`);
  }
  const tfdt = needBox(fragment, ["tfdt"], traf);
  return {
    traf,
    tfdt,
    decodeTime: times.decodeTime(header.trackId, readDecodeTime(fragment, tfdt)),
    grows: TFDT_BYTES - (tfdt.end - tfdt.start),
    defaultBaseIsMoof: header.defaultBaseIsMoof,
  };
}

function writeDecodeTime(view: DataView, at: number, time: number): void {
  view.setUint32(at, TFDT_BYTES);
  view.setUint32(at + 4, 0x74666474); // "tfdt"
  view.setUint32(at + 8, 1 << 24);
  view.setUint32(at + 12, Math.floor(time / 2 ** 32));
  view.setUint32(at + 16, time % 2 ** 32);
}

function moveDataOffsets(out: Uint8Array, trafAt: number, trafEnd: number, by: number): void {
  const traf = { type: "traf", start: trafAt, body: trafAt + 8, end: trafEnd };
  for (const trun of childBoxes(out, traf).filter((box) => box.type === "trun")) {
    const fields = fieldsOf(out, trun);
    const { flags } = fields.full();
    fields.skip(4);
    if ((flags & 0x1) === 0) continue;
    const at = fields.at;
    fields.skip(4);
    const view = viewOf(out);
    view.setInt32(at, view.getInt32(at) + by);
  }
}
