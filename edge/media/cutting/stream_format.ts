import { id3Bytes } from "../container.ts";
import { createAdtsFramer, readAdtsHeader } from "./adts_frames.ts";
import type { Framer } from "./atom.ts";
import { HEADER_BYTES } from "./audio_frames.ts";
import { createMp3Framer, readMp3Header } from "./mp3_frames.ts";
import { createMp4Framer } from "./mp4_stream.ts";
import { createOggFramer } from "./ogg_pages.ts";
import { STREAMABLE, StreamError } from "./stream_error.ts";
import { createWebmFramer } from "./webm_clusters.ts";

/** What an endless stream can be made of. */
export type StreamFormat = "mp3" | "aac" | "ogg" | "webm" | "fmp4";

export const FRAMERS: Record<StreamFormat, () => Framer> = {
  mp3: createMp3Framer,
  aac: createAdtsFramer,
  ogg: createOggFramer,
  webm: createWebmFramer,
  fmp4: createMp4Framer,
};

/** Bytes from which a format can be told. */
export const SNIFF_BYTES = 12;

/**
 * What a stream is. Its first bytes say it where they can: encoders often give a wrong type, and
 * ffmpeg calls everything audio/mpeg. Throws a `StreamError` for what is not taken.
 */
export function streamFormat(first: Uint8Array, contentType: string): StreamFormat {
  // A tag may stand before either kind of frames; nearly always it is MP3's.
  const tagged = id3Bytes(first) > 0 ? "mp3" : undefined;
  const format = byBytes(first) ?? byType(contentType) ?? tagged;
  if (format) return format;
  throw new StreamError(
    "unsupported-media",
    contentType === ""
      ? "What the source sends is no stream known here."
      : `${contentType.slice(0, 60)} is not taken here.`,
    `Send ${STREAMABLE}.`,
  );
}

/** Whether nothing that begins like this can be taken, so that its source need not send at all. */
export function isUnsupportedType(contentType: string): boolean {
  return byType(contentType) === undefined && !UNTOLD.test(contentType);
}

/** Types that say nothing. */
const UNTOLD = /^\s*($|application\/octet-stream|application\/x-www-form-urlencoded)/i;

const TYPES: readonly (readonly [RegExp, StreamFormat])[] = [
  [/^audio\/(mpeg|mp3|x-mpeg|mpeg3)$/, "mp3"],
  [/^audio\/(aac|aacp|x-aac|x-aacp|aac-adts)$/, "aac"],
  [/^(application|audio|video)\/(ogg|x-ogg|opus|vorbis)$/, "ogg"],
  [/^(audio|video)\/(webm|x-matroska)$/, "webm"],
  [/^(audio|video)\/(mp4|x-m4a)$/, "fmp4"],
];

function byType(contentType: string): StreamFormat | undefined {
  const type = contentType.replace(/;.*$/s, "").trim().toLowerCase();
  return TYPES.find(([pattern]) => pattern.test(type))?.[1];
}

const EBML = "\x1aE\xdf\xa3";

function byBytes(first: Uint8Array): StreamFormat | undefined {
  const text = String.fromCharCode(...first.subarray(0, SNIFF_BYTES));
  if (text.startsWith("OggS")) return "ogg";
  if (text.startsWith(EBML)) return "webm";
  if (["ftyp", "moov", "styp"].includes(text.slice(4, 8))) return "fmp4";
  if (first.length < HEADER_BYTES || id3Bytes(first) > 0) return undefined;
  if (readAdtsHeader(first, 0)) return "aac";
  return readMp3Header(first, 0) ? "mp3" : undefined;
}
