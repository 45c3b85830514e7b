/**
 * Private channels. Their address ends in a key that nobody can guess, and who has the address
 * watches: a capability URL (W3C TAG, Good Practices for Capability URLs). It stands in the path, not
 * in a query, since all that is written relative to it has it too: playlists stay as the source sent
 * them, and every player just plays.
 */
import { encodeBase64Url } from "@std/encoding";
import { timingSafeEqual } from "hono/utils/buffer";
import type { ErrorBody } from "../origin/error_response.ts";
import { IngestError } from "../origin/push/ingest_error.ts";
import type { Channel } from "./channels.ts";
import { admit } from "./ingest_key.ts";

const KEY_BYTES = 16;
/** Cannot stand in a name. */
const MARK = "~";

export function newWatchKey(): string {
  return encodeBase64Url(crypto.getRandomValues(new Uint8Array(KEY_BYTES)));
}

/** What stands for a channel in paths: `NAME`, and `NAME~KEY` of a private one. */
export function addressOf({ origin: { name }, owner }: Channel): string {
  const key = owner.watchKey();
  return key === undefined ? name : name + MARK + key;
}

/** The reverse of `addressOf`; the key is empty where there is none. */
export function splitAddress(address: string): { name: string; key: string } {
  const [name = "", ...key] = address.split(MARK);
  return { name, key: key.join(MARK) };
}

/** For logs: the address without the key. */
export function withoutKeys(path: string): string {
  return path.replaceAll(/~[\w-]+/g, `${MARK}KEY`);
}

/** Whether who has this key may watch: always, if the channel is not private; its owner always may. */
export async function mayWatch(
  { owner, key: ownersKey }: Channel,
  key: string,
  request: Request,
): Promise<boolean> {
  await owner.loaded;
  const wanted = owner.watchKey();
  if (wanted === undefined || await timingSafeEqual(key, wanted)) return true;
  if (ownersKey === undefined || !request.headers.has("Authorization")) return false;
  return await isOwner(request, ownersKey);
}

async function isOwner(request: Request, key: string): Promise<boolean> {
  try {
    await admit(request, "", key);
    return true;
  } catch (error) {
    if (!(error instanceof IngestError)) throw error;
    return false;
  }
}

/** What who may not watch is told. */
export function privateChannel(name: string, key: string): ErrorBody["error"] {
  return key === ""
    ? {
      code: "private-channel",
      message: `${name} is private.`,
      hint:
        `Ask whoever sent you here for the whole address: it has ${name}${MARK} and a key in it.`,
    }
    : {
      code: "wrong-watch-key",
      message: `${name} is private, and this address does not open it.`,
      hint: "It may have been cut off on its way, or changed since: ask for it once more.",
    };
}

/** An answer about a channel; where that is private, caches between the edge and whoever asked must not keep it. */
export function answeredFor({ owner }: Channel, response: Response): Response {
  // A handshake has to stay as the runtime made it.
  if (owner.watchKey() === undefined || response.status === 101) return response;
  const said = response.headers.get("Cache-Control")?.split(/\s*,\s*/) ?? [];
  const kept = said.filter((word) => word !== "public" && word !== "private");
  response.headers.set("Cache-Control", ["private", ...kept].join(", "));
  return response;
}
