import { MEDIA_CACHE, partUrl } from "../../sw/bridge.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Storage that takes longer than this does not help playback, ms. */
const TIMEOUT_MS = 300;

/** What the peer cache has of one film, by the byte that it begins with. Nothing of it is proven. */
export interface FilmStore {
  /** Takes in what begins at this byte, once, and answers when that is done or late; `undefined`: there is nothing. */
  take(at: number): Promise<void> | undefined;
  /** Takes in all that is left. */
  takeAll(): Promise<void>;
}

/**
 * Finds what earlier visits, and the worker before the page spoke, have kept of a film. Where there is
 * no storage there is nothing.
 */
export async function openFilmStore(
  film: string,
  takeIn: (at: number, body: Bytes) => Promise<void>,
): Promise<FilmStore> {
  const taken = new Map<number, Promise<void> | undefined>();

  async function list(): Promise<void> {
    const cache = await caches.open(MEDIA_CACHE);
    const prefix = partUrl(film, "");
    for (const { url } of await cache.keys()) {
      if (url.startsWith(prefix)) taken.set(Number(url.slice(prefix.length)), undefined);
    }
  }

  async function read(at: number): Promise<void> {
    const cache = await caches.open(MEDIA_CACHE);
    const body = await (await cache.match(partUrl(film, at)))?.arrayBuffer();
    if (body) await takeIn(at, new Uint8Array(body));
  }

  function take(at: number): Promise<void> | undefined {
    if (taken.has(at) && !taken.get(at)) taken.set(at, inTime(read(at)));
    return taken.get(at);
  }

  await inTime(list());
  return {
    take,
    async takeAll() {
      for (const at of taken.keys()) await take(at);
    },
  };
}

/** Waits for work with storage, which may be forbidden, broken or slow. */
async function inTime(work: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => timer = setTimeout(resolve, TIMEOUT_MS));
  await Promise.race([work.catch(() => {}), late]);
  clearTimeout(timer);
}
