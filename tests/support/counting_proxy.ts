import { freePort } from "./free_port.ts";
import { metered } from "./metering.ts";

/** What a request is for, told by its URL and its Range header alone. */
export type TrafficClass = "playlist" | "init" | "segment" | "range" | "socket" | "other";

export interface ProxiedRequest {
  readonly class: TrafficClass;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly atMs: number;
  /** Body bytes that went to the client so far; for sockets, bytes of messages both ways. */
  bytes: number;
  /** Of the answer; 0 before it. */
  status: number;
}

/** What becomes of a request; asked for each one. */
export type Treatment =
  | "pass"
  /** Half of the body, then the connection breaks. */
  | "cut"
  | { readonly delayMs: number }
  | { readonly bytesPerSecond: number };

/** Stands between viewers and a server, and counts what that server really sends. */
export interface CountingProxy extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`, without a slash. */
  readonly url: string;
  readonly requests: readonly ProxiedRequest[];
  /** Body bytes sent in these classes, since the start or `atMs ≥ sinceMs`. */
  bytes(classes: readonly TrafficClass[], sinceMs?: number): number;
  /** May be set at any time; holds for requests that come after. */
  treat: (request: ProxiedRequest) => Treatment;
}

/** Text by path, with its media type. */
export type ProxyPages = Readonly<Record<string, readonly [type: string, text: string]>>;

/**
 * Starts a proxy in front of `target`, an origin without a slash at its end. It answers `pages`
 * itself, so that they are of one origin with the media, and does not count them.
 */
export function startCountingProxy(target: string, pages: ProxyPages = {}): CountingProxy {
  const port = freePort();
  const requests: ProxiedRequest[] = [];
  const sockets = new Set<WebSocket>();
  const cut = new AbortController();

  const server = Deno.serve(
    {
      hostname: "127.0.0.1",
      port,
      signal: cut.signal,
      onListen() {},
      onError: () => new Response(null, { status: 502 }),
    },
    async (request) => {
      const { pathname, search } = new URL(request.url);
      const page = pages[pathname];
      if (page) return new Response(page[1], { headers: { "content-type": page[0] } });
      const record: ProxiedRequest = {
        class: classify(request, pathname),
        method: request.method,
        path: pathname + search,
        atMs: Date.now(),
        bytes: 0,
        status: 0,
      };
      requests.push(record);
      const treatment = proxy.treat(record);
      if (typeof treatment === "object" && "delayMs" in treatment) {
        await new Promise((resolve) => setTimeout(resolve, treatment.delayMs));
      }
      return record.class === "socket"
        ? relaySocket(request, target, record, sockets)
        : await relay(request, target, record, treatment);
    },
  );

  const proxy: CountingProxy = {
    url: `http://127.0.0.1:${port}`,
    requests,
    bytes: (classes, sinceMs = 0) =>
      requests
        .filter((request) => classes.includes(request.class) && request.atMs >= sinceMs)
        .reduce((sum, request) => sum + request.bytes, 0),
    treat: () => "pass",
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.close();
      cut.abort();
      await server.finished;
    },
  };
  return proxy;
}

/** A range that starts at 0 and is open asks for the whole: media elements always ask like that. */
function classify(request: Request, path: string): TrafficClass {
  if (request.headers.get("upgrade")?.toLowerCase() === "websocket") return "socket";
  if (/\.(m3u8|mpd)$/.test(path)) return "playlist";
  if (/\/init[^/]*$/.test(path)) return "init";
  if (!/\.(m4s|mp4|ts|aac|mp3|cmf[av])$/.test(path)) return "other";
  const range = request.headers.get("range");
  return range === null || range === "bytes=0-" ? "segment" : "range";
}

async function relay(
  request: Request,
  target: string,
  record: ProxiedRequest,
  treatment: Treatment,
): Promise<Response> {
  const headers = new Headers(request.headers);
  // Bytes are counted as they would be without compression, on both sides alike.
  headers.set("accept-encoding", "identity");
  const answer = await fetch(target + record.path, {
    method: request.method,
    headers,
    body: request.body,
    redirect: "manual",
  });
  record.status = answer.status;
  if (!answer.body) return answer;
  const rate = typeof treatment === "object" && "bytesPerSecond" in treatment
    ? treatment.bytesPerSecond
    : undefined;
  const length = Number(answer.headers.get("content-length") ?? 0);
  let body = answer.body.pipeThrough(metered((count) => record.bytes += count, rate));
  if (treatment === "cut") body = body.pipeThrough(breakAfter(length / 2));
  return new Response(body, { status: answer.status, headers: answer.headers });
}

function breakAfter(
  bytes: number,
): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  let left = bytes;
  return new TransformStream({
    transform(chunk, controller) {
      const part = chunk.subarray(0, Math.max(0, left));
      left -= chunk.length;
      if (part.length > 0) controller.enqueue(part);
      if (left <= 0) controller.error(new Error("cut by the test"));
    },
  });
}

function relaySocket(
  request: Request,
  target: string,
  record: ProxiedRequest,
  sockets: Set<WebSocket>,
): Response {
  const { socket: near, response } = Deno.upgradeWebSocket(request);
  const far = new WebSocket(target.replace(/^http/, "ws") + record.path);
  near.binaryType = far.binaryType = "arraybuffer";
  record.status = response.status;
  join(near, far);
  join(far, near);
  return response;

  function join(from: WebSocket, to: WebSocket): void {
    sockets.add(from);
    const early: (string | ArrayBuffer)[] = [];
    from.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      record.bytes += typeof data === "string"
        ? new TextEncoder().encode(data).length
        : data.byteLength;
      if (to.readyState === WebSocket.OPEN) to.send(data);
      else early.push(data);
    };
    to.addEventListener("open", () => early.splice(0).forEach((data) => to.send(data)));
    from.onclose = () => {
      sockets.delete(from);
      if (to.readyState <= WebSocket.OPEN) to.close();
    };
    from.onerror = () => {};
  }
}
