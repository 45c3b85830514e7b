import { html } from "hono/html";
import { addressIn, type ChannelEntry } from "./channels/channel_entry.ts";
import { videoSize } from "./channels/lists/oembed.ts";
import { languageName } from "./protocol/channel_words.ts";
import type { PagePart } from "./pages.ts";

/** For previews of channels that nobody has described. */
const UNDESCRIBED = "Live, carried by those who watch.";

/** What stands in the pages of a channel; `site` is the edge's address, such as `https://edge.example`. */
export function watchPageValues(channel: ChannelEntry, site: string): Record<string, PagePart> {
  const { title, description, state, visibility, watch, media } = channel;
  const { width, height } = videoSize(channel);
  return {
    channel: addressIn(channel),
    title,
    state,
    media,
    site,
    page: encodeURIComponent(site + watch),
    robots: visibility === "public" ? "index" : "noindex",
    summary: description?.replaceAll(/\s+/g, " ") ?? UNDESCRIBED,
    description: description ?? "",
    topics: topics(channel),
    width: String(width),
    height: String(height),
  };
}

/** Genre and language, as links to what else there is of them. */
function topics({ genre, language }: ChannelEntry): PagePart {
  const links = [
    ...(genre === undefined ? [] : [{ href: `/?genre=${encodeURIComponent(genre)}`, text: genre }]),
    ...(language === undefined
      ? []
      : [{ href: `/?language=${encodeURIComponent(language)}`, text: languageName(language) }]),
  ];
  return html`${links.map(({ href, text }) => html`<a class="chip" href="${href}">${text}</a>`)}`;
}
