import type { CodedError } from "../../media/coded_error.ts";
import { readMpd } from "../../media/mpd_read.ts";
import type { MediaPlaylist } from "../../media/playlist.ts";
import { readPlaylist } from "../../media/playlist_read.ts";
import { soundOf } from "../../media/sound_of.ts";
import { qualities } from "../../media/stream/quality.ts";
import { readCatalog, singleRendition, type SourceRendition } from "../upstream_catalog.ts";
import { resolveUri } from "../pull_upstream.ts";
import type { Film, FilmSource } from "./film.ts";
import { filmPath, filmTitle } from "./film_name.ts";
import { joinLists, readJoined, unusable } from "./segmented_film.ts";

/** `film.m3u8.mp4` is the film that `film.m3u8` lists, in its first quality; `film.m3u8.r2.mp4` in that of the rendition 2. */
const LISTED = /^(.+\.(m3u8|mpd))(?:\.r(\d{1,3}))?\.mp4$/;
/** Where the films of an edge seem to be, for lists with relative addresses; no other address leads anywhere. */
const BASE = "http://films/";
const MAX_LIST_BYTES = 8 * 1024 * 1024;
/** What a ledger entry has room for, characters. */
const LONGEST_PATH = 100;
/** What is remembered of films, bytes: some MB of each, if it is long. To open one anew costs a look into every segment. */
const REMEMBERED_BYTES = 128 * 1024 * 1024;
/** A segment that is remembered, about. */
const PART_BYTES = 200;

/** Films in segments, each as one file; `find` finds their lists and segments. */
export function createListFilms(
  find: FilmSource["find"],
  rememberedBytes = REMEMBERED_BYTES,
): FilmSource {
  /** By path, who was asked for last at the end. */
  const known = new Map<string, Known>();

  async function fileAt(url: string): Promise<Film> {
    const path = url.startsWith(BASE) ? servedPath(url.slice(BASE.length)) : undefined;
    const film = path === undefined ? undefined : await find(path);
    if (!film) throw unusable("lies elsewhere, or is missing");
    return film;
  }

  async function open(path: string, list: Film, id: string | undefined): Promise<Opened> {
    const base = BASE + list.path;
    const { renditions, load, read } = await readList(list, base);
    const [first] = qualities({ renditions }, undefined);
    const main = id === undefined ? first : renditions.find((one) => `${one.id}` === id);
    if (!main) throw unusable("has no such quality");
    const sound = soundOf(renditions, main);
    const chosen = [main, ...(sound ? [sound] : [])];
    const joined = await joinLists(
      await Promise.all(chosen.map(async ({ url }) => ({
        playlist: await load(url),
        file: (uri: string) => fileAt(resolveUri(uri, url)),
      }))),
    );
    const length = joined.parts.reduce((sum, { from, to }) => sum + to - from, joined.head.length);
    // Who makes a film anew makes all of it: its ends stand for the rest.
    const of = [...read, joined.parts[0]!.film, joined.parts.at(-1)!.film];
    const film: Film = {
      path,
      title: filmTitle(list.path),
      contentType: "video/mp4",
      length,
      modifiedMs: list.modifiedMs,
      etag: `"${of.map(({ etag }) => etag.replaceAll('"', "")).join("-")}-${main.id}"`,
      read: (span) => readJoined(joined, span),
      pathFor(bandwidth) {
        const [best] = qualities({ renditions }, bandwidth);
        const other = `${list.path}.r${best!.id}.mp4`;
        return best === first || other.length > LONGEST_PATH ? `${list.path}.mp4` : other;
      },
    };
    return { film, of, bytes: joined.head.length + joined.parts.length * PART_BYTES };
  }

  async function isAsItWas({ of }: Opened): Promise<boolean> {
    const now = await Promise.all(of.map(({ path }) => find(path)));
    return of.every(({ etag }, at) => now[at]?.etag === etag);
  }

  /** Its renditions, what loads the list of each, and the lists that were read so far. */
  async function readList(list: Film, base: string): Promise<{
    renditions: readonly SourceRendition[];
    load: (url: string) => Promise<MediaPlaylist>;
    read: readonly Film[];
  }> {
    const text = await textOf(list);
    const read = [list];
    if (list.path.endsWith(".mpd")) {
      const { master, media } = readMpd(text);
      const lists = new Map(media.map(({ uri, playlist }) => [resolveUri(uri, base), playlist]));
      return {
        renditions: readCatalog(master, base),
        load: (url) => Promise.resolve(lists.get(url)!),
        read,
      };
    }
    const playlist = readPlaylist(text);
    if (playlist.type === "media") {
      return { renditions: singleRendition(base), load: () => Promise.resolve(playlist), read };
    }
    return {
      renditions: readCatalog(playlist, base),
      async load(url) {
        const own = await fileAt(url);
        read.push(own);
        const media = readPlaylist(await textOf(own));
        if (media.type === "master") throw unusable("is a list of lists of lists");
        return media;
      },
      read,
    };
  }

  /** Opens it, or goes on with what somebody else has begun to since it was `before`. */
  function begin(path: string, before: Known | undefined, work: () => Promise<Opened>): Known {
    const there = known.get(path);
    if (there && there !== before) return there;
    const begun: Known = { opening: work(), bytes: 0 };
    known.set(path, begun);
    begun.opening.then(({ bytes }) => begun.bytes = bytes, (_: CodedError) => {
      if (known.get(path) === begun) known.delete(path);
    });
    return begun;
  }

  function keep(path: string, asked: Known): void {
    if (known.get(path) !== asked) return;
    known.delete(path);
    known.set(path, asked);
    let bytes = known.values().reduce((sum, one) => sum + one.bytes, 0);
    for (const [oldest, one] of known) {
      if (bytes <= rememberedBytes || one === asked) return;
      known.delete(oldest);
      bytes -= one.bytes;
    }
  }

  return {
    async find(path) {
      const [, listPath, , id] = LISTED.exec(path) ?? [];
      const list = listPath && path.length <= LONGEST_PATH ? await find(listPath) : undefined;
      if (!list) return undefined;
      const before = known.get(path);
      const isSame = before && await isAsItWas(await before.opening);
      const asked = isSame ? before : begin(path, before, () => open(path, list, id));
      const { film } = await asked.opening;
      keep(path, asked);
      return film;
    },
    /** Who knows a list knows its film. */
    list: () => Promise.resolve([]),
  };
}

/** A film, and files that it is made of: when one of them changes it is another film. */
interface Opened {
  readonly film: Film;
  readonly of: readonly Film[];
  /** What it takes to remember it. */
  readonly bytes: number;
}

interface Known {
  readonly opening: Promise<Opened>;
  /** 0 until it is open. */
  bytes: number;
}

/** The path of a file whose name stands in a list with its escapes. */
function servedPath(escaped: string): string | undefined {
  try {
    return filmPath(decodeURIComponent(escaped.split(/[?#]/)[0]!));
  } catch {
    return undefined;
  }
}

async function textOf(list: Film): Promise<string> {
  if (list.length > MAX_LIST_BYTES) throw unusable("is too much for one list");
  return await new Response(list.read({ from: 0, to: list.length })).text();
}
