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

/** The media type of a file with this name; `undefined` where it is no media. */
export function filmType(name: string): string | undefined {
  const ending = /\.(\w+)$/.exec(name)?.[1];
  return Object.entries(TYPES).find(([one]) => one === ending?.toLowerCase())?.[1];
}
