import { EDGE_QUERY } from "./bridge.ts";

/** A request that the worker answers. */
export interface Route {
  readonly kind: "playlist" | "segment" | "init" | "film" | "stream";
  /** Absolute, without a fragment. */
  readonly url: string;
  /** Absolute URL of the channel's media, ending in a slash; of a film or stream its own, without a query. */
  readonly base: string;
  /** `blob` for elements that take only responses that came from `fetch()`, else `stream`. */
  readonly wants: "blob" | "stream";
}

/** What a channel's address may be made of; of a private one with its key. */
const CHANNEL = /^(.*?\/live\/[\w~-]+\/)(.+)$/;
/** Of an element alone: a script that loads a file has a reason of its own. */
const FILM = /\/vod\/.+\.(mp4|m4v|webm|mkv|ogv|mp3|m4a|aac|og[ag]|opus|flac|wav)$/i;
const STREAM = /\/stream\/[\w~-]+$/;
const KINDS: readonly (readonly [Route["kind"] | "manifest", RegExp])[] = [
  ["playlist", /\.m3u8$/],
  ["manifest", /\.mpd$/],
  ["segment", /^r\d+\/\d+\.(m4s|ts|aac|mp3)$/],
  ["init", /^r\d+\/init-[^/]+\.mp4$/],
];
/** `Request.destination` of what plays media: elements, and `fetch()` of player libraries. */
const WANTS: Readonly<Record<string, Route["wants"]>> = {
  "video": "blob",
  "audio": "blob",
  "track": "blob",
  "": "stream",
};

/** Whether an element asks for a playlist, which not every browser can read. */
export function isElementsList({ kind, wants }: Route): boolean {
  return kind === "playlist" && wants === "blob";
}

/** The endless stream of the channel that a list is of, for an element that cannot read it. */
export function streamOf({ url, base }: Route): Route {
  const stream = base.replace(/live\/([^/]+)\/$/, "stream/$1");
  return { kind: "stream", url: stream + new URL(url).search, base: stream, wants: "stream" };
}

/** Whether an element plays it as one file: then it takes answers that are made, and only these. */
export function isProgressive({ kind }: Route): boolean {
  return kind === "film" || kind === "stream";
}

/** What a request is to the worker; `undefined` for all that it must not touch. */
export function routeOf(
  request: { readonly method: string; readonly url: string; readonly destination: string },
): Route | undefined {
  const wants = WANTS[request.destination];
  if (request.method !== "GET" || wants === undefined) return undefined;
  const url = new URL(request.url);
  if (url.searchParams.has(EDGE_QUERY)) return undefined;
  const progressive = FILM.test(url.pathname) ? "film" : STREAM.test(url.pathname) && "stream";
  if (progressive && request.destination !== "") {
    const base = url.origin + url.pathname;
    // Of progressive media elements take what the worker makes.
    return { kind: progressive, url: base + url.search, base, wants: "stream" };
  }
  const [, folder, file] = CHANNEL.exec(url.pathname) ?? [];
  if (folder === undefined || file === undefined) return undefined;
  const kind = KINDS.find(([, pattern]) => pattern.test(file))?.[0];
  if (kind === undefined) return undefined;
  const route: Route = {
    kind: kind === "manifest" ? "playlist" : kind,
    url: url.origin + url.pathname + url.search,
    base: url.origin + folder,
    wants,
  };
  if (kind !== "manifest") return route;
  // No browser reads one; what a player's library asks for it reads itself.
  return isElementsList(route) ? streamOf(route) : undefined;
}
