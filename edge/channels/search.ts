import { CodedError } from "../media/coded_error.ts";
import { languageName } from "../protocol/channel_words.ts";
import type { ChannelEntry } from "./channel_entry.ts";
import type { FilmEntry } from "./films.ts";

/** What somebody looks for; what is absent matches everything. */
export interface ChannelQuery {
  /** Words that must all be found. */
  readonly q?: string;
  readonly genre?: string;
  /** BCP 47; `en` finds `en-GB` too. */
  readonly language?: string;
}

/** Characters. */
export const LONGEST_QUERY = 200;
const FIELDS = ["q", "genre", "language"] as const;

/** Reads `?q=…&genre=…&language=…`; empty ones count as absent. Throws a `CodedError`. */
export function readQuery(params: URLSearchParams): ChannelQuery {
  const query: { -readonly [Field in keyof ChannelQuery]: string } = {};
  for (const field of FIELDS) {
    const text = params.get(field)?.trim() ?? "";
    if (text.length > LONGEST_QUERY) {
      throw new CodedError(
        "query-too-long",
        `${field} has ${text.length} characters.`,
        `Look for ${LONGEST_QUERY} characters at most.`,
      );
    }
    if (text !== "") query[field] = text;
  }
  return query;
}

/** The channels that match: on air before all others, then by audience, then by title. */
export function findChannels(
  channels: readonly ChannelEntry[],
  query: ChannelQuery,
): ChannelEntry[] {
  return channels.filter((channel) => matches(channel, query)).sort((a, b) =>
    Number(b.state === "on-air") - Number(a.state === "on-air") ||
    b.viewers - a.viewers ||
    a.title.localeCompare(b.title)
  );
}

function matches(channel: ChannelEntry, { q = "", genre, language }: ChannelQuery): boolean {
  const { name, title, description = "", genre: own = "", language: spoken = "" } = channel;
  if (genre !== undefined && fold(own) !== fold(genre)) return false;
  if (language !== undefined && !`${fold(spoken)}-`.startsWith(`${fold(language)}-`)) return false;
  const spokenName = spoken === "" ? "" : languageName(spoken);
  return hasWords([name, title, description, own, spoken, spokenName].join("\n"), q);
}

/** The films that match: they have words, but nobody says of what genre and language they are. */
export function findFilms(
  films: readonly FilmEntry[],
  { q = "", genre, language }: ChannelQuery,
): FilmEntry[] {
  if (genre !== undefined || language !== undefined) return [];
  return films.filter(({ title, path }) => hasWords(`${title}\n${path}`, q));
}

function hasWords(text: string, q: string): boolean {
  const all = fold(text);
  return fold(q).split(/\s+/).every((word) => all.includes(word));
}

/** Case, accents and compatibility forms make no difference to who looks for something. */
function fold(text: string): string {
  return text.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();
}
