import { SEGMENT_SECONDS } from "./media.ts";

const WINDOW = 6;

/**
 * The media playlists of a live window that is full at `startMs`. URIs are below `base`.
 *
 * The first playlist names all but the newest segment. Chromium 156 asks for the playlist again when
 * play begins later than loading; should there be no further segment in it, the element fails with
 * DEMUXER_ERROR_COULD_NOT_PARSE ("Segment queue never had any data"), worker or not.
 */
export function createLivePlaylists(startMs: number, base: string): (nowMs: number) => string {
  let reserve = 1;
  return (nowMs) => {
    const age = (nowMs - startMs) / (SEGMENT_SECONDS * 1000);
    const text = playlist(WINDOW - 1 + Math.floor(age) - reserve, base);
    reserve = 0;
    return text;
  };
}

function playlist(newest: number, base: string): string {
  const first = Math.max(0, newest - WINDOW + 1);
  const lines = ["#EXTM3U", "#EXT-X-VERSION:7", `#EXT-X-TARGETDURATION:${SEGMENT_SECONDS}`]
    .concat([`#EXT-X-MEDIA-SEQUENCE:${first}`, `#EXT-X-MAP:URI="${base}r0/init-0.mp4"`]);
  for (let index = first; index <= newest; index++) {
    lines.push(`#EXTINF:${SEGMENT_SECONDS}.0,`, `${base}r0/${index}.m4s`);
  }
  return lines.join("\n") + "\n";
}
