import { sniffContainer } from "../../media/container.ts";
import { Mp4Error, walkBoxes } from "../../media/mp4_boxes.ts";
import { readTracks } from "../../media/mp4_tracks.ts";
import { type Manifest, readMpd } from "../../media/mpd_read.ts";
import type { Playlist } from "../../media/playlist.ts";
import { PLAYABLE_IN_MP4 } from "../../media/playable.ts";
import { readPlaylist } from "../../media/playlist_read.ts";
import { unplayableInTs } from "../../media/ts_codecs.ts";
import { IngestError } from "./ingest_error.ts";

/** What a file that a source put turned out to be. */
export type Upload =
  | { readonly type: "playlist"; readonly playlist: Playlist }
  | { readonly type: "manifest"; readonly manifest: Manifest }
  | { readonly type: "media" };

const TS_PACKET_BYTES = 188;
const SUPPORTED =
  "Send H.264, H.265, AV1 or VP9 with AAC, MP3, Opus, FLAC or AC-3, as fragmented MP4 or MPEG-TS.";

/**
 * Looks at a whole file before anything else sees it. Throws a `CodedError`: for a playlist that
 * cannot be read, for media that ends in the middle, for what no viewer could play.
 */
export function readUpload(path: string, bytes: Uint8Array): Upload {
  if (/\.m3u8?$/i.test(path)) {
    return { type: "playlist", playlist: readPlaylist(new TextDecoder().decode(bytes)) };
  }
  if (/\.mpd$/i.test(path)) {
    return { type: "manifest", manifest: readMpd(new TextDecoder().decode(bytes)) };
  }
  switch (sniffContainer(bytes)) {
    case "fmp4":
      checkMp4(path, bytes);
      break;
    case "ts":
      checkTs(path, bytes);
      break;
    case undefined:
      throw new IngestError(415, "unsupported-media", `${path} is no media known here.`, SUPPORTED);
  }
  return { type: "media" };
}

function checkMp4(path: string, bytes: Uint8Array): void {
  try {
    const boxes = walkBoxes(bytes);
    if (!boxes.some(({ type }) => type === "moov")) return;
    const unknown = readTracks(bytes).find(({ format }) => !PLAYABLE_IN_MP4.has(format));
    if (unknown) throw unplayable(path, unknown.format);
  } catch (error) {
    if (error instanceof Mp4Error && error.code === "mp4-truncated") throw truncated(path);
    throw error;
  }
}

function checkTs(path: string, bytes: Uint8Array): void {
  if (bytes.length % TS_PACKET_BYTES !== 0) throw truncated(path);
  const unknown = unplayableInTs(bytes);
  if (unknown !== undefined) throw unplayable(path, unknown);
}

function unplayable(path: string, format: string): IngestError {
  const message = `${path} has ${format} in it, which browsers do not play.`;
  return new IngestError(415, "unsupported-codec", message, SUPPORTED);
}

function truncated(path: string): IngestError {
  return new IngestError(
    400,
    "segment-truncated",
    `${path} ends in the middle.`,
    "It was thrown away; send it again, whole.",
  );
}
