/** What the index of the peer cache says of one stored response. */
export interface CacheEntry {
  readonly bytes: number;
  /** When it was stored, ms since 1970. */
  readonly atMs: number;
  /** When it was last answered, ms since 1970. */
  readonly usedMs: number;
  /** Of the live window, and so worth little soon; init segments are not. */
  readonly live: boolean;
  /** Made by `new Response()`: native HLS refuses it, even out of the cache. */
  readonly made: boolean;
}

/** Nobody plays a live segment or playlist that is older, ms. */
export const MAX_LIVE_AGE_MS = 600_000;

export function isStale(entry: CacheEntry, nowMs: number): boolean {
  return entry.live && nowMs - entry.atMs > MAX_LIVE_AGE_MS;
}

/** The URLs that go: live ones that are too old, then the least recently used until `capBytes` hold the rest. */
export function toEvict(
  entries: Iterable<readonly [string, CacheEntry]>,
  capBytes: number,
  nowMs: number,
): string[] {
  const all = [...entries];
  const out = all.filter(([, entry]) => isStale(entry, nowMs)).map(([url]) => url);
  const kept = all.filter(([, entry]) => !isStale(entry, nowMs))
    .sort(([, a], [, b]) => a.usedMs - b.usedMs);
  let bytes = kept.reduce((sum, [, entry]) => sum + entry.bytes, 0);
  for (const [url, entry] of kept) {
    if (bytes <= capBytes) break;
    out.push(url);
    bytes -= entry.bytes;
  }
  return out;
}
