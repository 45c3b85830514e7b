import { assertEquals } from "@std/assert";
import { partUrl } from "../../../sw/bridge.ts";
import { openFilmStore } from "../../../web/player/film_store.ts";
import { fakeCache } from "../../sw/fake_cache.ts";

const FILM = "https://edge.example/vod/film.mp4";

/** A browser's Cache Storage, for as long as a test. */
function browserWith(open: () => Promise<Cache>) {
  const before = Object.getOwnPropertyDescriptor(globalThis, "caches")!;
  Object.defineProperty(globalThis, "caches", { configurable: true, value: { open } });
  return { [Symbol.dispose]: () => void Object.defineProperty(globalThis, "caches", before) };
}

Deno.test("what is kept of this film is taken in, each part once, and what is asked for first", async () => {
  const cache = fakeCache();
  for (const at of [0, 100, 200]) await cache.put(partUrl(FILM, at), new Response(`${at}`));
  await cache.put(partUrl(`${FILM}2`, 0), new Response("of another film"));
  await cache.put("https://edge.example/live/demo/r0/init-1.mp4", new Response("init"));
  using _ = browserWith(() => Promise.resolve(cache));
  const taken: string[] = [];
  const store = await openFilmStore(FILM, (at, body) => {
    taken.push(`${at}: ${new TextDecoder().decode(body)}`);
    return Promise.resolve();
  });
  assertEquals(store.take(300), undefined);
  await store.take(200);
  await store.takeAll();
  await store.take(0);
  assertEquals(taken, ["200: 200", "0: 0", "100: 100"]);
});

Deno.test("without storage, or where it breaks, there is nothing", async () => {
  const nothing = () => Promise.reject(new Error("not to be called"));
  {
    using _ = browserWith(() => Promise.reject(new DOMException("no storage", "SecurityError")));
    const store = await openFilmStore(FILM, nothing);
    assertEquals(store.take(0), undefined);
    await store.takeAll();
  }
  const cache = fakeCache();
  await cache.put(partUrl(FILM, 0), new Response("part"));
  using _ = browserWith(() => Promise.resolve(cache));
  const store = await openFilmStore(FILM, nothing);
  cache.match = () => Promise.reject(new Error("gone"));
  await store.takeAll();
  // One that hangs is not waited for.
  const slow = await openFilmStore(FILM, nothing);
  cache.match = () => new Promise(() => {});
  await slow.takeAll();
});
