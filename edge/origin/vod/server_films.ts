/** Films that lie on another server, pulled by range: one request upstream, however many ask. */
import { CodedError } from "../../media/coded_error.ts";
import { isFilm, servedType } from "../../media/film_type.ts";
import type { Platform } from "../../platform/platform.ts";
import type { Span } from "../../protocol/pieces.ts";
import { createUpstream, REQUEST_TIMEOUT_MS } from "../pull_upstream.ts";
import type { Film, FilmSource } from "./film.ts";
import { filmPath, filmTitle } from "./film_name.ts";

/** What is asked for at once, bytes: the block of most films. */
const PART_BYTES = 1024 * 1024;
/** So many of them are kept, of all films of a server: what an audience that began together plays. */
const KEPT_PARTS = 64;
/** How long what the server says of a file is believed, ms. */
const FRESH_MS = 10_000;

export interface FilmServer {
  /** Its films are below `/vod/NAME/`. */
  readonly name: string;
  /** A folder, ending in a slash, or one file. */
  readonly url: string;
}

export function createServerFilms(platform: Platform, { name, url }: FilmServer): FilmSource {
  const upstream = createUpstream(platform);
  const folder = new URL(".", url).href;
  const file = url.slice(folder.length);
  const only = file === "" ? undefined : filmPath(decodeURIComponent(file.split(/[?#]/)[0]!));
  const known = new Map<string, { film: Film; atMs: number }>();
  /** What the server is being asked about, so that who comes meanwhile waits for that. */
  const asking = new Map<string, Promise<Film | undefined>>();
  const parts = new Map<string, Promise<Uint8Array<ArrayBuffer>>>();

  function addressOf(rest: string): string | undefined {
    if (only === undefined) return filmPath(rest) === rest ? folder + rest : undefined;
    return rest === only ? url : undefined;
  }

  async function ask(path: string, address: string): Promise<Film | undefined> {
    const { host } = new URL(address);
    const timeout = new AbortController();
    const cancelTimer = platform.after(REQUEST_TIMEOUT_MS, () => timeout.abort());
    const asked = { headers: { Range: "bytes=0-0" }, signal: timeout.signal };
    const response = await platform.fetch(address, asked).catch(() => undefined);
    cancelTimer();
    await response?.body?.cancel();
    if (response?.status === 404 || response?.status === 410) return undefined;
    const length = Number(/\/(\d+)$/.exec(response?.headers.get("Content-Range") ?? "")?.[1]);
    if (response?.status !== 206 || !(length > 0)) throw unusable(host, response?.status);
    const { headers } = response;
    const modifiedMs = Date.parse(headers.get("Last-Modified") ?? "");
    const version = headers.get("ETag") ?? headers.get("Last-Modified") ?? "";
    return {
      path,
      title: filmTitle(path),
      contentType: servedType(path)!,
      length,
      modifiedMs: Number.isNaN(modifiedMs) ? undefined : modifiedMs,
      etag: `"${length.toString(36)}-${version.replaceAll(/[^\w-]/g, "")}"`,
      read: (span) => read(address, length, span),
      glance: ({ from, to }) =>
        upstream.bytes(address, { offset: from, length: to - from }, new AbortController().signal),
    };
  }

  function read(address: string, length: number, { from, to }: Span) {
    let at = from;
    return new ReadableStream<Uint8Array<ArrayBuffer>>({
      async pull(controller) {
        const number = Math.floor(at / PART_BYTES);
        const bytes = await part(address, length, number);
        const begin = number * PART_BYTES;
        // A copy: what is kept for others must not be transferred away.
        const chunk = bytes.slice(at - begin, to - begin);
        if (chunk.length === 0) throw new RangeError(`the server's file ends before byte ${at}`);
        at += chunk.length;
        controller.enqueue(chunk);
        if (at >= to) controller.close();
      },
    }, { highWaterMark: 0 });
  }

  function part(address: string, length: number, number: number) {
    const key = `${number} ${length} ${address}`;
    const offset = number * PART_BYTES;
    const range = { offset, length: Math.min(PART_BYTES, length - offset) };
    const kept = parts.get(key) ?? upstream.bytes(address, range, new AbortController().signal);
    parts.delete(key);
    parts.set(key, kept);
    if (parts.size > KEPT_PARTS) parts.delete(parts.keys().next().value!);
    kept.catch(() => parts.delete(key));
    return kept;
  }

  async function find(path: string): Promise<Film | undefined> {
    const rest = path.startsWith(`${name}/`) ? path.slice(name.length + 1) : "";
    const address = servedType(rest) && addressOf(rest);
    if (!address) return undefined;
    const before = known.get(path);
    if (before && platform.now() - before.atMs < FRESH_MS) return before.film;
    const asked = asking.get(path) ?? learn(path, address).finally(() => asking.delete(path));
    asking.set(path, asked);
    return await asked;
  }

  async function learn(path: string, address: string): Promise<Film | undefined> {
    const film = await ask(path, address);
    if (film) known.set(path, { film, atMs: platform.now() });
    else known.delete(path);
    return film;
  }

  return {
    find,
    async list() {
      // A folder elsewhere does not tell what is in it: its films are those that were asked for.
      if (only !== undefined && known.size === 0) await find(`${name}/${only}`).catch(() => {});
      return [...known.values()].map(({ film }) => film).filter(({ path }) => isFilm(path));
    },
  };
}

function unusable(host: string, status: number | undefined): CodedError {
  return status === undefined
    ? new CodedError(
      "film-server-unreachable",
      `${host} cannot be reached.`,
      "Check the address given to --vod, and that the server is up.",
    )
    : new CodedError(
      "film-server-refuses",
      `${host} answered ${status} to a request for a range.`,
      "Films are pulled by range: the server must answer 206, and let this edge read them.",
    );
}
