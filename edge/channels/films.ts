/** The films of this edge: each file with its index and its swarm. */
import type { Film, FilmSource } from "../origin/vod/film.ts";
import { digestsResponse, filmResponse, indexResponse } from "../origin/vod/film_response.ts";
import { createFolderFilms } from "../origin/vod/folder_films.ts";
import { createListFilms } from "../origin/vod/list_films.ts";
import { createIndexKeeper } from "../origin/vod/index_keeper.ts";
import { createServerFilms, type FilmServer } from "../origin/vod/server_films.ts";
import type { Platform } from "../platform/platform.ts";
import { FILE_LIMITS, type SwarmLimits } from "../swarm/limits.ts";
import { createSwarmHost, type SwarmHost } from "./swarm_host.ts";

/** The folder below the data folder. */
export const FILMS_FOLDER = "vod";

/** One film in lists, as `/api/vod` tells of it. */
export interface FilmEntry {
  /** Below `/vod/`. */
  readonly path: string;
  readonly title: string;
  /** Media type. */
  readonly type: string;
  /** bytes */
  readonly length: number;
  /** ms since 1970 */
  readonly modifiedMs?: number;
  /** Whether viewers can share it: its pieces are known, or are being read, or not asked for yet. */
  readonly index: "none" | "waiting" | "hashing" | "ready" | "failed";
  /** Peers in its swarm. */
  readonly viewers: number;
  /** Paths on this edge. */
  readonly file: string;
  readonly watch: string;
}

export interface Films {
  /** Throws a `CodedError` where the server that should have it fails. */
  find(path: string): Promise<Film | undefined>;
  /** What is listed of a film that was found. */
  entry(film: Film): FilmEntry;
  /** The newest first. */
  list(): Promise<FilmEntry[]>;
  /** Answers GET and HEAD for a film that was found. */
  respond(film: Film, request: Request): Response | Promise<Response>;
  /** The swarm of those who watch the film as it is now. */
  swarm(film: Film): SwarmHost;
  stop(): void;
}

export interface FilmsOptions {
  readonly platform: Platform;
  readonly servers: readonly FilmServer[];
  readonly limits?: Partial<SwarmLimits>;
}

/** `undefined` where the runtime has no disk. */
export function openFilms({ platform, servers, limits }: FilmsOptions): Films | undefined {
  const { files } = platform;
  if (!files) return undefined;
  const indexes = createIndexKeeper(platform, files);
  const ofFiles: FilmSource[] = [
    ...servers.map((server) => createServerFilms(platform, server)),
    createFolderFilms(platform, files, FILMS_FOLDER),
  ];
  // Lists first: their films are no files, and a server would be asked for them again and again.
  const sources = [createListFilms((path) => findIn(ofFiles, path)), ...ofFiles];
  const swarms = new Map<string, { etag: string; host: SwarmHost }>();

  function entry(film: Film): FilmEntry {
    const { path, title, contentType: type, length, modifiedMs } = film;
    const swarm = swarms.get(path);
    return {
      path,
      title,
      type,
      length,
      ...(modifiedMs === undefined ? {} : { modifiedMs }),
      index: indexes.state(film)?.type ?? "none",
      viewers: swarm?.etag === film.etag ? swarm.host.stats().joined : 0,
      file: `/vod/${path}`,
      watch: `/watch/vod/${path}`,
    };
  }

  async function find(path: string): Promise<Film | undefined> {
    const film = await findIn(sources, path);
    const swarm = film && swarms.get(path);
    // Those who have the old bytes come back, and get the new index.
    if (swarm && swarm.etag !== film.etag) {
      swarms.delete(path);
      swarm.host.stop();
    }
    return film;
  }

  const films: Films = {
    find,
    entry,
    async list() {
      const all = (await Promise.all(sources.map((source) => source.list()))).flat();
      return all.sort((a, b) => (b.modifiedMs ?? 0) - (a.modifiedMs ?? 0)).map(entry);
    },
    respond(film, request) {
      const { searchParams } = new URL(request.url);
      const bandwidth = Number(searchParams.get("bandwidth") || NaN);
      if (film.pathFor && bandwidth >= 0) return elsewhere(film.pathFor(bandwidth));
      if (searchParams.has("index")) return indexResponse(request, film, indexes, platform);
      const unit = searchParams.get("digests");
      if (unit !== null) return digestsResponse(request, film, unit, indexes, platform);
      return filmResponse(request, film);
    },
    swarm(film) {
      const there = swarms.get(film.path);
      if (there) return there.host;
      const host = createSwarmHost({
        platform,
        channel: { ...NO_CHANNEL, title: film.title },
        limits: { ...FILE_LIMITS, ...limits },
        emit: () => {},
      });
      swarms.set(film.path, { etag: film.etag, host });
      return host;
    },
    stop() {
      for (const { host } of swarms.values()) host.stop();
    },
  };
  prepare(servers, films);
  return films;

  /** A film that was named when the edge began is ready when the first viewer comes. */
  function prepare(servers: readonly FilmServer[], { list, find }: Films): void {
    if (servers.every(({ url }) => url.endsWith("/"))) return;
    list().then(async (entries) => {
      for (const { path } of entries.filter(({ path }) => isNamed(path))) {
        const film = await find(path);
        if (film) await indexes.get(film);
      }
    }).catch(() => {});
  }

  function isNamed(path: string): boolean {
    return servers.some(({ name, url }) => !url.endsWith("/") && path.startsWith(`${name}/`));
  }
}

/** Of the first that has it. */
async function findIn(sources: readonly FilmSource[], path: string): Promise<Film | undefined> {
  for (const source of sources) {
    const film = await source.find(path);
    if (film) return film;
  }
  return undefined;
}

/** The film is there in the quality that was asked for, just now. */
function elsewhere(path: string): Response {
  const headers = { "Location": `/vod/${path}`, "Cache-Control": "no-store" };
  return new Response(null, { status: 302, headers });
}

/** A film's swarm has no renditions to describe: all is in the index. */
const NO_CHANNEL = {
  name: "vod",
  base: "/vod/",
  targetDurationMs: 0,
  master: false,
  renditions: [],
};
