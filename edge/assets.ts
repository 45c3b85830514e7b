import { contentType } from "@std/media-types/content-type";
import type { Context } from "hono";
import type { Platform } from "./platform/platform.ts";
import { errorResponse } from "./origin/error_response.ts";

/** Scripts and pages have no version in their names: browsers ask again, mostly for a 304. */
const ASK_AGAIN = "no-cache";
const AN_HOUR = "public, max-age=3600";
const PICTURES = /\.(jpg|png|svg|ico)$/;

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
    "Cache-Control": PICTURES.test(path) ? AN_HOUR : ASK_AGAIN,
    ...headers,
  });
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
