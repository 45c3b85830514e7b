/**
 * A port for sources, besides the one for viewers. It speaks HTTP/1 as encoders do: some close as
 * soon as all is sent, and `Deno.serve` then throws away what it has not handed over yet (2.9); some
 * name their user only when refused before they send, and `Deno.serve` has them send at once; some
 * say `SOURCE` and `ICE/1.0`.
 */
import { STATUS_CODES } from "node:http";
import { type ByteSource, readBody } from "./http1_body.ts";
import { readRequestHead, type RequestHead } from "./http1_head.ts";

export interface SourcePort {
  readonly port: number;
  /** Ends all connections. */
  stop(): Promise<void>;
}

export type SourceHandler = (
  request: Request,
  info: { readonly remoteAddr: Deno.NetAddr },
) => Response | Promise<Response>;

const MAX_HEAD_BYTES = 16 * 1024;
const READ_BYTES = 64 * 1024;
/** For a head, and for each part of a body: a source that says nothing for so long is gone, ms. */
const SILENCE_MS = 30_000;
const MAX_CONNECTIONS = 1_000;
const METHODS = "GET, HEAD, POST, PUT, DELETE, OPTIONS, SOURCE";

/** Listens for sources. Throws what `Deno.listen` throws. */
export function serveSources(
  { hostname, port }: { hostname: string; port: number },
  handler: SourceHandler,
): SourcePort {
  const listener = Deno.listen({ hostname, port });
  const open = new Map<Deno.TcpConn, Promise<void>>();

  async function accept(): Promise<void> {
    for await (const connection of listener) {
      if (open.size >= MAX_CONNECTIONS) {
        connection.close();
        continue;
      }
      const served = serve(connection, handler)
        // A client that is gone is nobody's fault.
        .catch(() => {})
        .finally(() => {
          open.delete(connection);
          close(connection);
        });
      open.set(connection, served);
    }
  }
  const accepting = accept();

  return {
    port: listener.addr.port,
    async stop() {
      listener.close();
      for (const connection of open.keys()) close(connection);
      await Promise.all([accepting, ...open.values()]);
    },
  };
}

async function serve(connection: Deno.TcpConn, handler: SourceHandler): Promise<void> {
  const source = bytesOf(connection);
  for (;;) {
    const text = await readHeadText(source);
    if (text === undefined) return;
    const head = readRequestHead(text);
    if (!head) return await refuse(connection);
    const keepsAlive = head.target === "*"
      ? await tellMethods(connection, head)
      : await answer(connection, source, head, handler);
    if (!keepsAlive) return;
  }
}

/** Has the request answered; `true` if another may follow. */
async function answer(
  connection: Deno.TcpConn,
  source: ByteSource,
  head: RequestHead,
  handler: SourceHandler,
): Promise<boolean> {
  const { method, target, headers, framing } = head;
  const next = readBody(source, framing);
  // Sources of Icecast that do not ask to go on wait for an answer, and send without end after it.
  const answersFirst = framing === "until-close" && !head.expectsContinue;
  let word = answersFirst ? "HTTP/1.0 200 OK\r\n\r\n" : "HTTP/1.1 100 Continue\r\n\r\n";
  if (!answersFirst && !head.expectsContinue) word = "";
  let answered = false;
  let complete = framing === 0;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      if (word !== "") await write(connection, word);
      word = "";
      answered = answersFirst;
      const bytes = await next();
      if (bytes) return controller.enqueue(bytes);
      complete = true;
      controller.close();
    },
  }, { highWaterMark: 0 });
  const host = headers.get("Host") ?? "localhost";
  const url = URL.parse(`http://${host}${target}`) ?? new URL(`http://localhost${target}`);
  const request = new Request(url, { method, headers, ...(framing === 0 ? {} : { body }) });
  const response = await handler(request, { remoteAddr: connection.remoteAddr as Deno.NetAddr });
  if (answered) return false;
  const keepsAlive = head.keepsAlive && complete;
  await respond(connection, response, keepsAlive);
  return keepsAlive;
}

async function refuse(connection: Deno.TcpConn): Promise<void> {
  await respond(connection, new Response("This is no HTTP request.\n", { status: 400 }), false);
}

/** `OPTIONS *`, RFC 9110 §9.3.7: libshout asks so before anything else. */
async function tellMethods(connection: Deno.TcpConn, head: RequestHead): Promise<boolean> {
  const keepsAlive = head.keepsAlive && head.framing === 0;
  const asked = head.method === "OPTIONS";
  const headers = asked ? { Allow: METHODS } : {};
  await respond(connection, new Response(null, { status: asked ? 204 : 400, headers }), keepsAlive);
  return keepsAlive;
}

async function respond(
  connection: Deno.TcpConn,
  response: Response,
  keepsAlive: boolean,
): Promise<void> {
  const body = await response.bytes();
  const headers = new Headers(response.headers);
  headers.set("Content-Length", `${body.length}`);
  headers.set("Connection", keepsAlive ? "keep-alive" : "close");
  const lines = [...headers].map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const { status, statusText } = response;
  // libshout takes an answer without a reason for none.
  const reason = statusText || STATUS_CODES[status] || "Unknown";
  await write(connection, `HTTP/1.1 ${status} ${reason}\r\n${lines}\r\n`);
  await writeAll(connection, body);
}

function write(connection: Deno.TcpConn, text: string): Promise<void> {
  return writeAll(connection, new TextEncoder().encode(text));
}

async function writeAll(connection: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}

/** What stands before an empty line; `undefined` if the connection ends or it is too long. */
async function readHeadText(source: ByteSource): Promise<string | undefined> {
  let text = "";
  while (text.length < MAX_HEAD_BYTES) {
    const bytes = await source.read();
    if (!bytes) return undefined;
    const before = text.length;
    text += latin1(bytes);
    const end = /\r?\n\r?\n/.exec(text);
    if (!end) continue;
    const used = end.index + end[0].length - before;
    if (used < bytes.length) source.unread(bytes.subarray(used));
    return text.slice(0, end.index);
  }
  return undefined;
}

/** Headers may hold any byte (RFC 9110 §5.5); a character a byte keeps them apart. */
function latin1(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes.subarray(0, MAX_HEAD_BYTES)) text += String.fromCharCode(byte);
  return text;
}

function bytesOf(connection: Deno.TcpConn): ByteSource {
  let kept: Uint8Array<ArrayBuffer> | undefined;
  return {
    async read() {
      const before = kept;
      kept = undefined;
      if (before) return before;
      const buffer = new Uint8Array(READ_BYTES);
      const silence = setTimeout(() => close(connection), SILENCE_MS);
      try {
        const count = await connection.read(buffer);
        return count === null ? undefined : buffer.subarray(0, count);
      } finally {
        clearTimeout(silence);
      }
    },
    unread: (bytes) => void (kept = bytes),
  };
}

function close(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // Closed already.
  }
}
