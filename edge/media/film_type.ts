import { PLAYLIST_TYPE } from "./media_types.ts";

/** Media types by the ending of a file's name: what is listed and served. */
const TYPES: Readonly<Record<string, string>> = {
  mp4: "video/mp4",
  m4v: "video/mp4",
  webm: "video/webm",
  mkv: "video/x-matroska",
  ogv: "video/ogg",
  ts: "video/mp2t",
  mp3: "audio/mpeg",
  m4a: "audio/mp4",
  aac: "audio/aac",
  // RFC 5334 §10 and RFC 7845 §9.
  ogg: "audio/ogg",
  oga: "audio/ogg",
  opus: "audio/ogg",
  flac: "audio/flac",
  wav: "audio/wav",
};

/** What films in segments are made of besides: served, but no films by themselves. */
const PART_TYPES: Readonly<Record<string, string>> = {
  m3u8: PLAYLIST_TYPE,
  mpd: "application/dash+xml",
  m4s: "video/mp4",
};

/** The media type of a file with this name; `undefined` where it is no media. */
export function filmType(name: string): string | undefined {
  return typeIn(TYPES, name);
}

/** The same, also of lists and their segments. */
export function servedType(name: string): string | undefined {
  return typeIn(TYPES, name) ?? typeIn(PART_TYPES, name);
}

/** What segments begin with, as packagers name it: `init.mp4`, `init_0.mp4`. */
const INIT = /(^|\/)init([._-][\w-]*)?\.mp4$/;

/** Whether a file with this name is a film that people look for. */
export function isFilm(name: string): boolean {
  return filmType(name) !== undefined && !INIT.test(name);
}

function typeIn(types: Readonly<Record<string, string>>, name: string): string | undefined {
  const ending = /\.(\w+)$/.exec(name)?.[1];
  return Object.entries(types).find(([one]) => one === ending?.toLowerCase())?.[1];
}
