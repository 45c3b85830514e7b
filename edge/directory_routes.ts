import type { Context, Hono } from "hono";
import { type ChannelEntry, channelEntry } from "./channels/channel_entry.ts";
import { readChannelInfo } from "./channels/channel_info.ts";
import { type Channel, type Channels, listed } from "./channels/channels.ts";
import { admit, challenge } from "./channels/ingest_key.ts";
import { MAX_PICTURE_BYTES, readPicture } from "./channels/picture.ts";
import { CodedError } from "./media/coded_error.ts";
import { errorResponse } from "./origin/error_response.ts";
import { IngestError } from "./origin/push/ingest_error.ts";
import { readLimited } from "./origin/read_limited.ts";

type Handler = (c: Context) => Response | Promise<Response>;

/** What the routes of the directory need of the edge. */
export interface DirectoryHost {
  readonly channels: Channels;
  /** Answers by `answer` for a channel that exists, and by a coded 404 otherwise. */
  withChannel(answer: (channel: Channel, c: Context) => Response | Promise<Response>): Handler;
}

const MAX_INFO_BYTES = 16 * 1024;

const fresh = { "Cache-Control": "no-store" };

/** Finding a channel, and saying what it is. */
export function addDirectoryRoutes(app: Hono, { channels, withChannel }: DirectoryHost): void {
  async function entries(): Promise<ChannelEntry[]> {
    await channels.loaded;
    return listed(channels).map(channelEntry);
  }

  app.get("/api/channels", async (c) => c.json({ channels: await entries() }, 200, fresh));

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
    return withChannel(async (channel, c) => {
      const { origin: { name }, key } = channel;
      try {
        if (key === undefined) throw nobodysWords(name);
        await admit(c.req.raw, "", key);
        return await answer(channel, c);
      } catch (error) {
        await c.req.raw.body?.cancel().catch(() => {});
        if (!(error instanceof CodedError)) throw error;
        const status = error instanceof IngestError ? error.status : 400;
        const { code, message } = error;
        const hint = status === 401 ? "Send it as a password or bearer token." : error.hint;
        return errorResponse(
          status,
          { code, message, hint },
          status === 401 ? challenge(name) : {},
        );
      }
    });
  }
}

async function bodyOf(c: Context, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const body = await readLimited(c.req.raw.body, maxBytes);
  if (body) return body;
  throw new IngestError(
    413,
    "too-large",
    `This is more than ${maxBytes / 1024} KiB.`,
    "Send less: a picture of 640 by 360 pixels as JPEG or WebP is enough.",
  );
}

function nobodysWords(channel: string): IngestError {
  return new IngestError(
    409,
    "channel-without-key",
    `${channel} has no key, so that nobody can say what it is.`,
    "Only channels that the edge was started with as --ingest NAME=KEY have one.",
  );
}
