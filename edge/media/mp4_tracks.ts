/** The tracks that a movie box (ISO/IEC 14496-12 §8.2) declares. */
import {
  type Box,
  childBoxes,
  fieldsAfterTimes,
  fieldsOf,
  findBox,
  Mp4Error,
  needBox,
} from "./mp4_boxes.ts";

export interface Track {
  readonly id: number;
  readonly kind: "video" | "audio" | "other";
  /** ticks per second */
  readonly timescale: number;
  /** From the track extends box (§8.8.3), in ticks; 0 where fragments must say it. */
  readonly defaultSampleDuration: number;
  /** Four characters: the type of its sample entry (§8.5.2), such as `avc1`; empty without one. */
  readonly format: string;
  /** As in a CODECS attribute (RFC 6381 §3.3); absent for codecs other than H.264 and MPEG-4 audio. */
  readonly codec?: string;
  /** Video only, pixels. */
  readonly size?: { readonly width: number; readonly height: number };
}

/** Reads the tracks of an init segment. Throws `Mp4Error`. */
export function readTracks(init: Uint8Array): Track[] {
  const moov = needBox(init, ["moov"]);
  const defaults = readDefaultDurations(init, moov);
  return childBoxes(init, moov)
    .filter((box) => box.type === "trak")
    .map((trak) => readTrack(init, trak, defaults));
}

function readTrack(init: Uint8Array, trak: Box, defaults: ReadonlyMap<number, number>): Track {
  const id = fieldsAfterTimes(init, needBox(init, ["tkhd"], trak)).fields.u32();
  const timescale = fieldsAfterTimes(init, needBox(init, ["mdia", "mdhd"], trak)).fields.u32();
  if (timescale === 0) throw new Mp4Error("mp4-malformed", `Track ${id} has timescale 0.`);
  const handler = fieldsOf(init, needBox(init, ["mdia", "hdlr"], trak));
  handler.skip(8);
  const kind = KINDS[handler.u32()] ?? "other";
  const description = findBox(init, ["mdia", "minf", "stbl", "stsd"], trak);
  const entry = description && childBoxes(init, description, 8)[0];
  const codec = entry && readCodec(init, entry, kind);
  return {
    id,
    kind,
    timescale,
    format: entry?.type ?? "",
    defaultSampleDuration: defaults.get(id) ?? 0,
    ...(codec === undefined ? {} : { codec }),
    ...(entry && kind === "video" ? { size: readSize(init, entry) } : {}),
  };
}

/** Handler types of §12: `vide` and `soun`. */
const KINDS: Record<number, Track["kind"]> = { 0x76696465: "video", 0x736f756e: "audio" };
/** Fields of the sample entries before their boxes, §12.1.3 and §12.2.3. */
const VISUAL_ENTRY_BYTES = 78;
const AUDIO_ENTRY_BYTES = 28;

function readDefaultDurations(init: Uint8Array, moov: Box): Map<number, number> {
  const mvex = findBox(init, ["mvex"], moov);
  const found = new Map<number, number>();
  for (const trex of mvex ? childBoxes(init, mvex) : []) {
    if (trex.type !== "trex") continue;
    const fields = fieldsOf(init, trex);
    fields.full();
    const trackId = fields.u32();
    fields.skip(4);
    found.set(trackId, fields.u32());
  }
  return found;
}

function readSize(init: Uint8Array, entry: Box): { width: number; height: number } {
  const fields = fieldsOf(init, entry);
  fields.skip(24);
  return { width: fields.u16(), height: fields.u16() };
}

function readCodec(init: Uint8Array, entry: Box, kind: Track["kind"]): string | undefined {
  if (kind === "video" && (entry.type === "avc1" || entry.type === "avc3")) {
    const avcC = childBoxes(init, entry, VISUAL_ENTRY_BYTES).find((box) => box.type === "avcC");
    if (!avcC) return undefined;
    const fields = fieldsOf(init, avcC);
    fields.skip(1);
    // Profile, constraints and level, ISO/IEC 14496-15 §5.3.3.1.
    return `${entry.type}.${[fields.u8(), fields.u8(), fields.u8()].map(hexByte).join("")}`;
  }
  if (kind === "audio" && entry.type === "mp4a") {
    const esds = childBoxes(init, entry, AUDIO_ENTRY_BYTES).find((box) => box.type === "esds");
    return esds && readAudioCodec(init, esds);
  }
  return undefined;
}

/** Descriptors of ISO/IEC 14496-1 §7.2.6: elementary stream, its decoder configuration, its specific info. */
function readAudioCodec(init: Uint8Array, esds: Box): string | undefined {
  const fields = fieldsOf(init, esds);
  fields.full();
  const descriptor = (): number => {
    const tag = fields.u8();
    while ((fields.u8() & 0x80) !== 0);
    return tag;
  };
  if (descriptor() !== 0x03) return undefined;
  fields.skip(2);
  const flags = fields.u8();
  fields.skip(((flags & 0x80) !== 0 ? 2 : 0) + ((flags & 0x20) !== 0 ? 2 : 0));
  if ((flags & 0x40) !== 0) fields.skip(fields.u8());
  if (descriptor() !== 0x04) return undefined;
  const objectType = fields.u8();
  fields.skip(12);
  if (objectType !== 0x40 || descriptor() !== 0x05) return `mp4a.${hexByte(objectType)}`;
  const first = fields.u8();
  // ISO/IEC 14496-3 §1.6.2.1: five bits, or 31 and six more.
  const audioType = first >> 3 === 31 ? 32 + (((first & 7) << 3) | (fields.u8() >> 5)) : first >> 3;
  return `mp4a.40.${audioType}`;
}

function hexByte(value: number): string {
  return value.toString(16).padStart(2, "0").toUpperCase();
}
