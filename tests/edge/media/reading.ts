import type { MasterPlaylist, MediaPlaylist } from "../../../edge/media/playlist.ts";
import { readPlaylist } from "../../../edge/media/playlist_read.ts";

/** Reads text that must be a media playlist. */
export function readMedia(text: string): MediaPlaylist {
  const playlist = readPlaylist(text);
  if (playlist.type !== "media") throw new Error("a media playlist was expected");
  return playlist;
}

/** Reads text that must be a master playlist. */
export function readMaster(text: string): MasterPlaylist {
  const playlist = readPlaylist(text);
  if (playlist.type !== "master") throw new Error("a master playlist was expected");
  return playlist;
}
