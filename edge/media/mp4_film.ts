/** A film whose samples lie in the segments of fragmented MP4, told by one movie box (ISO/IEC 14496-12 §8.2). */
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
} from "./mp4_boxes.ts";
import type { SampleTable } from "./mp4_samples.ts";
import { box, overwrite, words } from "./mp4_write.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Ticks a second of the movie itself. */
const MOVIE_TIMESCALE = 1000;
const MDAT_HEADER_BYTES = 16;

/**
 * What stands before `mediaBytes` bytes of segments, so that together they are a film: the segments go
 * into the media data as they are, and the movie box says where in them the samples are. Places in
 * `tables` count from the first segment's first byte. Throws `Mp4Error`.
 */
export function writeFilmHead(tables: readonly SampleTable[], mediaBytes: number): Bytes {
  const told = tables.filter(({ sizes }) => sizes.length > 0);
  if (told.length === 0) throw new Mp4Error("mp4-malformed", "There are no samples.");
  const ftyp = box("ftyp", text("isom"), words(0x200), text("isomiso2mp41"));
  const mdat = concat([words(1), text("mdat"), uint64s([MDAT_HEADER_BYTES + mediaBytes])]);
  const headBytes = ftyp.length + writeMovie(told, 0).length + mdat.length;
  return concat([ftyp, writeMovie(told, headBytes), mdat]);
}

function writeMovie(tables: readonly SampleTable[], mediaAt: number): Bytes {
  const startS = Math.min(...tables.map((one) => one.startTime() / one.track.timescale));
  const plans = tables.map((table) => planOf(table, startS));
  const [first] = tables;
  const mvhd = copyOf(first!.init, needBox(first!.init, ["moov", "mvhd"]));
  const times = fieldsAfterTimes(mvhd, needBox(mvhd, ["mvhd"]));
  overwrite(mvhd, times.fields, MOVIE_TIMESCALE);
  setDuration(mvhd, times, Math.max(...plans.map(({ endMs }) => endMs)));
  viewOf(mvhd).setUint32(mvhd.length - 4, tables.length + 1);
  return box("moov", mvhd, ...plans.map((plan, at) => writeTrack(plan, at + 1, mediaAt)));
}

interface Plan {
  readonly table: SampleTable;
  /** Ticks of all its samples. */
  readonly ticks: number;
  /** Nothing is shown for so long. */
  readonly delayMs: number;
  readonly playMs: number;
  readonly endMs: number;
  /** Where in its samples it begins, ticks. */
  readonly mediaTime: number;
}

function planOf(table: SampleTable, startS: number): Plan {
  const { timescale } = table.track;
  const ticks = table.durations.reduce((sum, one) => sum + one, 0);
  const { emptyS, mediaTime } = editsOf(table);
  const delayMs = Math.round((table.startTime() / timescale - startS + emptyS) * MOVIE_TIMESCALE);
  const shownTicks = Math.max(0, lastShown(table) - mediaTime);
  const playMs = Math.round(shownTicks / timescale * MOVIE_TIMESCALE);
  return { table, ticks, delayMs, playMs, endMs: delayMs + playMs, mediaTime };
}

/** When the last picture ends: what is decoded last need not be shown last. */
function lastShown({ durations, shifts }: SampleTable): number {
  let decoded = 0;
  let shown = 0;
  durations.forEach((duration, at) => {
    shown = Math.max(shown, decoded + shifts[at]! + duration);
    decoded += duration;
  });
  return shown;
}

/** What the edit list (§8.6.6) of an init says of the beginning; its durations are those of no fragment. */
function editsOf({ init, track }: SampleTable): { emptyS: number; mediaTime: number } {
  const elst = findBox(init, ["edts", "elst"], trakOf(init, track.id));
  const movieTimescale = fieldsAfterTimes(init, needBox(init, ["moov", "mvhd"])).fields.u32();
  if (movieTimescale === 0) throw new Mp4Error("mp4-malformed", "A movie has the timescale 0.");
  let emptyS = 0;
  if (!elst) return { emptyS, mediaTime: 0 };
  const fields = fieldsOf(init, elst);
  const long = fields.full().version === 1;
  for (let left = fields.u32(); left > 0; left--) {
    const duration = long ? fields.u64() : fields.u32();
    if (long) fields.skip(4);
    const mediaTime = fields.u32() | 0;
    fields.skip(4);
    if (mediaTime >= 0) return { emptyS, mediaTime };
    emptyS += duration / movieTimescale;
  }
  return { emptyS, mediaTime: 0 };
}

