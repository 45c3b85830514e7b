import { createLivePlaylists } from "./live.ts";
import type { Media } from "./media.ts";

/** A site with a page and a worker, an edge with media, or both: what its server sees is in `requests`. */
export interface Site {
  readonly origin: string;
  /** Requests below `/live/` in order: path, and Range if there was one. */
  readonly requests: readonly string[];
  /** Nobody answers at this address from now on. */
  goDown(): Promise<void>;
}

export interface SiteOptions {
  readonly port: number;
  readonly media: Media;
  readonly startMs: number;
  /** By path. */
  readonly files: Readonly<Record<string, { type: string; body: string }>>;
  readonly cors: boolean;
}

const MEDIA_PATH = /^\/(live\/demo|store)\/r0\/(?:(init)-0\.mp4|(\d+)\.m4s)$/;

export function startSite({ port, media, startMs, files, cors }: SiteOptions): Site {
  const requests: string[] = [];
  const playlistAt = createLivePlaylists(startMs, "");
  const connections = new AbortController();

  function respond(request: Request): Response {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/live/")) {
      requests.push([pathname, request.headers.get("range") ?? ""].join(" ").trim());
    }
    if (pathname === "/live/demo/index.m3u8") {
      const text = playlistAt(Date.now());
      return new Response(text, { headers: { "content-type": "application/vnd.apple.mpegurl" } });
    }
    const [, , init, index] = MEDIA_PATH.exec(pathname) ?? [];
    const bytes = init ? media.init : media.segments[Number(index)];
    if (bytes) return respondMedia(request, bytes);
    const file = files[pathname];
    if (!file) return new Response("not found", { status: 404 });
    return new Response(file.body, { headers: { "content-type": file.type } });
  }

  const server = Deno.serve({
    port,
    hostname: "127.0.0.1",
    signal: connections.signal,
    onListen() {},
  }, (request) => {
    const response = respond(request);
    response.headers.set("cache-control", "no-store");
    if (cors) {
      response.headers.set("access-control-allow-origin", "*");
      response.headers.set("access-control-expose-headers", "content-range");
    }
    return response;
  });

  return {
    origin: `http://127.0.0.1:${port}`,
    requests,
    async goDown() {
      connections.abort();
      await server.finished;
    },
  };
}

function respondMedia(request: Request, bytes: Uint8Array<ArrayBuffer>): Response {
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.get("range") ?? "") ?? [];
  const headers = { "content-type": "video/mp4", "accept-ranges": "bytes" };
  if (from === undefined) return new Response(bytes, { headers });
  const part = bytes.subarray(Number(from), to ? Number(to) + 1 : undefined);
  const last = Number(from) + part.length - 1;
  const range = { "content-range": `bytes ${from}-${last}/${bytes.length}` };
  return new Response(part, { status: 206, headers: { ...headers, ...range } });
}
