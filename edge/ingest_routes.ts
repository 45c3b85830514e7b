/** Where sources send: files and streams below `/ingest/CHANNEL`, and the addresses of Icecast. */
import { type Context, Hono } from "hono";
import type { Channel } from "./channels/channels.ts";
import { admit, type Admitted, challenge } from "./channels/ingest_key.ts";
import { createRefusedSources } from "./channels/refused_sources.ts";
import { readSong } from "./channels/song.ts";
import { IngestError } from "./origin/push/ingest_error.ts";
import type { Platform } from "./platform/platform.ts";

export interface IngestOptions {
  readonly platform: Pick<Platform, "now" | "log">;
  /** Answers by `answer` for the channel of that name, and by a coded 404 if there is none. */
  readonly withChannel: (
    name: string | undefined,
    answer: (channel: Channel) => Promise<Response>,
  ) => Response | Promise<Response>;
  readonly clientAddress: (env: unknown) => string | undefined;
}

/** Adds `/ingest/…` to `app`. Answers what serves the port for sources, with all of `app` on it. */
export function addIngestRoutes(
  app: Hono,
  { platform, withChannel, clientAddress }: IngestOptions,
): Hono {
  const refusedSources = createRefusedSources(platform);

  /** Answers a source that has shown the key, and refuses any other. */
  async function admitted(
    { origin, key }: Channel,
    { c, path }: { c: Context; path: string },
    answer: (admitted: Admitted) => Promise<Response>,
  ): Promise<Response> {
    try {
      if (key === undefined || !origin.ingest) throw noIngest(origin.name);
      const source = await admit(c.req.raw, path, key);
      refusedSources.admit(origin.name);
      return await answer(source);
    } catch (error) {
      if (!(error instanceof IngestError)) throw error;
      if (error.status !== 401) return error.toResponse();
      refusedSources.refuse(origin.name, clientAddress(c.env));
      return error.toResponse(challenge(origin.name));
    }
  }

  /** What a source sends to `path` below its channel's address; with no path it is a stream. */
  function take(c: Context, path: string): Response | Promise<Response> {
    return withChannel(
      c.req.param("channel"),
      (channel) =>
        admitted(channel, { c, path }, async ({ user, path }) => {
          const { raw } = c.req;
          const takesOver = c.req.header("Tributary-Takeover") !== undefined;
          const from = { id: `${user} ${clientAddress(c.env) ?? ""}`, takesOver };
          const { origin } = channel;
          if (path !== "" || !origin.receive) return await origin.ingest!(path, raw, from);
          const response = await origin.receive(raw, from);
          // What Icecast says where another source is on air, and its old clients understand.
          const forbidden = raw.method === "SOURCE" && response.status === 409;
          return forbidden
            ? new Response(response.body, { headers: response.headers, status: 403 })
            : response;
        }),
    );
  }

  app.on(
    ["PUT", "POST", "DELETE", "SOURCE"],
    "/ingest/:channel/*",
    (c) => take(c, c.req.path.split("/").slice(3).join("/")),
  );

  const sources = new Hono();
  for (const path of ["/:channel", "/stream/:channel"]) {
    sources.on(["PUT", "SOURCE"], path, (c) => take(c, ""));
  }
  sources.get("/admin/metadata", (c) => {
    const name = c.req.query("mount")?.split("/").filter((part) => part !== "").at(-1);
    return withChannel(name, (channel) =>
      admitted(channel, { c, path: "" }, () => {
        const song = readSong(c.req.url);
        if (c.req.query("mode") !== "updinfo" || song === undefined) {
          return Promise.resolve(answerIcecast(400, "Say mode=updinfo and song=TITLE"));
        }
        return Promise.resolve(
          channel.origin.retitle?.(song)
            ? answerIcecast(200, "Metadata update successful")
            : answerIcecast(400, "Source does not exist"),
        );
      }));
  });
  sources.all("*", (c) => app.fetch(c.req.raw, c.env));
  return sources;
}

/** In Icecast's manner: source clients look for the 1. */
function answerIcecast(status: number, message: string): Response {
  const done = status === 200 ? 1 : 0;
  const body =
    `<?xml version="1.0"?>\n<iceresponse><message>${message}</message><return>${done}</return></iceresponse>\n`;
  return new Response(body, { status, headers: { "Content-Type": "text/xml" } });
}

function noIngest(channel: string): IngestError {
  return new IngestError(
    409,
    "not-an-ingest",
    `The media of ${channel} comes from elsewhere.`,
    "Start the edge with --ingest NAME=KEY for a channel that takes a source.",
  );
}
