import type { Context, Hono } from "hono";
import { type ChannelEntry, channelEntry } from "./channels/channel_entry.ts";
import { readChannelInfo } from "./channels/channel_info.ts";
import { type Channel, type Channels, listed } from "./channels/channels.ts";
import type { FilmEntry } from "./channels/films.ts";
import { admit, challenge } from "./channels/ingest_key.ts";
import { answeredFor } from "./channels/watch_key.ts";
import { MAX_PICTURE_BYTES, readPicture } from "./channels/picture.ts";
import { findChannels, findFilms, readQuery } from "./channels/search.ts";
import { writeIndexTxt } from "./channels/lists/index_txt.ts";
import { oEmbed, readRoom, writeOEmbedXml } from "./channels/lists/oembed.ts";
import { writeM3u, writePls, writeXspf } from "./channels/lists/player_lists.ts";
import { writeRss } from "./channels/lists/rss.ts";
import { CodedError } from "./media/coded_error.ts";
import { type ErrorBody, errorResponse } from "./origin/error_response.ts";
import { IngestError } from "./origin/push/ingest_error.ts";
import { readLimited } from "./origin/read_limited.ts";

type Handler = (c: Context) => Response | Promise<Response>;
export type ChannelHandler = (channel: Channel, c: Context) => Response | Promise<Response>;
/** A channel, or why there is none: 404 where nothing has that name, 403 where it is private. */
export type Found =
  | { readonly channel: Channel }
  | { readonly channel?: never; readonly status: 403 | 404; readonly error: ErrorBody["error"] };

/** What the routes of the directory need of the edge. */
export interface DirectoryHost {
  readonly channels: Channels;
  /** The newest first. */
  films(): Promise<readonly FilmEntry[]>;
  /** Answers by `answer` for a channel that the request may watch, and by a coded error otherwise. */
  withChannel(answer: ChannelHandler): Handler;
  /** The same whether it may watch or not. */
  withNamed(answer: ChannelHandler): Handler;
  /** The channel at this address, if the request may watch it, and else that error. */
  find(address: string, request: Request): Promise<Found>;
  /** ms since 1970 */
  now(): number;
  /** The edge's address for whoever sent this request, such as `https://edge.example`. */
  site(c: Context): string;
}

const MAX_INFO_BYTES = 16 * 1024;

/** What HTTP calls what is wrong, where that is not 400. */
const STATUS: Readonly<Record<string, number>> = {
  "not-a-watch-page": 404,
  "channel-without-key": 409,
  "too-large": 413,
  // oEmbed 1.0 §2.3.2
  "unknown-format": 501,
};

/** Lists for players and programs, each from the channels that can be played, and the edge's address. */
const LISTS: readonly {
  readonly path: string;
  readonly type: string;
  readonly write: (channels: readonly ChannelEntry[], site: string, nowMs: number) => string;
}[] = [
  { path: "/channels.m3u", type: "audio/x-mpegurl; charset=utf-8", write: writeM3u },
  { path: "/channels.pls", type: "audio/x-scpls; charset=utf-8", write: writePls },
  { path: "/channels.xspf", type: "application/xspf+xml; charset=utf-8", write: writeXspf },
  { path: "/index.txt", type: "text/plain; charset=utf-8", write: writeIndexTxt },
];
export const DIRECTORY_PATHS: readonly string[] = [
  ...LISTS.map(({ path }) => path),
  "/feed.xml",
  "/oembed",
];

const fresh = { "Cache-Control": "no-store" };

