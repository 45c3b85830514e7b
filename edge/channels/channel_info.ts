import * as v from "valibot";
import { CodedError } from "../media/coded_error.ts";
import type { SourceWords } from "../origin/channel_origin.ts";

/**
 * Controls, lone surrogates and what is no character, which XML 1.0 §2.2 cannot say, and all that
 * some reader of a list takes for the end of a line.
 */
const UNSPEAKABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\uFFFE\uFFFF]/gu;

/** Characters. A title stands in one line of a list, a description is a paragraph or two. */
const LONGEST = { title: 120, description: 2_000, genre: 60, language: 35 } as const;

function line(longest: number) {
  return v.pipe(
    v.string("must be text"),
    v.trim(),
    v.minLength(1, "must not be empty; leave it out instead"),
    v.maxLength(longest, `must not be longer than ${longest} characters`),
    v.check((text) => text.search(UNSPEAKABLE) < 0, "must be one line without control characters"),
  );
}

const paragraphs = v.pipe(
  v.string("must be text"),
  v.transform((text) => text.replaceAll(/\r\n?|[\u2028\u2029]/g, "\n").trim()),
  v.minLength(1, "must not be empty; leave it out instead"),
  v.maxLength(LONGEST.description, `must not be longer than ${LONGEST.description} characters`),
  v.check(
    (text) => text.replaceAll("\n", "").search(UNSPEAKABLE) < 0,
    "must not have control characters",
  ),
);

const languageTag = v.pipe(
  line(LONGEST.language),
  v.check((tag) => canonical(tag) !== undefined, "must be a language tag, such as de or pt-BR"),
  v.transform((tag) => canonical(tag)!),
);

/** BCP 47 in its usual spelling: `PT-br` → `pt-BR`. */
function canonical(tag: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(tag)[0];
  } catch {
    return undefined;
  }
}

/** What a channel's owner says of it. What is left out is taken from the source's own words. */
export const ChannelInfo = v.strictObject({
  title: v.exactOptional(line(LONGEST.title)),
  /** Line ends are `\n`. */
  description: v.exactOptional(paragraphs),
  genre: v.exactOptional(line(LONGEST.genre)),
  /** BCP 47, such as `pt-BR`. */
  language: v.exactOptional(languageTag),
  /** `unlisted`: it is in no list. `private`: nor is it for anyone who has its name alone. */
  visibility: v.exactOptional(
    v.picklist(["public", "unlisted", "private"], "must be public, unlisted or private"),
  ),
});
export type ChannelInfo = v.InferOutput<typeof ChannelInfo>;

const FIELDS: readonly string[] = Object.keys(ChannelInfo.entries);

/** Reads what an owner has sent. Throws a `CodedError` that names the field and what it must be. */
export function readChannelInfo(text: string): ChannelInfo {
  const json = parseJson(text);
  // To the schema a list is an object as well.
  const given = Array.isArray(json) ? undefined : json;
  const { success, output, issues } = v.safeParse(ChannelInfo, given);
  if (success) return output;
  const [issue] = issues;
  const field = v.getDotPath(issue);
  const hint = `A channel has ${FIELDS.slice(0, -1).join(", ")} and ${FIELDS.at(-1)}.`;
  if (field === null) {
    throw new CodedError("not-an-object", "This is no JSON object.", hint);
  }
  if (!FIELDS.includes(field)) {
    throw new CodedError("unknown-field", `A channel has no ${field.slice(0, 60)}.`, hint);
  }
  throw new CodedError(
    `bad-${field}`,
    `${field} ${issue.message}.`,
    "Change it, and send all again.",
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CodedError(
      "not-json",
      `This is no JSON (${(error as Error).message}).`,
      'Send an object such as {"title": "Evening jazz", "language": "en"}.',
    );
  }
}

/**
 * What the owner has set, and where that says nothing what the source says: cut where it is too
 * long, without what cannot be shown.
 */
export function mergeInfo(owner: ChannelInfo, source: SourceWords): ChannelInfo {
  return { ...heard(source), ...owner };
}

function heard(source: SourceWords): ChannelInfo {
  const said: { -readonly [Field in keyof SourceWords]: string } = {};
  for (const field of ["title", "description", "genre", "language"] as const) {
    // Cut first: that may leave half a character.
    const text = (source[field] ?? "").slice(0, LONGEST[field]).replaceAll(UNSPEAKABLE, " ");
    const { success, output } = v.safeParse(ChannelInfo.entries[field], text);
    if (success && output !== undefined) said[field] = output;
  }
  return said;
}
