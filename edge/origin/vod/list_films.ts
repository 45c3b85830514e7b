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
/** Films whose samples are remembered: some MB each, if they are long. */
const REMEMBERED = 8;

/** Films in segments, each as one file; `find` finds their lists and segments. */
export function createListFilms(find: FilmSource["find"]): FilmSource {
  /** By path. */
  const known = new Map<string, Promise<Opened>>();

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
        return best === first ? `${list.path}.mp4` : `${list.path}.r${best!.id}.mp4`;
      },
    };
    return { film, of };
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

  function forget(path: string, opened: Promise<Opened>): void {
    if (known.get(path) === opened) known.delete(path);
  }

  return {
    async find(path) {
      const [, listPath, , id] = LISTED.exec(path) ?? [];
      const list = listPath && path.length <= LONGEST_PATH ? await find(listPath) : undefined;
      if (!list) return undefined;
      const before = known.get(path);
      if (before && await isAsItWas(await before)) return (await before).film;
      // Others may have found the same meanwhile.
      const there = known.get(path);
      const opened = there && there !== before ? there : open(path, list, id);
      known.delete(path);
      known.set(path, opened);
      if (known.size > REMEMBERED) known.delete(known.keys().next().value!);
      opened.catch((_: CodedError) => forget(path, opened));
      return (await opened).film;
    },
    /** Who knows a list knows its film. */
    list: () => Promise.resolve([]),
  };
}

/** A film, and files that it is made of: when one of them changes it is another film. */
interface Opened {
  readonly film: Film;
  readonly of: readonly Film[];
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
