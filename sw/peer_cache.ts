import { type Clock, within } from "./clock.ts";
import { type CacheEntry, isStale, toEvict } from "./eviction.ts";

/** Where the index is kept between two lives of the worker. */
export interface IndexStore {
  load(): Promise<Map<string, CacheEntry> | undefined>;
  save(index: Map<string, CacheEntry>): Promise<void>;
}

/** Media that outlives the page that had it. Where the browser gives no storage it stays empty. */
export interface PeerCache {
  /** Keeps at most `bytes`. */
  limit(bytes: number): void;
  /** What is stored of `url`. `made` responses too, where the asker takes them. */
  match(url: string, takesMade: boolean): Promise<Response | undefined>;
  /** When the response of `url` was stored, ms since 1970; 0 where there is none. */
  storedMs(url: string): Promise<number>;
  /** Stores a 200 response of `bytes`. Never fails. */
  put(url: string, response: Response, what: Stored): Promise<void>;
}

export type Stored = Pick<CacheEntry, "bytes" | "live" | "made">;

export const DEFAULT_CAP_BYTES = 64 * 2 ** 20;
/** The index is written at most this often, ms. What a worker did not get to write is cleared by the next. */
const SAVE_EVERY_MS = 1_000;
/** Storage that takes longer than this does not help playback, ms. */
const STORAGE_TIMEOUT_MS = 300;

export function createPeerCache(
  open: () => Promise<Cache>,
  store: IndexStore,
  clock: Clock,
): PeerCache {
  let siteBytes = DEFAULT_CAP_BYTES;
  let quotaBytes = Infinity;
  let saving = false;
  let storage: { cache: Cache; index: Map<string, CacheEntry> } | undefined;
  let loading: Promise<unknown> | undefined;

  async function load(): Promise<void> {
    const [cache, index = new Map<string, CacheEntry>()] = await Promise.all([
      open(),
      store.load(),
    ]);
    const stored = new Set((await cache.keys()).map((request) => request.url));
    for (const url of index.keys()) if (!stored.has(url)) index.delete(url);
    for (const url of stored) if (!index.has(url)) cache.delete(url).catch(() => {});
    storage = { cache, index };
  }

  /** Waits for storage once; where that is slow, it is used from when it is there. */
  async function ready() {
    await (loading ??= within(clock, STORAGE_TIMEOUT_MS, load()));
    return storage;
  }

  function saveSoon(index: Map<string, CacheEntry>): void {
    if (saving) return;
    saving = true;
    clock.after(SAVE_EVERY_MS, () => {
      saving = false;
      store.save(index).catch(() => {});
    });
  }

  async function shrink(cache: Cache, index: Map<string, CacheEntry>): Promise<void> {
    const out = toEvict(index, Math.min(siteBytes, quotaBytes), clock.now());
    for (const url of out) index.delete(url);
    await Promise.all(out.map((url) => cache.delete(url)));
    saveSoon(index);
  }

  return {
    limit(bytes) {
      siteBytes = bytes;
    },
    async match(url, takesMade) {
      const { cache, index } = await ready() ?? {};
      const entry = index?.get(url);
      if (!cache || !index || !entry) return undefined;
      if (isStale(entry, clock.now()) || (entry.made && !takesMade)) return undefined;
      const found = cache.match(url, { ignoreVary: true });
      const response = await within(clock, STORAGE_TIMEOUT_MS, found);
      if (response) index.set(url, { ...entry, usedMs: clock.now() });
      else index.delete(url);
      saveSoon(index);
      return response;
    },
    async storedMs(url) {
      return (await ready())?.index.get(url)?.atMs ?? 0;
    },
    async put(url, response, what) {
      const { cache, index } = await ready() ?? {};
      if (!cache || !index || what.bytes > Math.min(siteBytes, quotaBytes)) return;
      try {
        await cache.put(url, response);
        const now = clock.now();
        index.set(url, { ...what, atMs: now, usedMs: now });
        await shrink(cache, index);
      } catch (error) {
        // The browser has less room than the site allows: half of what there is must do.
        if ((error as Error).name !== "QuotaExceededError") return;
        const held = [...index.values()].reduce((sum, entry) => sum + entry.bytes, 0);
        quotaBytes = held / 2;
        await shrink(cache, index).catch(() => {});
      }
    },
  };
}
