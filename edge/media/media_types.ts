import type { Container } from "./container.ts";

/** Content types, as players know them. */
export const MEDIA_TYPES: Record<Container, string> = {
  fmp4: "video/mp4",
  ts: "video/mp2t",
  aac: "audio/aac",
  mp3: "audio/mpeg",
  // RFC 5334 §10: what is cut here has sound alone.
  ogg: "audio/ogg",
  webm: "video/webm",
};

/** Of HLS playlists, RFC 8216 §4. */
export const PLAYLIST_TYPE = "application/vnd.apple.mpegurl";

/** HLS carries no others, RFC 8216bis §3.1. */
export function isForHls(container: Container): boolean {
  return container !== "ogg" && container !== "webm";
}
