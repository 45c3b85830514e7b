import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { type CacheEntry, isStale, MAX_LIVE_AGE_MS, toEvict } from "../../sw/eviction.ts";

const NOW = 10 * MAX_LIVE_AGE_MS;
const entry = (some: Partial<CacheEntry>): CacheEntry => ({
  bytes: 10,
  atMs: NOW,
  usedMs: NOW,
  live: true,
  made: false,
  ...some,
});

Deno.test("the least recently used goes first, and only as much as must", () => {
  const entries: [string, CacheEntry][] = [
    ["newest", entry({ usedMs: NOW - 1 })],
    ["oldest", entry({ usedMs: NOW - 3 })],
    ["middle", entry({ usedMs: NOW - 2 })],
  ];
  assertEquals(toEvict(entries, 30, NOW), []);
  assertEquals(toEvict(entries, 29, NOW), ["oldest"]);
  assertEquals(toEvict(entries, 10, NOW), ["oldest", "middle"]);
});

Deno.test("live media that is too old goes though there is room, an init segment stays", () => {
  const old = { atMs: NOW - MAX_LIVE_AGE_MS - 1 };
  const entries: [string, CacheEntry][] = [
    ["segment", entry(old)],
    ["init", entry({ ...old, live: false })],
  ];
  assertEquals(toEvict(entries, 1_000, NOW), ["segment"]);
});

Deno.test("what stays fits, is not stale, and was used after all that went for room", () => {
  const time = fc.integer({ min: 0, max: NOW });
  const entries = fc.uniqueArray(
    fc.tuple(
      fc.webUrl(),
      fc.record({
        bytes: fc.nat(1_000),
        atMs: time,
        usedMs: time,
        live: fc.boolean(),
        made: fc.boolean(),
      }),
    ),
    { selector: ([url]) => url },
  );
  fc.assert(fc.property(entries, fc.nat(5_000), (all, cap) => {
    const out = new Set(toEvict(all, cap, NOW));
    const kept = all.filter(([url]) => !out.has(url)).map(([, one]) => one);
    const bytes = kept.reduce((sum, one) => sum + one.bytes, 0);
    assert(bytes <= cap);
    assert(kept.every((one) => !isStale(one, NOW)));
    const forRoom = all.filter(([url, one]) => out.has(url) && !isStale(one, NOW));
    const lastOut = Math.max(0, ...forRoom.map(([, one]) => one.usedMs));
    assert(kept.every((one) => one.usedMs >= lastOut));
    const last = forRoom.toSorted(([, a], [, b]) => a.usedMs - b.usedMs).at(-1);
    if (last) assert(bytes + last[1].bytes > cap);
  }));
});
