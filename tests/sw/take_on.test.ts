import { assertEquals } from "@std/assert";
import { BRIDGE_VERSION } from "../../sw/bridge.ts";
import { createPageBook } from "../../sw/page_book.ts";
import { takeOn } from "../../sw/take_on.ts";

const base = "https://edge.example/live/demo/";
const hello = { type: "tributary:hello", version: BRIDGE_VERSION, base, cacheBytes: 1 } as const;

/** A worker that sees navigations and media requests; both answer with the kind of what it takes on. */
function worker(
  leaves: (base: string) => boolean = () => false,
  playsHls: () => boolean | undefined = () => true,
) {
  const pages = createPageBook();
  const arrive = (url: string, destination: string, clientId: string, resultingClientId: string) =>
    takeOn({ request: { method: "GET", url, destination }, clientId, resultingClientId }, {
      pages,
      network: { leaves, isOwn: (url) => url.startsWith("https://edge.example/") },
      hls: { known: playsHls },
    })?.kind;
  return {
    pages,
    opens: (page: string) => arrive("https://edge.example/watch/demo", "document", "", page),
    asks: (page: string, file: string) => arrive(base + file, "video", page, ""),
  };
}

Deno.test("a page that is being opened is left to the browser until it has said hello", () => {
  const { pages, opens, asks } = worker();
  assertEquals(opens("page"), undefined);
  assertEquals(asks("page", "index.m3u8"), undefined);
  assertEquals(asks("page", "r0/1.m4s"), undefined);
  pages.heard("page", hello);
  assertEquals(asks("page", "r0/2.m4s"), "segment");
});

Deno.test("a page that the worker did not see opened is one that it forgot: it is answered", () => {
  const { opens, asks } = worker();
  opens("another");
  assertEquals(asks("page", "r0/1.m4s"), "segment");
});

Deno.test("a list is never left to a browser that may be unable to read it", () => {
  for (const playsHls of [false, undefined]) {
    const { opens, asks } = worker(() => false, () => playsHls);
    opens("page");
    assertEquals(asks("page", "index.m3u8"), "playlist");
    assertEquals(asks("page", "r0/1.m4s"), undefined);
  }
  const { opens, asks } = worker();
  opens("page");
  assertEquals(asks("page", "manifest.mpd"), "stream");
});

Deno.test("media that comes without CORS is left to the browser", () => {
  const { asks } = worker((left) => left === base);
  assertEquals(asks("page", "r0/1.m4s"), undefined);
});
