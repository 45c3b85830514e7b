import { auth } from "hono/utils/basic-auth";
import { timingSafeEqual } from "hono/utils/buffer";
import { IngestError } from "../origin/push/ingest_error.ts";

/** A request of a source that has shown the channel's key. */
export interface Admitted {
  /** The name that it gives itself; empty without one. */
  readonly user: string;
  /** Where it puts, without the key. */
  readonly path: string;
}

/**
 * Lets a source in that shows the channel's key: as the password of HTTP Basic (RFC 7617), as a
 * bearer token (RFC 6750 §2.1), or as the first folder of its path. The last is for ffmpeg's HLS and
 * DASH, which name their user only when refused, and are deaf once a runtime has said `100 Continue`.
 * Throws an `IngestError` with what to do.
 */
export async function admit(request: Request, path: string, key: string): Promise<Admitted> {
  const basic = auth(request);
  const token = /^Bearer +(\S+)$/i.exec(request.headers.get("Authorization") ?? "")?.[1];
  const [folder = "", ...below] = path.split("/");
  if (basic && await timingSafeEqual(basic.password, key)) return { user: basic.username, path };
  if (token !== undefined && await timingSafeEqual(token, key)) return { user: "", path };
  if (await timingSafeEqual(folder, key)) return { user: "", path: below.join("/") };
  const tried = basic !== null && basic !== undefined || token !== undefined;
  throw new IngestError(
    401,
    tried ? "wrong-key" : "key-required",
    tried ? "This is not the key of the channel." : "Going on air here takes the channel's key.",
    "Put it into the address as a folder, /ingest/CHANNEL/KEY/…, or send it as a password or bearer token.",
  );
}

/** For the answer to what `admit` threw. */
export function challenge(channel: string): Record<string, string> {
  return { "WWW-Authenticate": `Basic realm="ingest of ${channel}", charset="UTF-8"` };
}
