import { assertEquals } from "@std/assert";
import { type CacheEntry, MAX_LIVE_AGE_MS } from "../../sw/eviction.ts";
import { createPeerCache, DEFAULT_CAP_BYTES, type IndexStore } from "../../sw/peer_cache.ts";
import { fakeCache } from "./fake_cache.ts";
import { fakeClock } from "./fake_clock.ts";

const segment = { bytes: 10, live: true, made: false };

function setting() {
  const clock = fakeClock();
  const storage = fakeCache();
  const saves: Map<string, CacheEntry>[] = [];
  const store: IndexStore = {
    load: () => Promise.resolve(saves.at(-1)),
    save: (index) => Promise.resolve(void saves.push(new Map(index))),
  };
  const open = () => createPeerCache(() => Promise.resolve(storage), store, clock);
  return { clock, storage, saves, store, open, cache: open() };
}

Deno.test("what was stored is answered, also by the next life of the worker", async () => {
  const { cache, open, clock } = setting();
  await cache.put("https://a/1", new Response("one"), segment);
  assertEquals(await (await cache.match("https://a/1", false))?.text(), "one");
  assertEquals(await cache.match("https://a/2", false), undefined);
  clock.pass(1_000);
  assertEquals(await (await open().match("https://a/1", false))?.text(), "one");
});

Deno.test("the index is written once for all changes of a second", async () => {
  const { cache, clock, saves } = setting();
  for (let at = 0; at < 5; at++) await cache.put(`https://a/${at}`, new Response("x"), segment);
  await cache.match("https://a/1", false);
  assertEquals(saves.length, 0);
  clock.pass(1_000);
  assertEquals(saves.map((index) => index.size), [5]);
});

Deno.test("a cap is kept by letting go of what was used least recently", async () => {
  const { cache, clock, storage } = setting();
  cache.limit(25);
  for (const url of ["https://a/1", "https://a/2"]) {
    await cache.put(url, new Response("x"), segment);
    clock.pass(1);
  }
  await cache.match("https://a/1", false);
  await cache.put("https://a/3", new Response("x"), segment);
  assertEquals(storage.urls, ["https://a/1", "https://a/3"]);
});

Deno.test("what is larger than the cap empties nothing", async () => {
  const { cache, storage } = setting();
  cache.limit(25);
  await cache.put("https://a/1", new Response("x"), segment);
  await cache.put("https://a/2", new Response("x"), { ...segment, bytes: 26 });
  assertEquals(storage.urls, ["https://a/1"]);
});

Deno.test("a response that was made is for those who take it", async () => {
  const { cache } = setting();
  await cache.put("https://a/1", new Response("x"), { ...segment, made: true });
  assertEquals(await cache.match("https://a/1", false), undefined);
  assertEquals(await (await cache.match("https://a/1", true))?.text(), "x");
});

Deno.test("live media is not answered once it is old, an init segment is", async () => {
  const { cache, clock } = setting();
  await cache.put("https://a/1", new Response("x"), segment);
  await cache.put("https://a/init", new Response("x"), { ...segment, live: false });
  clock.pass(MAX_LIVE_AGE_MS + 1);
  assertEquals(await cache.match("https://a/1", false), undefined);
  assertEquals(await (await cache.match("https://a/init", false))?.text(), "x");
});

Deno.test("a full disk halves what is kept, for good, and breaks nothing", async () => {
  const { cache, clock, storage } = setting();
  for (let at = 0; at < 4; at++) {
    await cache.put(`https://a/${at}`, new Response("x"), segment);
    clock.pass(1);
  }
  storage.failure = new DOMException("full", "QuotaExceededError");
  await cache.put("https://a/4", new Response("x"), segment);
  assertEquals(storage.urls, ["https://a/2", "https://a/3"]);
  storage.failure = undefined;
  cache.limit(DEFAULT_CAP_BYTES);
  await cache.put("https://a/5", new Response("x"), segment);
  assertEquals(storage.urls, ["https://a/3", "https://a/5"]);
});

Deno.test("any other failure to store goes by", async () => {
  const { cache, storage } = setting();
  storage.failure = new TypeError("Vary: *");
  await cache.put("https://a/1", new Response("x"), segment);
  assertEquals(await cache.match("https://a/1", false), undefined);
});

Deno.test("responses without an index entry are cleared, and entries without a response forgotten", async () => {
  const { cache, clock, storage, open } = setting();
  await cache.put("https://a/1", new Response("x"), segment);
  await cache.put("https://a/2", new Response("x"), segment);
  clock.pass(1_000);
  await storage.delete("https://a/1");
  await storage.put("https://a/3", new Response("x"));
  const next = open();
  assertEquals(await next.match("https://a/1", false), undefined);
  assertEquals(await next.storedMs("https://a/1"), 0);
  assertEquals(storage.urls, ["https://a/2"]);
});

Deno.test("without storage there is no cache and no error", async () => {
  const { clock, storage } = setting();
  const unavailable = () => {
    throw new ReferenceError("indexedDB is not defined");
  };
  const broken: IndexStore = { load: unavailable, save: unavailable };
  const cache = createPeerCache(() => Promise.resolve(storage), broken, clock);
  await cache.put("https://a/1", new Response("x"), segment);
  assertEquals(await cache.match("https://a/1", false), undefined);
});

Deno.test("storage that hangs holds the first request up for 300 ms, and no other", async () => {
  const { clock, storage } = setting();
  const hangs: IndexStore = { load: () => new Promise(() => {}), save: () => Promise.resolve() };
  const cache = createPeerCache(() => Promise.resolve(storage), hangs, clock);
  const first = cache.match("https://a/1", false);
  clock.pass(300);
  assertEquals(await first, undefined);
  assertEquals(await cache.match("https://a/2", false), undefined);
  assertEquals(clock.waiting, 0);
});
