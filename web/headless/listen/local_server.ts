import { Hono } from "hono";
import { CodedError } from "../../../edge/media/coded_error.ts";
import { StreamError } from "../../../edge/media/stream/stream_error.ts";
import { type ListenAddress, urlOf } from "./listen_address.ts";
import type { LocalMedia } from "./local_media.ts";
import { renderLocalPage } from "./local_page.ts";

export interface LocalServer {
  /** Ends in a slash. */
  readonly url: string;
  /** Resolves when all answers have ended. */
  stop(): Promise<void>;
}

/** Answers players at `/live/CHANNEL/…` and `/stream/CHANNEL`. Throws a `CodedError` where it cannot listen. */
export function serveLocally(
  { host, port }: ListenAddress,
  channel: string,
  media: LocalMedia,
): LocalServer {
  const app = new Hono();
  const live = `/live/${channel}/`;
  app.get("/", (c) => c.html(renderLocalPage(media, channel, new URL(c.req.url).origin)));
  app.get(`${live}*`, (c) => media.live(c.req.path.slice(live.length), c.req.raw));
  app.get(`/stream/${channel}`, (c) => media.stream(c.req.raw));
  app.notFound((c) => {
    const hint = `There is /stream/${channel} and ${live}index.m3u8.`;
    return refusal(new CodedError("not-found", `There is nothing at ${c.req.path}.`, hint));
  });
  app.onError((error, c) => {
    if (error instanceof CodedError) return refusal(error);
    console.error(error);
    return c.json({ error: { code: "internal", message: "The relay failed to answer." } }, 500);
  });
  const server = listening({ host, port }, app);
  return {
    url: urlOf({ host, port: server.addr.port }),
    stop: () => server.shutdown(),
  };
}

function refusal(error: CodedError): Response {
  const { code, message, hint } = error;
  const [status, headers] = error instanceof StreamError ? [error.status, error.headers] : [404];
  return Response.json({ error: { code, message, hint } }, {
    status,
    headers: { "Cache-Control": "no-store", ...headers },
  });
}

function listening(
  { host, port }: ListenAddress,
  app: Hono,
): Deno.HttpServer<Deno.NetAddr> {
  try {
    return Deno.serve({ hostname: host, port, onListen() {} }, (request) => app.fetch(request));
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) {
      throw new CodedError(
        "port-in-use",
        `Port ${port} is taken.`,
        "Choose another with --listen.",
      );
    }
    throw new CodedError(
      "cannot-listen",
      `The relay cannot listen on ${host}, port ${port} (${(error as Error).message}).`,
      "Give --listen an address of this machine and a port, such as 127.0.0.1:7144.",
    );
  }
}
