import * as v from "valibot";
import { ChannelName, ChannelState } from "../../edge/protocol/channel.ts";
import { audienceText } from "../../edge/protocol/channel_words.ts";
import { formatDuration } from "../panel/format.ts";

/** One channel as `/api/channels` and `/api/channels/CHANNEL` tell of it. */
export const ChannelSummary = v.object({
  name: ChannelName,
  title: v.string(),
  state: ChannelState,
  /** Why the state is what it is. */
  detail: v.optional(v.string()),
  viewers: v.number(),
  /** Since when it is on air, ms since 1970. */
  sinceMs: v.optional(v.number()),
  description: v.exactOptional(v.string()),
  genre: v.exactOptional(v.string()),
  /** BCP 47 */
  language: v.exactOptional(v.string()),
  /** Where one picture of what is on air now can be had, as an MP4. */
  still: v.exactOptional(v.pipe(v.string(), v.startsWith("/"))),
  /** Path of its watch page. */
  watch: v.pipe(v.string(), v.startsWith("/")),
  /** Path of what elements play. */
  media: v.pipe(v.string(), v.startsWith("/")),
  /** Whether its source comes by itself, and says goodbye. */
  ingest: v.boolean(),
  /** What plays, as the source says. */
  playing: v.exactOptional(v.string()),
  /** Of a programme: what is on. */
  now: v.exactOptional(v.object({ title: v.string() })),
});
export type ChannelSummary = v.InferOutput<typeof ChannelSummary>;

/** An edge that takes longer is as good as away. */
const PATIENCE_MS = 8_000;

const ChannelList = v.object({ channels: v.array(ChannelSummary) });

/**
 * The channels that match, in the order in which they are shown; `search` as in the portal's own
 * address. Throws if the edge is away or answers something else.
 */
export async function fetchChannels(search: string): Promise<ChannelSummary[]> {
  return v.parse(ChannelList, await fetchJson(`/api/channels${search}`)).channels;
}

/** One of them. Throws if the edge is away or does not have it. */
export async function fetchChannel(name: string): Promise<ChannelSummary> {
  return v.parse(ChannelSummary, await fetchJson(`/api/channels/${name}`));
}

/** One of them as its owner is told of it, who has `key`. Throws in the same way. */
export async function fetchOwnChannel(name: string, key: string): Promise<ChannelSummary> {
  const headers = { Authorization: `Bearer ${key}` };
  return v.parse(ChannelSummary, await fetchJson(`/api/channels/${name}`, headers));
}

async function fetchJson(path: string, headers: HeadersInit = {}): Promise<unknown> {
  const response = await fetch(path, { headers, signal: AbortSignal.timeout(PATIENCE_MS) });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return await response.json();
}

/** Audience and time on air, in one line. */
export function factsText(channel: ChannelSummary, nowMs: number): string {
  const facts = [audienceText(channel)];
  if (channel.state === "on-air" && channel.sinceMs !== undefined) {
    facts.push(`on air for ${formatDuration(nowMs - channel.sinceMs)}`);
  }
  return facts.join(" · ");
}

/** What a viewer should know about the state, and in the edge's own words what whoever runs it should. */
export function detailText(
  { state, detail = "", ingest }: Pick<ChannelSummary, "state" | "detail" | "ingest">,
): string {
  switch (state) {
    case "idle":
      return "Starts when somebody watches.";
    case "upstream-down":
      if (ingest) return detail;
      return `The source is away; the edge keeps trying, and the picture comes back by itself. ${detail}`
        .trim();
    case "off-air":
      return detail || "Nothing is broadcast just now.";
    case "starting":
    case "on-air":
      // One quality or language of several, as long as the others come.
      return detail && `A part of the source is away: ${detail}`;
  }
}
