import { Hono } from "hono";
import type { Context, MiddlewareHandler } from "hono";
import { accepts } from "hono/accepts";
import { compress } from "hono/compress";
import { cors } from "hono/cors";
import { etag } from "hono/etag";
import { methodNotAllowed } from "hono/method-not-allowed";
import { secureHeaders } from "hono/secure-headers";
import { assetAnswer, notBuilt } from "./assets.ts";
import { listed, openChannels } from "./channels/channels.ts";
import { nearNames } from "./channels/near_names.ts";
import { openFilms } from "./channels/films.ts";
import type { ChannelSource } from "./channels/source.ts";
import type { SwarmHost } from "./channels/swarm_host.ts";
import { channelEntry } from "./channels/channel_entry.ts";
import {
  answeredFor,
  mayWatch,
  privateChannel,
  splitAddress,
  withoutKeys,
} from "./channels/watch_key.ts";
import {
  addDirectoryRoutes,
  type ChannelHandler,
  DIRECTORY_PATHS,
  type Found,
} from "./directory_routes.ts";
import { addIngestRoutes } from "./ingest_routes.ts";
import { METRICS_TYPE, renderMetrics } from "./metrics.ts";
import { type ErrorBody, errorResponse } from "./origin/error_response.ts";
import type { Film } from "./origin/vod/film.ts";
import type { FilmServer } from "./origin/vod/server_films.ts";
import { type PagePart, renderPage } from "./pages.ts";
import type { Platform } from "./platform/platform.ts";
import { portalValues } from "./portal.ts";
import { drawPoster } from "./poster.ts";
import { filmPageValues } from "./film_page.ts";
import { notFoundValues, privateValues } from "./lost_page.ts";
import { joinSwarm } from "./swarm_socket.ts";
import { addFilmSockets, addVodRoutes } from "./vod_routes.ts";
import { watchPageValues } from "./watch_page.ts";
import type { SwarmLimits } from "./swarm/limits.ts";

export interface EdgeOptions {
  readonly channels: readonly ChannelSource[];
  /** Names of channels whose broadcasts become films. */
  readonly record?: readonly string[];
  /** Servers whose files can be watched here, besides those in the data folder. */
  readonly filmServers?: readonly FilmServer[];
  /** `stun:` URLs for a peer that reached the edge under this host name. */
  readonly iceServers?: (host: string) => readonly string[];
  /**
   * The client's IP address, out of what the runtime gives `app.fetch` besides the request. Behind a
   * proxy it is the proxy's, and everyone seems to be on one network: nobody is preferred then.
   */
  readonly clientAddress?: (env: unknown) => string | undefined;
  readonly limits?: Partial<SwarmLimits>;
  /**
   * The address under which others reach the edge, such as `https://edge.example`: it stands before
   * the addresses in feeds, lists and previews. Without it that is what the request was sent to.
   * What a proxy says in `X-Forwarded-…` is not believed, since anybody can say it.
   */
  readonly publicUrl?: string;
}

export interface Edge {
  readonly app: Hono;
  /** For the port where sources send: all of `app`, and the addresses that Icecast's sources know. */
  readonly sources: Hono;
  /** Ends all sockets (close code 1012), and resolves when nothing runs on its own any more. */
  stop(): Promise<void>;
}

const SCRIPTS = ["/tributary.js", "/sw.js", "/panel.js", "/share/*"];
/** What other sites' pages may read. */
const PUBLIC = [
  "/live/*",
  "/vod/*",
  "/stream/*",
  "/api/*",
  "/site/*",
  ...DIRECTORY_PATHS,
  ...SCRIPTS,
];
/** Media is compressed as it is; the rest is text. */
const TEXT = [
  "/",
  "/watch/*",
  "/embed/*",
  "/studio",
  "/studio/*",
  "/api/*",
  ...DIRECTORY_PATHS,
  "/site/*",
  "/metrics",
  ...SCRIPTS,
];
const TAGGED = [
  "/",
  "/watch/*",
  "/live/:channel/poster",
  "/studio",
  "/studio/*",
  "/site/*",
  "/favicon.ico",
  ...DIRECTORY_PATHS,
  ...SCRIPTS,
];

