/** What becomes of an element whose address is the finished list of a film. */
import { assertEquals, assertRejects } from "@std/assert";
import { playListed } from "../../../web/player/listed_film.ts";

const EDGE = "https://edge.example/";

/** The element's address after it was looked at, whether it was told to play, and what the edge was asked. */
async function listed(
  address: string,
  { hls = false, paused = true, answer = Response.json({}) }: {
    hls?: boolean;
    paused?: boolean;
    answer?: Response | Error;
  } = {},
) {
  const element = new class extends EventTarget {
    #src = address;
    currentSrc = "";
    paused = paused;
    played = false;
    get src() {
      return this.#src;
    }
    set src(next: string) {
      this.#src = next;
      queueMicrotask(() => this.dispatchEvent(new Event("loadstart")));
    }
    canPlayType = () => hls ? "maybe" : "";
    play() {
      this.played = true;
      return Promise.resolve();
    }
  }();
  const asked: string[] = [];
  const { fetch, PerformanceObserver } = globalThis;
  globalThis.fetch = (input, init) => {
    asked.push(`${init?.method} ${input}`);
    if (answer instanceof Error) return Promise.reject(answer);
    // As after a redirect.
    Object.defineProperty(answer, "url", { value: `${EDGE}vod/film.mpd.r1.mp4?bandwidth=9` });
    return Promise.resolve(answer);
  };
  globalThis.PerformanceObserver = class {
    observe() {}
  } as unknown as typeof PerformanceObserver;
  try {
    await playListed(element as unknown as HTMLMediaElement, EDGE);
  } finally {
    Object.assign(globalThis, { fetch, PerformanceObserver });
  }
  return { src: element.src, played: element.played, asked };
}

Deno.test("an element gets the edge's file in place of the list, and plays on if it was told to", async () => {
  const address = `${EDGE}vod/film.mpd?a=b#t=30`;
  assertEquals(await listed(address), {
    src: `${EDGE}vod/film.mpd.r1.mp4#t=30`,
    played: false,
    asked: [`HEAD ${EDGE}vod/film.mpd.mp4`],
  });
  assertEquals((await listed(address, { paused: false })).played, true);
});

Deno.test("HLS is left to a browser that plays it, DASH to none", async () => {
  const hls = `${EDGE}vod/film.m3u8`;
  assertEquals(await listed(hls, { hls: true }), { src: hls, played: false, asked: [] });
  assertEquals((await listed(hls)).asked.length, 1);
  assertEquals((await listed(`${EDGE}vod/film.mpd`, { hls: true })).asked.length, 1);
});

Deno.test("where the edge makes no file of it, or is away, the element keeps what it has", async () => {
  const address = `${EDGE}vod/film.m3u8`;
  const { src } = await listed(address, { answer: new Response(null, { status: 502 }) });
  assertEquals(src, address);
  await assertRejects(() => listed(address, { answer: new TypeError("away") }));
});
