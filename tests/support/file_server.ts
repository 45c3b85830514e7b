import { contentType } from "@std/media-types/content-type";
import { extname } from "@std/path";
import { mediaResponse } from "../../edge/origin/media_response.ts";

/** Files on a static web server. */
export interface FileServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  /** By path, with its slash; may be changed at any time. What is not there is answered with 404. */
  readonly files: Map<string, Uint8Array<ArrayBuffer>>;
  /** What was asked for, oldest first. */
  readonly requests: readonly { readonly path: string; readonly range: string | null }[];
}

/** Serves files with ETags, and with `ranges: false` as a server that knows no range requests. */
export function serveFiles(
  files: Record<string, Uint8Array<ArrayBuffer> | string>,
  { ranges = true, port = 0 } = {},
): FileServer {
  const held = new Map(
    Object.entries(files).map(([path, file]) =>
      [path, typeof file === "string" ? new TextEncoder().encode(file) : file] as const
    ),
  );
  const requests: { path: string; range: string | null }[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port, onListen: () => {} }, (request) => {
    const { pathname: path } = new URL(request.url);
    requests.push({ path, range: request.headers.get("Range") });
    const bytes = held.get(path);
    if (!bytes) return new Response("There is no such file.", { status: 404 });
    const etag = `"${bytes.length}-${bytes.at(-1)}"`;
    const type = contentType(extname(path)) ?? "application/octet-stream";
    if (!ranges) return new Response(bytes, { headers: { "Content-Type": type, ETag: etag } });
    return mediaResponse(request, { bytes, contentType: type, etag, cacheControl: "no-cache" });
  });
  return {
    origin: `http://127.0.0.1:${server.addr.port}`,
    files: held,
    requests,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
