import type { ByteRange, Playlist } from "../media/playlist.ts";
import { readPlaylist } from "../media/playlist_read.ts";
import type { Platform } from "../platform/platform.ts";
import { readLimited } from "./read_limited.ts";
import { UpstreamError } from "./upstream_error.ts";

export const MAX_PLAYLIST_BYTES = 1024 * 1024;
export const MAX_SEGMENT_BYTES = 64 * 1024 * 1024;
/** For the whole of an answer. */
export const REQUEST_TIMEOUT_MS = 10_000;

const PARTIAL = 206;
const NOT_MODIFIED = 304;

export interface LoadedPlaylist {
  readonly playlist: Playlist;
  /** Where it came from in the end: what its relative URIs are resolved against. */
  readonly url: string;
}

/** A range of a file, or all of it. */
export interface FilePart {
  /** Longer than what was asked for where the server knows no ranges: then it is the whole file. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Of the whole file, bytes. */
  readonly length: number;
  /** What tells it from other files that lay at this address; empty where the server says nothing. */
  readonly version: string;
}

/** A text, and what to ask by whether it has changed. */
export interface LoadedText {
  readonly text: string;
  readonly etag?: string;
  /** Where it came from in the end. */
  readonly url: string;
}

/** Requests to someone else's origin, within limits. All throw `CodedError`, or what `signal` was aborted with. */
export interface Upstream {
  playlist(url: string, signal: AbortSignal): Promise<LoadedPlaylist>;
  bytes(
    url: string,
    range: ByteRange | undefined,
    signal: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer>>;
  stats(): { requests: number; bytes: number; failures: number };
}

/** The same, and what is no HLS. */
export interface FileUpstream extends Upstream {
  part(url: string, range: ByteRange, signal: AbortSignal): Promise<FilePart>;
  /** `undefined` if it is still the one of that ETag. */
  text(url: string, etag: string | undefined, signal: AbortSignal): Promise<LoadedText | undefined>;
}

export function createUpstream(platform: Platform): FileUpstream {
  const counted = { requests: 0, bytes: 0, failures: 0 };

  async function load(url: string, maxBytes: number, signal: AbortSignal, headers = {}) {
    signal.throwIfAborted();
    const { host } = checkedUrl(url);
    const timeout = new AbortController();
    const cancelTimer = platform.after(REQUEST_TIMEOUT_MS, () => timeout.abort());
    counted.requests++;
    try {
      const response = await platform.fetch(url, {
        signal: AbortSignal.any([signal, timeout.signal]),
        headers,
      });
      if (!response.ok && response.status !== NOT_MODIFIED) {
        await response.body?.cancel();
        throw refused(host, response.status);
      }
      const body = await readBody(response, maxBytes, host, (bytes) => counted.bytes += bytes);
      return { bytes: body, url: response.url || url, response };
    } catch (error) {
      signal.throwIfAborted();
      counted.failures++;
      if (error instanceof UpstreamError) throw error;
      if (timeout.signal.aborted) {
        const seconds = REQUEST_TIMEOUT_MS / 1000;
        throw new UpstreamError("upstream-timeout", `${host} did not answer in ${seconds} s.`);
      }
      throw new UpstreamError("upstream-unreachable", `${host} cannot be reached.`);
    } finally {
      cancelTimer();
    }
  }

  return {
    async playlist(url, signal) {
      const loaded = await load(url, MAX_PLAYLIST_BYTES, signal);
      return { playlist: readPlaylist(new TextDecoder().decode(loaded.bytes)), url: loaded.url };
    },
    async bytes(url, range, signal) {
      const { bytes, response } = await load(url, MAX_SEGMENT_BYTES, signal, rangeHeader(range));
      const whole = response.status === PARTIAL || !range;
      return whole ? bytes : bytes.slice(range.offset, range.offset + range.length);
    },
    async part(url, range, signal) {
      const loaded = await load(url, MAX_SEGMENT_BYTES, signal, rangeHeader(range));
      const { bytes, response: { status, headers } } = loaded;
      const told = /\/(\d+)$/.exec(headers.get("Content-Range") ?? "")?.[1];
      if (status === PARTIAL && told === undefined) {
        const { host } = checkedUrl(url);
        throw new UpstreamError("upstream-status", `${host} does not say how long the file is.`);
      }
      return {
        bytes,
        length: status === PARTIAL ? Number(told) : bytes.length,
        version: headers.get("ETag") ?? headers.get("Last-Modified") ?? "",
      };
    },
    async text(url, etag, signal) {
      const asked = etag === undefined ? {} : { "If-None-Match": etag };
      const { bytes, response, url: from } = await load(url, MAX_PLAYLIST_BYTES, signal, asked);
      if (response.status === NOT_MODIFIED) return undefined;
      const own = response.headers.get("ETag");
      const text = new TextDecoder().decode(bytes);
      return { text, url: from, ...(own === null ? {} : { etag: own }) };
    },
    stats: () => ({ ...counted }),
  };
}

function rangeHeader(range: ByteRange | undefined): Record<string, string> {
  return range ? { Range: `bytes=${range.offset}-${range.offset + range.length - 1}` } : {};
}

/** Resolves a URI of a playlist. A playlist must not lead to anything but HTTP, such as this machine's files. */
export function resolveUri(uri: string, base: string): string {
  return checkedUrl(uri, base).href;
}

function checkedUrl(url: string, base?: string): URL {
  const parsed = URL.parse(url, base);
  if (parsed?.protocol !== "http:" && parsed?.protocol !== "https:") {
    throw new UpstreamError("upstream-address", "An address is not one that can be fetched.");
  }
  return parsed;
}

function refused(host: string, status: number): UpstreamError {
  const message = `${host} answered ${status}.`;
  if (status === 404 || status === 410) return new UpstreamError("upstream-not-found", message);
  if (status === 401 || status === 403) return new UpstreamError("upstream-forbidden", message);
  return new UpstreamError("upstream-status", message);
}

async function readBody(
  response: Response,
  maxBytes: number,
  host: string,
  count: (bytes: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const announced = Number(response.headers.get("Content-Length") ?? 0);
  if (announced > maxBytes) await response.body?.cancel();
  const bytes = announced > maxBytes
    ? undefined
    : await readLimited(response.body, maxBytes, count);
  if (bytes) return bytes;
  throw new UpstreamError(
    "upstream-too-large",
    `${host} sent more than ${maxBytes} bytes at once.`,
  );
}
