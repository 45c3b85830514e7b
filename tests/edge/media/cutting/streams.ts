/** Endless streams for tests, made independently of the code that cuts them. */
import { concat } from "@std/bytes/concat";
import { box, join, words } from "../boxes.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Bytes that are no sync of any format, different for every seed. */
export function payload(length: number, seed: number): Bytes {
  return Uint8Array.from({ length }, (_, at) => (seed * 31 + at * 7) % 0x40);
}

/** MPEG-1 layer III, 128 kbit/s at 44.1 kHz without padding. */
export const MP3_FRAME_BYTES = 417;
export const MP3_FRAME_MS = 1152 / 44.1;
export function mp3Frame(seed: number): Bytes {
  return concat([Uint8Array.of(0xff, 0xfb, 0x90, 0x64), payload(MP3_FRAME_BYTES - 4, seed)]);
}

export function adtsFrame(seed: number, length = 200): Bytes {
  const head = [0xff, 0xf1, 0x4c, 0x80 | length >> 11, (length >> 3) & 0xff];
  return concat([
    Uint8Array.of(...head, (length & 7) << 5 | 0x1f, 0xfc),
    payload(length - 7, seed),
  ]);
}

export function oggPage(
  { granule, flags = 0, serial = 7, content }: {
    granule: number;
    flags?: number;
    serial?: number;
    content: readonly Uint8Array[];
  },
): Bytes {
  const lacing = content.flatMap(({ length }) => [
    ...Array.from({ length: Math.floor(length / 255) }, () => 255),
    length % 255,
  ]);
  const head = new Uint8Array(27);
  const view = new DataView(head.buffer);
  head.set(new TextEncoder().encode("OggS"));
  view.setUint8(5, flags);
  view.setBigInt64(6, BigInt(granule), true);
  view.setUint32(14, serial, true);
  view.setUint8(26, lacing.length);
  return concat([head, Uint8Array.from(lacing), ...content]);
}

const text = (value: string) => Uint8Array.from(value, (one) => one.charCodeAt(0));

function comments(...list: string[]): Bytes {
  const utf8 = (value: string) => {
    const bytes = new TextEncoder().encode(value);
    return concat([Uint8Array.of(bytes.length, 0, 0, 0), bytes]);
  };
  return concat([utf8("me"), Uint8Array.of(list.length, 0, 0, 0), ...list.map(utf8)]);
}

export function opusHeaders(serial = 7, ...tags: string[]): Bytes {
  const head = concat([text("OpusHead"), Uint8Array.of(1, 2, 0x38, 1, 0x80, 0xbb, 0, 0, 0, 0, 0)]);
  return concat([
    oggPage({ granule: 0, flags: 2, serial, content: [head] }),
    oggPage({ granule: 0, serial, content: [concat([text("OpusTags"), comments(...tags)])] }),
  ]);
}

/** A second of Opus in 50 packets, the `second`-th of its stream. */
export function opusPage(second: number, serial = 7): Bytes {
  const content = Array.from({ length: 50 }, (_, at) => payload(120, second * 50 + at));
  return oggPage({ granule: (second + 1) * 48_000, serial, content });
}

export function vorbisHeaders(sampleRate: number): Bytes {
  const rate = new Uint8Array(4);
  new DataView(rate.buffer).setUint32(0, sampleRate, true);
  const first = concat([text("\x01vorbis"), Uint8Array.of(0, 0, 0, 0, 2), rate, payload(14, 1)]);
  const second = concat([text("\x03vorbis"), comments("TITLE=Song")]);
  const third = concat([text("\x05vorbis"), payload(900, 3)]);
  return concat([
    oggPage({ granule: 0, flags: 2, content: [first] }),
    oggPage({ granule: 0, content: [second, third] }),
  ]);
}

/** An element of EBML; without a size the size is unknown. */
export function element(id: number, content: Uint8Array, known = true): Bytes {
  const idBytes = id.toString(16).match(/../g)!.map((hex) => parseInt(hex, 16));
  const size = new Uint8Array(8);
  new DataView(size.buffer).setBigUint64(0, BigInt(content.length));
  size[0] = 1;
  return concat([
    Uint8Array.from(idBytes),
    known ? size : Uint8Array.of(1, 255, 255, 255, 255, 255, 255, 255),
    content,
  ]);
}

export function webmHeader(codec = "V_VP9"): Bytes {
  const track = (number: number, type: number, id: string) =>
    element(
      0xae,
      concat([
        element(0xd7, Uint8Array.of(number)),
        element(0x83, Uint8Array.of(type)),
        element(0x86, text(id)),
      ]),
    );
  return concat([
    element(0x1a45dfa3, element(0x4282, text("webm"))),
    element(0x18538067, new Uint8Array(), false),
    element(0x1549a966, element(0x2ad7b1, Uint8Array.of(0x0f, 0x42, 0x40))),
    element(0x1654ae6b, concat([track(1, 1, codec), track(2, 2, "A_OPUS")])),
  ]);
}

