import { html } from "hono/html";
import type { ChannelEntry } from "../channel_entry.ts";
import type { FilmEntry } from "../films.ts";
import { xml, xmlDocument } from "./xml.ts";

/** How often readers may look again, minutes. */
const TTL_MINUTES = 5;
/** Readers keep what they have seen: the newest films are enough. */
const MOST_FILMS = 100;

/**
 * What is on air as RSS 2.0 (https://www.rssboard.org/rss-specification). A source's broadcast is an
 * item of its own each time it goes on air; a channel that is always there is one item for good. A
 * film or a recording is an item with its file enclosed, for machines to fetch. `films` are newest first.
 * `site` is the edge's address, such as `https://edge.example`.
 */
export function writeRss(
  channels: readonly ChannelEntry[],
  films: readonly FilmEntry[],
  site: string,
): string {
  return xmlDocument(xml`
    <rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom">
      <channel>
        <title>Tributary: live channels and films</title>
        <link>${site}/</link>
        <description>What is on air on this edge, and what can be watched at any time.</description>
        <ttl>${TTL_MINUTES}</ttl>
        <atom:link rel="self" type="application/rss+xml" href="${site}/feed.xml"/>${channels.map((
          channel,
        ) => item(channel, site))}${films.slice(0, MOST_FILMS).map((film) => filmItem(film, site))}
      </channel>
    </rss>
  `);
}

function item({ title, description, genre, watch, ingest, sinceMs }: ChannelEntry, site: string) {
  const broadcast = ingest && sinceMs !== undefined ? `#${sinceMs}` : "";
  return xml`
    <item>
      <title>${title}</title>
      <link>${site + watch}</link>
      <guid isPermaLink="false">${site + watch + broadcast}</guid>
      ${description === undefined ? "" : xml`<description>${asHtml(description)}</description>`}
      ${genre === undefined ? "" : xml`<category>${genre}</category>`}
      ${broadcast === "" ? "" : xml`<pubDate>${new Date(sinceMs!).toUTCString()}</pubDate>`}
    </item>
  `;
}

function filmItem({ title, watch, file, length, type, modifiedMs }: FilmEntry, site: string) {
  return xml`
    <item>
      <title>${title}</title>
      <link>${site + watch}</link>
      <guid isPermaLink="false">${site + watch}</guid>
      <enclosure url="${site + file}" length="${String(length)}" type="${type}"/>
      ${modifiedMs === undefined
        ? ""
        : xml`<pubDate>${new Date(modifiedMs).toUTCString()}</pubDate>`}
    </item>
  `;
}

/** Readers take a description for HTML. */
function asHtml(text: string): string {
  return String(html`${text}`).replaceAll("\n", "<br>");
}
