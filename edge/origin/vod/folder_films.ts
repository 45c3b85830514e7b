/** The films in a folder: added ones are there, and removed ones gone, without a restart. */
import type { FileFacts, Files } from "../../platform/files.ts";
import { isFilm, servedType } from "../../media/film_type.ts";
import type { Platform } from "../../platform/platform.ts";
import type { Film, FilmSource } from "./film.ts";
import { filmPath, filmTitle } from "./film_name.ts";

/** The folder is not read again sooner, ms: a page that lists it costs a look at every file. */
const LOOK_EVERY_MS = 2_000;

/** All media below `folder` of the data folder, lists and their segments too, which are not films by themselves. */
export function createFolderFilms(
  { now, log }: Pick<Platform, "now" | "log">,
  files: Files,
  folder: string,
): FilmSource {
  /** By the path under which it is served, the file's own. */
  let known = new Map<string, string>();
  let lookedMs = -Infinity;
  let looking: Promise<void> | undefined;
  const complained = new Set<string>();

  async function look(): Promise<void> {
    const found = new Map<string, string>();
    const facts = await files.list(folder);
    for (const { path: file } of facts.sort((a, b) => (a.path < b.path ? -1 : 1))) {
      const name = file.slice(folder.length + 1);
      if (!servedType(name)) continue;
      const path = filmPath(name);
      if (path === undefined) {
        complain(name, "film-name", "has a name that no address can be made of");
      } else if (found.has(path)) {
        complain(name, "film-twice", `would be /vod/${path} as another file is`);
      } else found.set(path, file);
    }
    known = found;
    lookedMs = now();
  }

  function complain(name: string, code: string, why: string): void {
    if (complained.has(name)) return;
    complained.add(name);
    const hint = "It is left out: give it a short name of Latin letters and digits.";
    log({ level: "warn", code, message: `${folder}/${name} ${why}. ${hint}` });
  }

  async function lookAgain(): Promise<void> {
    if (now() - lookedMs < LOOK_EVERY_MS) return;
    await (looking ??= look().finally(() => looking = undefined));
  }

  async function film(path: string): Promise<Film | undefined> {
    const file = known.get(path);
    const facts = file === undefined ? undefined : await files.facts(file);
    return facts && facts.length > 0 ? fromFile(path, facts) : undefined;
  }

  function fromFile(path: string, { path: file, length, modifiedMs }: FileFacts): Film {
    return {
      path,
      title: filmTitle(file),
      contentType: servedType(file)!,
      length,
      modifiedMs,
      etag: `"${length.toString(36)}-${Math.floor(modifiedMs).toString(36)}"`,
      read: (span) => files.read(file, span),
    };
  }

  return {
    async find(path) {
      const first = await film(path);
      if (first) return first;
      await lookAgain();
      return await film(path);
    },
    async list() {
      await lookAgain();
      const films = await Promise.all([...known.keys()].filter(isFilm).map(film));
      return films.filter((one) => one !== undefined);
    },
  };
}
