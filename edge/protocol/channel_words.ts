/** A channel in words for people, the same on pages that the edge writes and on those that scripts fill. */
import type { ChannelState } from "./channel.ts";
import { formatCount } from "./format_count.ts";

const languages = new Intl.DisplayNames(["en"], { type: "language" });

/** The state in a word or two, as badges have it. */
export function stateWord(state: ChannelState): string {
  switch (state) {
    case "idle":
      return "Ready";
    case "starting":
      return "Starting";
    case "on-air":
      return "Live";
    case "upstream-down":
      return "Interrupted";
    case "off-air":
      return "Off air";
  }
}

export function viewersText(viewers: number): string {
  if (viewers === 0) return "nobody watching";
  return `${formatCount(viewers)} watching`;
}

/** For lists: that nobody watches what is off air goes without saying. */
export function audienceText(
  { state, viewers }: { readonly state: ChannelState; readonly viewers: number },
): string {
  return state === "off-air" && viewers === 0 ? "" : viewersText(viewers);
}

/** The name of a language in English: `pt-BR` → `Brazilian Portuguese`. */
export function languageName(tag: string): string {
  try {
    return languages.of(tag) ?? tag;
  } catch {
    // Not a language tag at all.
    return tag;
  }
}

/** Genre and language in one line. */
export function topicsText(
  { genre, language }: { readonly genre?: string; readonly language?: string },
): string {
  return [genre, language && languageName(language)].filter(Boolean).join(" · ");
}

/** What plays just now, by what its source or its programme says; empty where neither does. */
export function playingText(
  { state, playing, now }: {
    readonly state: ChannelState;
    readonly playing?: string;
    readonly now?: { readonly title: string };
  },
): string {
  const title = playing ?? now?.title;
  return state === "on-air" && title ? `Now: ${title}` : "";
}
