import { contentType } from "@std/media-types/content-type";
import type { Context } from "hono";
import type { Platform } from "./platform/platform.ts";
import { errorResponse } from "./origin/error_response.ts";

/** Scripts and pages have no version in their names: browsers ask again, mostly for a 304. */
const ASK_AGAIN = "no-cache";
const AN_HOUR = "public, max-age=3600";
const FOR_GOOD = "public, max-age=31536000, immutable";
const PICTURES = /\.(jpg|png|svg|ico)$/;
/** What scripts load in their turn is named after its hash by the bundler. */
const HASHED = /-[0-9A-Z]{8}\.js$/;

/** Answers with a built file, or says how to build it. */
export async function assetAnswer(
  c: Context,
  platform: Platform,
  path: string,
  headers: Record<string, string> = {},
): Promise<Response> {
  const bytes = await platform.asset(path);
  if (!bytes) return notBuilt(path);
  return c.body(bytes, 200, {
    "Content-Type": typeOf(path),
    "Content-Length": String(bytes.length),
    "Cache-Control": cacheControl(path),
    ...headers,
  });
}

function cacheControl(path: string): string {
  if (HASHED.test(path)) return FOR_GOOD;
  return PICTURES.test(path) ? AN_HOUR : ASK_AGAIN;
}

export function notBuilt(path: string): Response {
  return errorResponse(503, {
    code: "not-built",
    message: `${path} has not been built.`,
    hint: "Run deno task build, or start with deno task start, which does.",
  });
}

function typeOf(path: string): string {
  const type: string | undefined = contentType(path.slice(path.lastIndexOf(".")));
  return type ?? "application/octet-stream";
}