/** Finding a channel, and saying what it is. */
export function addDirectoryRoutes(app: Hono, host: DirectoryHost): void {
  const { channels, withChannel, withNamed } = host;

  /** What the request looks for, by `?q=`, `?genre=` and `?language=`. */
  async function found(c: Context): Promise<ChannelEntry[]> {
    const query = readQuery(new URL(c.req.url).searchParams);
    await channels.loaded;
    return findChannels(listed(channels).map(channelEntry), query);
  }

  app.get("/api/channels", coded(async (c) => c.json({ channels: await found(c) }, 200, fresh)));

  for (const { path, type, write } of LISTS) {
    app.get(
      path,
      coded(async (c) => {
        const playable = (await found(c)).filter(({ state }) => state !== "off-air");
        const text = write(playable, host.site(c), host.now());
        return c.body(text, 200, { "Content-Type": type, "Cache-Control": "no-cache" });
      }),
    );
  }

  app.get(
    "/feed.xml",
    coded(async (c) => {
      const query = readQuery(new URL(c.req.url).searchParams);
      const playable = (await found(c)).filter(({ state }) => state !== "off-air");
      const films = findFilms(await host.films(), query);
      return c.body(writeRss(playable, films, host.site(c)), 200, {
        "Content-Type": "application/rss+xml; charset=utf-8",
        "Cache-Control": "no-cache",
      });
    }),
  );

  app.get(
    "/oembed",
    coded(async (c) => {
      const { searchParams } = new URL(c.req.url);
      const address = channelAt(searchParams.get("url"), [host.site(c), new URL(c.req.url).origin]);
      const found = await host.find(address, c.req.raw);
      if (!found.channel) return errorResponse(found.status, found.error);
      const format = readFormat(searchParams.get("format"));
      await channels.loaded;
      const answer = oEmbed(channelEntry(found.channel), host.site(c), readRoom(searchParams));
      const written = format === "json"
        ? c.json(answer, 200, { "Cache-Control": "no-cache" })
        : c.body(writeOEmbedXml(answer), 200, {
          "Content-Type": "text/xml; charset=utf-8",
          "Cache-Control": "no-cache",
        });
      return answeredFor(found.channel, written);
    }),
  );

  app.get(
    "/api/channels/:channel",
    withChannel(async (channel, c) => {
      await channel.owner.loaded;
      return c.json(channelEntry(channel), 200, fresh);
    }),
  );
  app.put(
    "/api/channels/:channel",
    forOwner(async (channel, c) => {
      const body = await bodyOf(c, MAX_INFO_BYTES);
      await channel.owner.setInfo(readChannelInfo(new TextDecoder().decode(body)));
      return c.json(channelEntry(channel), 200, fresh);
    }),
  );
  app.put(
    "/api/channels/:channel/picture",
    forOwner(async ({ owner }, c) => {
      await owner.setPicture(readPicture(await bodyOf(c, MAX_PICTURE_BYTES)));
      return c.body(null, 204);
    }),
  );
  app.delete(
    "/api/channels/:channel/picture",
    forOwner(async ({ owner }, c) => {
      await owner.setPicture(undefined);
      return c.body(null, 204);
    }),
  );

  /** Only for whoever shows the channel's key. */
  function forOwner(answer: (channel: Channel, c: Context) => Promise<Response>): Handler {
    return coded(withNamed(async (channel, c) => {
      if (channel.key === undefined) throw nobodysWords(channel.origin.name);
      await admit(c.req.raw, "", channel.key);
      return await answer(channel, c);
    }));
  }
}

/** What is wrong with the request is answered as such. */
function coded(answer: Handler): Handler {
  return async (c) => {
    try {
      return await answer(c);
    } catch (error) {
      await c.req.raw.body?.cancel().catch(() => {});
      if (!(error instanceof CodedError)) throw error;
      const { code, message, hint } = error;
      if (!(error instanceof IngestError)) {
        return errorResponse(STATUS[code] ?? 400, { code, message, hint });
      }
      // The address has no room for the key here.
      const show = "Send it as a password or bearer token.";
      const headers = challenge(c.req.param("channel") ?? "");
      return errorResponse(error.status, { code, message, hint: show }, headers);
    }
  };
}

/** The address, as in `watch_key.ts`, of the channel whose page this is. Throws a `CodedError`. */
function channelAt(address: string | null, sites: readonly string[]): string {
  if (address === null) {
    throw new CodedError(
      "url-missing",
      "There is no url to say how to embed.",
      "Add ?url= and the address of a watch page, percent-encoded.",
    );
  }
  const url = URL.parse(address);
  const channel = /^\/(?:watch|embed)\/([^/]+)$/.exec(url?.pathname ?? "")?.[1];
  if (url && channel !== undefined && sites.includes(url.origin)) return channel;
  throw new CodedError(
    "not-a-watch-page",
    "This is no address of a watch page of this edge.",
    `Watch pages are at ${sites[0]}/watch/CHANNEL.`,
  );
}

function readFormat(format: string | null): "json" | "xml" {
  if (format === null || format === "json") return "json";
  if (format === "xml") return "xml";
  throw new CodedError(
    "unknown-format",
    `There is no format ${format.slice(0, 20)}.`,
    "Use format=json or format=xml.",
  );
}

async function bodyOf(c: Context, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const body = await readLimited(c.req.raw.body, maxBytes);
  if (body) return body;
  throw new CodedError(
    "too-large",
    `This is more than ${maxBytes / 1024} KiB.`,
    "Send less: a picture of 640 by 360 pixels as JPEG or WebP is enough.",
  );
}

function nobodysWords(channel: string): CodedError {
  return new CodedError(
    "channel-without-key",
    `${channel} has no key, so that nobody can say what it is.`,
    "Only channels that the edge was started with as --ingest NAME=KEY have one.",
  );
}
