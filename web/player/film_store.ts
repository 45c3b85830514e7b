import { MEDIA_CACHE, partUrl } from "../../sw/bridge.ts";

/** What the peer cache has of a film from byte `at` on. Nothing of it is proven. */
export interface StoredPart {
  readonly at: number;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Reads what earlier visits, and the worker on this one, have kept of a film, part by part. */
export async function* storedParts(film: string): AsyncGenerator<StoredPart> {
  const cache = await caches.open(MEDIA_CACHE);
  const prefix = partUrl(film, "");
  for (const { url } of await cache.keys()) {
    if (!url.startsWith(prefix)) continue;
    const body = await (await cache.match(url))?.arrayBuffer();
    if (body) yield { at: Number(url.slice(prefix.length)), body: new Uint8Array(body) };
  }
}