function writeTrack(
  { table, ticks, delayMs, playMs, endMs, mediaTime }: Plan,
  id: number,
  mediaAt: number,
): Bytes {
  const { init, track } = table;
  const trak = trakOf(init, track.id);
  const tkhd = copyOf(init, needBox(init, ["tkhd"], trak));
  const header = fieldsAfterTimes(tkhd, needBox(tkhd, ["tkhd"]));
  overwrite(tkhd, header.fields, id);
  // Reserved.
  header.fields.skip(4);
  setDuration(tkhd, header, endMs);
  const mdia = needBox(init, ["mdia"], trak);
  const mdhd = copyOf(init, needBox(init, ["mdhd"], mdia));
  const media = fieldsAfterTimes(mdhd, needBox(mdhd, ["mdhd"]));
  // The timescale.
  media.fields.skip(4);
  setDuration(mdhd, media, ticks);
  const minf = needBox(init, ["minf"], mdia);
  const beside = childBoxes(init, minf).filter(({ type }) => type !== "stbl");
  const stsd = copyOf(init, needBox(init, ["stbl", "stsd"], minf));
  const edits = delayMs > 0 ? [[delayMs, -1, 0x10000]] : [];
  edits.push([playMs, mediaTime, 0x10000]);
  return box(
    "trak",
    tkhd,
    box("edts", box("elst", words(0, edits.length), uint32s(edits.flat()))),
    box(
      "mdia",
      mdhd,
      copyOf(init, needBox(init, ["hdlr"], mdia)),
      box("minf", ...beside.map((one) => copyOf(init, one)), writeTable(table, stsd, mediaAt)),
    ),
  );
}

function writeTable(table: SampleTable, stsd: Bytes, mediaAt: number): Bytes {
  const { sizes, durations, shifts, syncs, chunks } = table;
  const times = runs(durations);
  const shown = runs(shifts);
  const perChunk = runs(chunks.map(({ samples }) => samples));
  let chunk = 1;
  const toChunks = perChunk.flatMap(([count, samples]) => {
    const first = chunk;
    chunk += count;
    return [first, samples, 1];
  });
  const isShifted = shifts.some((shift) => shift !== 0);
  const isSigned = shifts.some((shift) => shift < 0);
  return box(
    "stbl",
    stsd,
    box("stts", words(0, times.length), uint32s(times.flat())),
    ...(isShifted
      ? [box("ctts", words(isSigned ? 1 << 24 : 0, shown.length), uint32s(shown.flat()))]
      : []),
    ...(syncs.length < sizes.length ? [box("stss", words(0, syncs.length), uint32s(syncs))] : []),
    box("stsc", words(0, toChunks.length / 3), uint32s(toChunks)),
    box("stsz", words(0, 0, sizes.length), uint32s(sizes)),
    box("co64", words(0, chunks.length), uint64s(chunks.map(({ at }) => mediaAt + at))),
  );
}

/** Values that are equal and in a row, each once, with how many they are. */
function runs(values: readonly number[]): [count: number, value: number][] {
  const found: [number, number][] = [];
  for (const value of values) {
    const last = found.at(-1);
    if (last?.[1] === value) last[0]++;
    else found.push([1, value]);
  }
  return found;
}

function trakOf(init: Bytes, id: number): Box {
  const traks = childBoxes(init, needBox(init, ["moov"])).filter(({ type }) => type === "trak");
  return traks.find((trak) =>
    fieldsAfterTimes(init, needBox(init, ["tkhd"], trak)).fields.u32() === id
  )!;
}

function setDuration(
  bytes: Bytes,
  { fields, long }: ReturnType<typeof fieldsAfterTimes>,
  duration: number,
): void {
  // All ones: it cannot be said.
  const told = long ? duration : Math.min(duration, 2 ** 32 - 1);
  overwrite(bytes, fields, told, long ? 64 : 32);
}

function text(value: string): Bytes {
  return new TextEncoder().encode(value);
}

function uint32s(values: readonly number[]): Bytes {
  const bytes = new Uint8Array(values.length * 4);
  const view = viewOf(bytes);
  values.forEach((value, at) => view.setUint32(at * 4, value));
  return bytes;
}

function uint64s(values: readonly number[]): Bytes {
  const bytes = new Uint8Array(values.length * 8);
  const view = viewOf(bytes);
  values.forEach((value, at) => view.setBigUint64(at * 8, BigInt(value)));
  return bytes;
}
