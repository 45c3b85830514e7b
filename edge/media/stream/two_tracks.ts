/**
 * Two renditions of fragmented MP4, pictures and sound, as the two tracks of one file (PROTOCOL.md
 * §2.7). Whoever has the same media makes the same bytes of it.
 */
import { concat } from "@std/bytes/concat";
import {
  type Box,
  childBoxes,
  copyOf,
  fieldsAfterTimes,
  fieldsOf,
  findBox,
  Mp4Error,
  needBox,
  viewOf,
} from "../mp4_boxes.ts";
import { box, overwrite } from "../mp4_write.ts";
import type { Bytes } from "./bytes.ts";

/** The ids of the tracks. */
export const PICTURES = 1;
export const SOUND = 2;

/** An init segment of both tracks. Throws `Mp4Error`, also where either has not one track alone. */
export function mergeInits(pictures: Bytes, sound: Bytes): Bytes {
  const [first, second] = [partsOf(pictures, PICTURES), partsOf(sound, SOUND)];
  if (first.timescale !== second.timescale) {
    scaleEdits(second.trak, first.timescale / second.timescale);
  }
  const moov = [first.mvhd, first.trak, second.trak, box("mvex", first.trex, second.trex)];
  return concat([copyOf(pictures, needBox(pictures, ["ftyp"])), box("moov", ...moov)]);
}

/** `mergeInits`, which remembers what it made last; `undefined` for what cannot be merged. */
export function createInitMerger(): (pictures: Bytes, sound: Bytes) => Bytes | undefined {
  let last: { pictures: Bytes; sound: Bytes; init: Bytes | undefined } | undefined;
  return (pictures, sound) => {
    if (last?.pictures !== pictures || last.sound !== sound) {
      last = { pictures, sound, init: tryMerge(pictures, sound) };
    }
    return last.init;
  };
}

function tryMerge(pictures: Bytes, sound: Bytes): Bytes | undefined {
  try {
    return mergeInits(pictures, sound);
  } catch (error) {
    if (error instanceof Mp4Error) return undefined;
    throw error;
  }
}

/** The boxes of an init segment that are needed of it, copied, its track with another id. */
function partsOf(init: Bytes, id: number) {
  const moov = needBox(init, ["moov"]);
  const [trak, ...more] = childBoxes(init, moov).filter(({ type }) => type === "trak");
  if (!trak || more.length > 0) {
    throw new Mp4Error("mp4-unsupported", `An init segment has ${more.length + 1} tracks.`);
  }
  const mvhd = copyOf(init, needBox(init, ["mvhd"], moov));
  // What comes last in it is next_track_ID, §8.2.2.
  viewOf(mvhd).setUint32(mvhd.length - 4, SOUND + 1);
  const own = copyOf(init, trak);
  overwrite(own, fieldsAfterTimes(own, needBox(own, ["trak", "tkhd"])).fields, id);
  const trex = copyOf(init, needBox(init, ["mvex", "trex"], moov));
  overwrite(trex, afterVersion(trex, needBox(trex, ["trex"])), id);
  const timescale = fieldsAfterTimes(mvhd, needBox(mvhd, ["mvhd"])).fields.u32();
  if (timescale === 0) throw new Mp4Error("mp4-malformed", "A movie has the timescale 0.");
  return { mvhd, trak: own, trex, timescale };
}

function afterVersion(bytes: Bytes, header: Box) {
  const fields = fieldsOf(bytes, header);
  fields.full();
  return fields;
}

/** Durations of an edit list (§8.6.6) are in the timescale of the movie. */
function scaleEdits(trak: Bytes, factor: number): void {
  const elst = findBox(trak, ["trak", "edts", "elst"]);
  if (!elst) return;
  const fields = fieldsOf(trak, elst);
  const long = fields.full().version === 1;
  for (let left = fields.u32(); left > 0; left--) {
    const { at } = fields;
    const duration = Math.round((long ? fields.u64() : fields.u32()) * factor);
    const again = fieldsOf(trak, { ...elst, body: at });
    overwrite(trak, again, duration, long ? 64 : 32);
    fields.skip(long ? 12 : 8);
  }
}

/** Where in a box its header of 32 bits ends; longer ones are for media data alone. */
const HEADER_BYTES = 8;
const LONG_HEADER_BYTES = 16;
/** A movie fragment box larger than this is none, bytes. */
const MAX_MOOF_BYTES = 1024 * 1024;
/** What counts on the place of other boxes in a file of one track, or names a track. */
const INDEXES = ["sidx", "ssix", "prft"];

/**
 * Turns a segment of one track into media of the track `id`, of the same length, that stands at the
 * byte `at` of a stream. It is given in any parts, in order, and comes in views of these but for the
 * headers. Throws `Mp4Error`.
 */
export function createTrackWriter(id: number, at: number): (part: Bytes) => Bytes[] {
  /** What has come of a header, or of a movie fragment box, and how much of it there has to be. */
  let head: Bytes = new Uint8Array();
  let wanted = HEADER_BYTES;
  /** Bytes of a box that go through as they are. */
  let through = 0;

  /** What goes out for `head` once it is as long as wanted; `undefined` where more of it is. */
  function next(): Bytes | undefined {
    const size32 = viewOf(head).getUint32(0);
    const isLong = size32 === 1;
    if (isLong && wanted === HEADER_BYTES) return more(LONG_HEADER_BYTES);
    const size = isLong ? Number(viewOf(head).getBigUint64(HEADER_BYTES)) : size32;
    const type = String.fromCharCode(...head.subarray(4, HEADER_BYTES));
    const isMoof = type === "moof";
    if (size < (isLong ? LONG_HEADER_BYTES : HEADER_BYTES) || isMoof && size > MAX_MOOF_BYTES) {
      throw new Mp4Error("mp4-malformed", `A box ${type} has the size ${size}.`);
    }
    if (isMoof && wanted < size) return more(size);
    if (isMoof) return moved(head, id, at);
    if (INDEXES.includes(type)) head.set(new TextEncoder().encode("free"), 4);
    through = size - head.length;
    return head;
  }
  function more(bytes: number): undefined {
    wanted = bytes;
  }

  return (part) => {
    const out: Bytes[] = [];
    const take = (bytes: number): Bytes => {
      const taken = part.subarray(0, bytes);
      part = part.subarray(taken.length);
      return taken;
    };
    const give = (bytes: Bytes) => {
      at += bytes.length;
      out.push(bytes);
    };
    while (part.length > 0) {
      if (through > 0) {
        const ready = take(through);
        through -= ready.length;
        give(ready);
        continue;
      }
      head = concat([head, take(wanted - head.length)]);
      const box = head.length === wanted ? next() : undefined;
      if (!box) continue;
      give(box);
      [head, wanted] = [new Uint8Array(), HEADER_BYTES];
    }
    return out;
  };
}

/** A movie fragment box with its tracks called `id`, at this byte of a stream. */
function moved(moof: Bytes, id: number, at: number): Bytes {
  const whole = needBox(moof, ["moof"]);
  overwrite(moof, afterVersion(moof, needBox(moof, ["mfhd"], whole)), at % 2 ** 32);
  for (const traf of childBoxes(moof, whole).filter(({ type }) => type === "traf")) {
    const fields = fieldsOf(moof, needBox(moof, ["tfhd"], traf));
    if ((fields.full().flags & 0x1) !== 0) {
      throw new Mp4Error("mp4-unsupported", "Its data offsets count from the file's start.");
    }
    overwrite(moof, fields, id);
  }
  return moof;
}
