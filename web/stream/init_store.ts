import type { Bytes } from "../../edge/media/stream/bytes.ts";
import { MARK } from "../net/edge_http.ts";

const FETCH_MS = 5_000;

/** The init segments of a channel: fetched from the edge when they are first heard of, so that they are here when it is away. */
export interface InitStore {
  /** By path below the base. */
  get(uri: string): Bytes | undefined;
  /** Fetches it, if it is not here or on its way. */
  want(uri: string): void;
  /** Lets go of all but these. */
  keep(uris: ReadonlySet<string>): void;
}

/** `arrived` is called with every one that has come; one that has not is fetched when it is wanted again. */
export function createInitStore(base: string, arrived: () => void): InitStore {
  const held = new Map<string, Bytes | undefined>();

  async function load(uri: string): Promise<void> {
    held.set(uri, undefined);
    try {
      const response = await fetch(`${base}${uri}?${MARK}`, {
        credentials: "omit",
        signal: AbortSignal.timeout(FETCH_MS),
      });
      const bytes = new Uint8Array(await response.arrayBuffer());
      if (!response.ok) throw new Error(`status ${response.status}`);
      held.set(uri, bytes);
      arrived();
    } catch {
      held.delete(uri);
    }
  }

  return {
    get: (uri) => held.get(uri),
    want: (uri) => void (held.has(uri) || load(uri)),
    keep(uris) {
      for (const uri of held.keys()) if (!uris.has(uri)) held.delete(uri);
    },
  };
}
