import { html } from "hono/html";
import type { ChannelEntry } from "./channels/channel_entry.ts";
import type { FilmEntry } from "./channels/films.ts";
import { filmFacts } from "./film_page.ts";
import {
  type ChannelQuery,
  findChannels,
  findFilms,
  LONGEST_QUERY,
  readQuery,
} from "./channels/search.ts";
import type { PagePart } from "./pages.ts";
import {
  audienceText,
  languageName,
  playingText,
  stateWord,
  topicsText,
} from "./protocol/channel_words.ts";

/** More would hide the channels; the search finds the others. */
const MOST_CHIPS = 12;
/** The search finds the others. */
const MOST_FILMS = 200;

/**
 * What stands in the portal for whoever looks for this; `channels` and `films` are all that lists may
 * name, the newest films first.
 */
export function portalValues(
  channels: readonly ChannelEntry[],
  films: readonly FilmEntry[],
  search: URLSearchParams,
): Record<string, PagePart> {
  const query = readQuery(cut(search));
  const found = findChannels(channels, query);
  const narrowed = Object.keys(query).length > 0;
  const onAir = found.filter(({ state }) => state === "on-air").length;
  return {
    q: query.q ?? "",
    kept: keptFields(query),
    chips: chips(channels, query),
    cards: html`${found.map(card)}`,
    blank: card(),
    tally: found.length === 0 ? "" : `${onAir} of ${found.length} live`,
    nothing: absentUnless(found.length === 0 && narrowed),
    none: absentUnless(found.length === 0 && !narrowed),
    films: filmList(findFilms(films, query)),
  };
}

/** People who paste a novel are shown nothing found, not an error. */
function cut(search: URLSearchParams): URLSearchParams {
  return new URLSearchParams([...search].map(([name, value]) => [
    name,
    value.slice(0, LONGEST_QUERY),
  ]));
}

/** A class: what is absent now may be shown by the portal's script later. */
function absentUnless(shown: boolean): PagePart {
  return shown ? "" : "absent";
}

/** What the search form sends along, so that looking for words stays within a genre. */
function keptFields({ genre, language }: ChannelQuery): PagePart {
  const field = (name: string, value: string | undefined) =>
    value === undefined ? "" : html`<input type="hidden" name="${name}" value="${value}">`;
  return html`${field("genre", genre)}${field("language", language)}`;
}

/** Genres and languages that there are, most common first, each a link that narrows the list down or widens it again. */
function chips(channels: readonly ChannelEntry[], query: ChannelQuery): PagePart {
  const of = (field: "genre" | "language", text: (value: string) => string) =>
    byFrequency(channels.flatMap((channel) => channel[field] ?? [])).map((value) => {
      const chosen = query[field]?.toLowerCase() === value.toLowerCase();
      return {
        href: address({ ...query, [field]: chosen ? undefined : value }),
        text: text(value),
        chosen,
      };
    });
  const links = [...of("genre", (genre) => genre), ...of("language", languageName)];
  return html`${
    links.map(({ href, text, chosen }) =>
      html`<a class="chip" href="${href}" aria-current="${String(chosen)}">${text}</a>`
    )
  }`;
}

function byFrequency(values: readonly string[]): string[] {
  const spelt = new Map<string, { value: string; count: number }>();
  for (const value of values) {
    const known = spelt.get(value.toLowerCase());
    spelt.set(value.toLowerCase(), {
      value: known?.value ?? value,
      count: (known?.count ?? 0) + 1,
    });
  }
  return [...spelt.values()]
    .sort((a, b) => b.count - a.count || a.value.localeCompare(b.value))
    .slice(0, MOST_CHIPS)
    .map(({ value }) => value);
}

function address(query: { readonly [Field in keyof ChannelQuery]?: string | undefined }): string {
  const params = Object.entries(query).flatMap(([name, value]) => value ? [[name, value]] : []);
  return params.length === 0 ? "/" : `/?${new URLSearchParams(params as [string, string][])}`;
}

/** The films below the channels; nothing at all where there are none. */
function filmList(films: readonly FilmEntry[]): PagePart {
  if (films.length === 0) return "";
  return html`
    <div class="heading" id="films">
      <h2>Films</h2>
      <p class="tally">${String(films.length)}</p>
    </div>
    <ul class="films">
      ${films.slice(0, MOST_FILMS).map((film) =>
        html`<li><a href="${film.watch}"><span dir="auto">${film.title}</span></a> <span class="facts">${
          filmFacts(film)
        }</span></li>`
      )}
    </ul>
  `;
}

/** One channel in the list; without one the card that the portal's script fills for channels that come later. */
function card(channel?: ChannelEntry): PagePart {
  const { name, title, watch, poster, state, description } = channel ?? {};
  return html`
    <li class="channel" data-channel="${name ?? ""}">
      <a href="${watch ?? ""}">
        <div class="picture">
          <img src="${poster ?? "data:,"}" alt="" loading="lazy" width="640" height="360">
          <span class="badge" data-state="${state ?? ""}">${state ? stateWord(state) : ""}</span>
        </div>
        <div class="about">
          <h3 class="name" dir="auto">${title ?? ""}</h3>
          <p class="facts">${channel ? audienceText(channel) : ""}</p>
          <p class="playing-text" dir="auto">${channel ? playingText(channel) : ""}</p>
          <p class="topics-text" dir="auto">${channel ? topicsText(channel) : ""}</p>
          <p class="about-text" dir="auto">${description ?? ""}</p>
          <p class="detail"></p>
        </div>
      </a>
    </li>
  `;
}
