import type { FilmEntry } from "./channels/films.ts";
import type { PagePart } from "./pages.ts";

/** What stands in the page of a film; `site` is the edge's address, such as `https://edge.example`. */
export function filmPageValues(film: FilmEntry, site: string): Record<string, PagePart> {
  const { title, file, watch, type } = film;
  return { title, file, watch, type, site, facts: filmFacts(film) };
}

/** What a film weighs, in words. */
export function filmFacts({ type, length }: FilmEntry): string {
  const megabytes = length / 1e6;
  const size = megabytes < 1000
    ? `${Math.max(0.1, megabytes).toFixed(megabytes < 10 ? 1 : 0)} MB`
    : `${(megabytes / 1000).toFixed(1)} GB`;
  return `${type.startsWith("audio/") ? "Sound" : "Film"} · ${size}`;
}
