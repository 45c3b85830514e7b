import { readPlaylist } from "../../media/playlist_read.ts";
import type { Upstream } from "../pull_upstream.ts";
import { UpstreamError } from "../upstream_error.ts";
import type { Shelf } from "./shelf.ts";

/** Addresses on the shelf, so that playlists can be resolved as anywhere else. RFC 6761 §6.4: no such host. */
const BASE = "http://source.invalid/";

export function shelfUrl(path: string): string {
  return BASE + path;
}

/** The path that an address stands for; `undefined` for one that is elsewhere. */
export function shelfPath(url: string): string | undefined {
  return url.startsWith(BASE) ? url.slice(BASE.length).replace(/[?#].*$/s, "") : undefined;
}

/** The shelf in the place of someone else's origin. `taken` hears of all that is used. */
export function shelfUpstream(shelf: Shelf, taken: (file: Uint8Array) => void): Upstream {
  async function load(url: string): Promise<Uint8Array<ArrayBuffer>> {
    const path = shelfPath(url);
    if (path === undefined) {
      throw new UpstreamError("upstream-address", "A playlist names media that was not sent here.");
    }
    const bytes = await shelf.get(path);
    if (bytes) return bytes;
    throw new UpstreamError("upstream-not-found", `The source has not sent ${path}.`);
  }

  return {
    async playlist(url) {
      return { playlist: readPlaylist(new TextDecoder().decode(await load(url))), url };
    },
    async bytes(url, range) {
      const bytes = await load(url);
      taken(bytes);
      return range ? bytes.slice(range.offset, range.offset + range.length) : bytes;
    },
    stats: () => ({ requests: 0, bytes: 0, failures: 0 }),
  };
}