/** The edge functions: everything that answers HTTP, and the swarm sockets. */
export function createEdge(platform: Platform, options: EdgeOptions): Edge {
  const channels = openChannels(options.channels, {
    platform,
    record: options.record ?? [],
    ...(options.limits ? { limits: options.limits } : {}),
  });
  const films = openFilms({
    platform,
    servers: options.filmServers ?? [],
    ...(options.limits ? { limits: options.limits } : {}),
  });
  const app = new Hono();

  app.notFound(async (c) => {
    const error = {
      code: "not-found",
      message: `There is nothing at ${c.req.path}.`,
      hint: "The portal at / lists the channels.",
    };
    const values = notFoundValues(c.req.path, namesNear(c.req.path));
    return await lostPage(c, 404, values) ?? errorResponse(404, error);
  });
  app.onError((error, c) => {
    const message = `${c.req.method} ${withoutKeys(c.req.path)}: ${error.stack ?? error.message}`;
    platform.log({ level: "error", code: "internal", message });
    return errorResponse(500, {
      code: "internal",
      message: "The edge failed to answer.",
      hint: "Try again; the edge's log says why.",
    });
  });

  function namesNear(wanted: string): string[] {
    return nearNames(wanted, listed(channels).map(({ origin }) => origin.name));
  }

  function unknownChannel(name: string): ErrorBody["error"] {
    const near = namesNear(name);
    const there = near.length > 0 ? `There is: ${near.join(", ")}.` : "This edge has no channels.";
    return { code: "unknown-channel", message: `No channel is called ${name}.`, hint: there };
  }

  async function find(address: string, request: Request): Promise<Found> {
    const { name, key } = splitAddress(address);
    const channel = channels.get(name);
    if (!channel) return { status: 404, error: unknownChannel(name) };
    if (await mayWatch(channel, key, request)) return { channel };
    return { status: 403, error: privateChannel(name, key) };
  }

  /** Answers by `answer` for a channel that the request may watch, and by a coded error otherwise. */
  function withChannel(answer: ChannelHandler): (c: Context) => Promise<Response> {
    return async (c) => {
      const found = await find(c.req.param("channel") ?? "", c.req.raw);
      if (!found.channel) return errorResponse(found.status, found.error);
      return answeredFor(found.channel, await answer(found.channel, c));
    };
  }

  /** The same whether it may watch or not. */
  function withNamed(answer: ChannelHandler): (c: Context) => Response | Promise<Response> {
    return (c) => {
      const name = c.req.param("channel") ?? "";
      const channel = channels.get(name);
      return channel ? answer(channel, c) : errorResponse(404, unknownChannel(name));
    };
  }

  const site = (c: Context) => options.publicUrl ?? new URL(c.req.url).origin;

  /** A page of a channel. */
  async function channelPage(c: Context, template: string): Promise<Response> {
    const address = c.req.param("channel") ?? "";
    const found = await find(address, c.req.raw);
    if (!found.channel) {
      const { status, error } = found;
      const values = status === 403
        ? privateValues(error)
        : notFoundValues(address, namesNear(address));
      return await lostPage(c, status, values) ?? errorResponse(status, error);
    }
    const { channel } = found;
    await channel.owner.loaded;
    const answer = await pageAnswer(c, template, watchPageValues(channelEntry(channel), site(c)));
    return answeredFor(channel, answer);
  }

  async function pageAnswer(
    c: Context,
    template: string,
    values: Record<string, PagePart>,
  ): Promise<Response> {
    const page = await renderPage(platform, template, values);
    return page === undefined
      ? notBuilt(template)
      : c.html(page, 200, { "Cache-Control": "no-cache" });
  }

  /** For people who open a page; programs get JSON. */
  async function lostPage(
    c: Context,
    status: 403 | 404,
    values: Record<string, PagePart>,
  ): Promise<Response | undefined> {
    if (!wantsPage(c)) return undefined;
    const page = await renderPage(platform, "site/lost.html", values);
    return page === undefined ? undefined : c.html(page, status, { "Cache-Control": "no-store" });
  }

  function join(c: Context, swarm: SwarmHost): Response {
    return joinSwarm(c, swarm, {
      platform,
      iceServers: options.iceServers?.(new URL(c.req.url).hostname) ?? [],
      address: options.clientAddress?.(c.env) ?? "",
    });
  }

  const vod = {
    films,
    joinSwarm: join,
    async filmPage(c: Context, film: Film) {
      return await pageAnswer(c, "site/film.html", filmPageValues(films!.entry(film), site(c)));
    },
  };

  // Before all middleware: the runtime wants its upgrade response back untouched.
  app.get(
    "/swarm/:channel",
    withChannel(({ swarm }, c) => join(c, swarm)),
  );
  addFilmSockets(app, vod);

  app.use("/embed/*", async (c, next) => {
    await next();
    // Made to stand in a frame of somebody else's page.
    c.res.headers.delete("X-Frame-Options");
  });
  app.use(secureHeaders({
    crossOriginResourcePolicy: "cross-origin",
    // Whether a host is reached by TLS alone is for whoever runs the TLS proxy to say.
    strictTransportSecurity: false,
  }));
  app.use(methodNotAllowed({
    app,
    onMethodNotAllowed: (c, methods) =>
      errorResponse(405, {
        code: "method-not-allowed",
        message: `${c.req.method} means nothing here.`,
        hint: `Use ${methods.join(", ")}.`,
      }, { Allow: methods.join(", ") }),
  }));
  for (const path of PUBLIC) app.use(path, readableEverywhere, measurableEverywhere);
  for (const path of TEXT) app.use(path, compress());
  for (const path of TAGGED) app.use(path, etag());

  app.get("/", async (c) => {
    await channels.loaded;
    const entries = listed(channels).map(channelEntry);
    const values = portalValues(
      entries,
      await films?.list() ?? [],
      new URL(c.req.url).searchParams,
    );
    return pageAnswer(c, "site/portal.html", values);
  });
  app.get("/tributary.js", (c) => assetAnswer(c, platform, "tributary.js"));
  app.get("/panel.js", (c) => assetAnswer(c, platform, "panel.js"));
  app.get("/sw.js", (c) => assetAnswer(c, platform, "sw.js", { "Service-Worker-Allowed": "/" }));
  app.get("/favicon.ico", (c) => assetAnswer(c, platform, "site/icon.svg"));
  for (const folder of ["site", "share", "studio"]) {
    app.get(`/${folder}/:file`, async (c) => {
      const path = `${folder}/${c.req.param("file")}`;
      const missing = !(await platform.asset(path));
      // Without the tag nothing has been built; with it, this file does not exist.
      if (missing && await platform.asset("tributary.js")) return c.notFound();
      return assetAnswer(c, platform, path);
    });
  }

  app.get("/studio", (c) => assetAnswer(c, platform, "studio/studio.html"));
  app.get("/watch/:channel", (c) => channelPage(c, "site/watch.html"));
  app.get("/embed/:channel", (c) => channelPage(c, "site/embed.html"));

  app.get(
    "/live/:channel/poster",
    withChannel(async ({ origin: { name }, owner, info, poster }, c) => {
      await owner.loaded;
      const picture = await owner.picture();
      if (!picture && poster !== undefined) return assetAnswer(c, platform, poster);
      const { type, bytes } = picture ?? drawPoster({ name, title: info().title });
      return c.body(bytes, 200, { "Content-Type": type, "Cache-Control": "no-cache" });
    }),
  );
  app.get(
    "/live/:channel/*",
    withChannel(({ origin }, c) => {
      const path = c.req.path.split("/").slice(3).join("/");
      return origin.respond(path, c.req.raw);
    }),
  );

  app.get("/stream/:channel", withChannel(({ origin }, c) => origin.listen(c.req.raw)));

  const sources = addIngestRoutes(app, {
    platform,
    withChannel: async (name, answer) => {
      const channel = channels.get(name ?? "");
      // Whether it is private has to be known before anything is published.
      await channel?.owner.loaded;
      return channel ? answer(channel) : errorResponse(404, unknownChannel(name ?? ""));
    },
    clientAddress: (env) => options.clientAddress?.(env),
  });

  addVodRoutes(app, vod);
  addDirectoryRoutes(app, {
    channels,
    films: async () => await films?.list() ?? [],
    withChannel,
    withNamed,
    find,
    site,
    now: platform.now,
  });
  app.get(
    "/api/channels/:channel/stats",
    withChannel((channel, c) => c.json(channel.stats(), fresh)),
  );
  app.get(
    "/metrics",
    (c) =>
      c.body(renderMetrics(listed(channels).map((channel) => channel.stats())), 200, {
        "Content-Type": METRICS_TYPE,
        "Cache-Control": "no-store",
      }),
  );
  app.get("/healthz", (c) => c.text("ok\n", fresh));

  return {
    app,
    sources,
    stop() {
      films?.stop();
      return channels.stop();
    },
  };
}

/** People who open a page, not programs. */
function wantsPage(c: Context): boolean {
  const supports = ["application/json", "text/html"];
  return accepts(c, { header: "Accept", supports, default: "application/json" }) === "text/html";
}

const readableEverywhere = cors({
  origin: "*",
  allowMethods: ["GET", "HEAD", "OPTIONS"],
  exposeHeaders: [
    "Accept-Ranges",
    "Content-Length",
    "Content-Range",
    "ETag",
    "Tributary-Resume",
    "icy-name",
    "icy-metaint",
  ],
  maxAge: 86_400,
});

/** Pages of other sites may know how large and how fast it was: they choose the quality by it. */
const measurableEverywhere: MiddlewareHandler = async (c, next) => {
  await next();
  c.header("Timing-Allow-Origin", "*");
};

const fresh = { headers: { "Cache-Control": "no-store" } };
