import { encodeHex } from "@std/encoding";
import type { InitSegment } from "../media/playlist.ts";
import { readTracks } from "../media/mp4_tracks.ts";
import { Mp4Error } from "../media/mp4_boxes.ts";
import { digest } from "../protocol/digest_list.ts";
import { resolveUri, type Upstream } from "./pull_upstream.ts";

/** An init segment as the upstream has it. */
export interface FetchedInit {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** hexadecimal */
  readonly digest: string;
}

/** Fetches the init segments of one rendition, each once. */
export interface InitKeeper {
  fetch(init: InitSegment, base: string, signal: AbortSignal): Promise<FetchedInit>;
  /** The same address may stand for other bytes from now on. */
  forget(): void;
}

export function createInitKeeper(upstream: Upstream): InitKeeper {
  let last: { key: string; init: FetchedInit } | undefined;
  return {
    async fetch({ uri, byteRange }, base, signal) {
      const url = resolveUri(uri, base);
      const key = `${url} ${byteRange?.offset}-${byteRange?.length}`;
      if (last?.key === key) return last.init;
      const bytes = await upstream.bytes(url, byteRange, signal);
      const init = { bytes, digest: encodeHex(await digest(bytes)) as string };
      last = { key, init };
      return init;
    },
    forget: () => void (last = undefined),
  };
}

/** CODECS and RESOLUTION as an init segment's tracks have them; nothing where they are not all known. */
export function trackAttributes(init: Uint8Array): string {
  try {
    const tracks = readTracks(init);
    const codecs = tracks.map(({ codec }) => codec);
    if (codecs.length === 0 || codecs.includes(undefined)) return "";
    const size = tracks.find(({ kind }) => kind === "video")?.size;
    const resolution = size ? `,RESOLUTION=${size.width}x${size.height}` : "";
    return `CODECS="${codecs.join(",")}"${resolution}`;
  } catch (error) {
    if (error instanceof Mp4Error) return "";
    throw error;
  }
}