/** A second of WebM, the `second`-th, 10 pictures and 10 sounds. */
export function webmCluster(
  second: number,
  { keyframe = true, known = true }: { keyframe?: boolean; known?: boolean } = {},
): Bytes {
  const blocks = Array.from({ length: 20 }, (_, at) => {
    const time = Math.floor(at / 2) * 100;
    const picture = at % 2 === 1;
    const flags = picture && !(keyframe && at === 1) ? 0 : 0x80;
    const head = Uint8Array.of(picture ? 0x81 : 0x82, time >> 8, time & 255, flags);
    return element(0xa3, concat([head, payload(90, second * 20 + at)]));
  });
  const ms = second * 1000;
  const timestamp = element(0xe7, Uint8Array.of(ms >> 16, (ms >> 8) & 255, ms & 255));
  return element(0x1f43b675, concat([timestamp, ...blocks]), known);
}

const full = (flags: number) => words(flags);

function track(id: number, handler: string, timescale: number, entry: string, edits?: Bytes) {
  return box(
    "trak",
    box("tkhd", words(0, 0, 0, id, 0, 0)),
    ...(edits ? [box("edts", edits)] : []),
    box(
      "mdia",
      box("mdhd", words(0, 0, 0, timescale, 0)),
      box("hdlr", words(0, 0), text(handler)),
      box("minf", box("stbl", box("stsd", words(0, 1), box(entry, new Uint8Array(100))))),
    ),
  );
}

const extends_ = (id: number) => box("trex", words(0, id, 1, 0, 0, 0));

/** An init with pictures (track 1, 1000 ticks a second) and sound (track 2, 48,000). */
export function mp4Init(format = "avc1"): Bytes {
  return join(
    box("ftyp", text("iso5"), words(0)),
    box(
      "moov",
      box("mvhd", new Uint8Array(100)),
      track(1, "vide", 1000, format),
      track(2, "soun", 48_000, "mp4a"),
      box("mvex", extends_(1), extends_(2)),
    ),
  );
}

/** One track alone, as renditions that come apart have it: both call it 1. */
export const PICTURES = { handler: "vide", timescale: 1000, format: "avc1" } as const;
export const SOUND = { handler: "soun", timescale: 48_000, format: "mp4a" } as const;
export type Alone = typeof PICTURES | typeof SOUND;

/** Its init; the movie has `timescale`, in which an edit of `editTicks` is. */
export function aloneInit(
  { handler, timescale: own, format }: Alone,
  { timescale = 1000, editTicks = 0 } = {},
): Bytes {
  const edits = box("elst", words(0, 1, editTicks, 0, 0x10000));
  return join(
    box("ftyp", text("iso5"), words(0)),
    box(
      "moov",
      box("mvhd", words(0, 0, 0, timescale), new Uint8Array(84)),
      track(1, handler, own, format, edits),
      box("mvex", extends_(1)),
      box("udta", payload(9, 1)),
    ),
  );
}

/** A segment of it with so many fragments, from `startS` to `endS`, as `seed` has it. */
export function aloneSegment(
  { timescale }: Alone,
  { startS, endS, fragments = 1, seed = 0 }: {
    startS: number;
    endS: number;
    fragments?: number;
    seed?: number;
  },
): Bytes {
  const ticks = Math.round((endS - startS) * timescale / fragments / 10);
  const parts = Array.from({ length: fragments }, (_, at) => [
    box(
      "moof",
      box("mfhd", words(0, at + 1)),
      box(
        "traf",
        box("tfhd", full(0x020008), words(1, ticks)),
        box("tfdt", full(0), words(Math.round(startS * timescale) + at * 10 * ticks)),
        box("trun", full(0x1), words(10, 0)),
      ),
    ),
    box("mdat", payload(50 + (seed * 13 + at * 7) % 90, seed + at)),
  ]);
  return join(box("styp", text("msdh"), words(0)), box("sidx", words(0, 1)), ...parts.flat());
}

/** A second of pictures and sound, 10 samples each. */
export function mp4Fragment(second: number, keyframe = true): Bytes {
  const run = (id: number, time: number, duration: number, firstFlags: number) =>
    box(
      "traf",
      box("tfhd", full(0x020008), words(id, duration)),
      box("tfdt", full(0), words(time)),
      box("trun", full(0x5), words(10, 0, firstFlags)),
    );
  return join(
    box(
      "moof",
      box("mfhd", words(0, second)),
      run(1, second * 1000, 100, keyframe ? 0x02000000 : 0x01010000),
      run(2, second * 48_000, 4800, 0),
    ),
    box("mdat", payload(2000, second)),
  );
}
