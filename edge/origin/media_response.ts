import type { Span } from "../protocol/pieces.ts";
import { ifRangeHolds, noneMatchNames, readRange } from "./http_range.ts";

/** What a path stands for. */
export interface Representation {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly contentType: string;
  /** Strong, with its quotes. */
  readonly etag: string;
  readonly cacheControl: string;
}

/** For what never changes under its path. */
export const IMMUTABLE = "public, max-age=3600, immutable";
/**
 * For playlists. With `no-cache` Chromium's HTTP cache joins ranges of the old text and the new, and
 * asks twice as often.
 */
export const PASSING = "no-store";

/** Answers a GET or HEAD with 200, 206, 304 or 416, RFC 9110 §13 to §15. */
export function mediaResponse(request: Request, media: Representation): Response {
  const { bytes } = media;
  return rangeResponse(
    request,
    { ...media, length: bytes.length },
    ({ from, to }) => bytes.subarray(from, to),
  );
}

/** The same for `length` bytes of which `body` gives those that are wanted. */
export function rangeResponse(
  request: Request,
  media: Omit<Representation, "bytes"> & { readonly length: number },
  body: (span: Span) => BodyInit,
): Response {
  const { length, etag } = media;
  const headers = new Headers({
    "Accept-Ranges": "bytes",
    "Cache-Control": media.cacheControl,
    "ETag": etag,
  });
  if (noneMatchNames(request.headers.get("If-None-Match"), etag)) {
    return new Response(null, { status: 304, headers });
  }
  headers.set("Content-Type", media.contentType);
  // A range is defined for GET alone (§14.2).
  const wanted = request.method === "GET" && ifRangeHolds(request.headers.get("If-Range"), etag)
    ? request.headers.get("Range")
    : null;
  const range = readRange(wanted, length);
  switch (range.type) {
    case "full": {
      headers.set("Content-Length", String(length));
      const whole = request.method === "HEAD" ? null : body({ from: 0, to: length });
      return new Response(whole, { headers });
    }
    case "part": {
      const { from, to } = range;
      headers.set("Content-Length", String(to - from));
      headers.set("Content-Range", `bytes ${from}-${to - 1}/${length}`);
      return new Response(body(range), { status: 206, headers });
    }
    case "unsatisfiable":
      headers.delete("Content-Type");
      headers.set("Content-Range", `bytes */${length}`);
      return new Response(null, { status: 416, headers });
  }
}
