/** Films: short answers, made ones, and what the network brings is handed to the page. */
import { assert, assertEquals } from "@std/assert";
import { answer } from "../../sw/answer.ts";
import { BRIDGE_VERSION, type PageAnswer, partUrl, type WorkerMessage } from "../../sw/bridge.ts";
import type { Desk } from "../../sw/desk.ts";
import { createLinkNote, UNMEASURED } from "../../sw/link_note.ts";
import { createNetwork } from "../../sw/network.ts";
import { createNote } from "../../sw/note.ts";
import { createPageBook } from "../../sw/page_book.ts";
import { createPeerCache } from "../../sw/peer_cache.ts";
import { routeOf } from "../../sw/route.ts";
import { takeOn } from "../../sw/take_on.ts";
import { fakeCache } from "./fake_cache.ts";
import { fakeClock } from "./fake_clock.ts";

const NO_STORE = { load: () => Promise.resolve(undefined), save: () => Promise.resolve() };

const MIB = 1024 * 1024;
const FILM = Uint8Array.from({ length: 2 * MIB + 100 }, (_, at) => at % 251);
const url = "https://edge.example/vod/film.mp4";
const HELLO = {
  type: "tributary:hello",
  version: BRIDGE_VERSION,
  base: url,
  cacheBytes: 2 * MIB,
} as const;

function scene(says: (range: string | null) => PageAnswer[] = () => [NETWORK]) {
  const clock = fakeClock();
  const fetched: string[] = [];
  const served: Extract<WorkerMessage, { type: "tributary:served" }>[] = [];
  const pages = createPageBook();
  const fetcher: typeof fetch = (input, init) => {
    const range = new Headers(init?.headers ?? (input as Request).headers).get("range");
    fetched.push(`${range}`);
    const [, from, to] = /bytes=(\d+)-(\d*)/.exec(range ?? "bytes=0-")!.map(Number);
    const end = Math.min(FILM.length, to ? to + 1 : FILM.length);
    const headers = { "content-range": `bytes ${from}-${end - 1}/${FILM.length}` };
    const status = range ? 206 : 200;
    return Promise.resolve(new Response(FILM.slice(from, end), { status, headers }));
  };
  const desk: Desk = {
    pages,
    network: createNetwork("https://edge.example", fetcher),
    cache: createPeerCache(
      () => Promise.resolve(fakeCache()),
      { load: () => Promise.resolve(undefined), save: () => Promise.resolve() },
      clock,
    ),
    hls: createNote(NO_STORE, true),
    bandwidth: createLinkNote(createNote(NO_STORE, UNMEASURED), clock),
    clock,
    pageOf: () =>
      Promise.resolve({
        postMessage(message) {
          if (message.type === "tributary:served") return void served.push(message);
          const { port } = message;
          port.onmessage = () => port.close();
          for (const word of says(message.range)) port.postMessage(word);
        },
      }),
    fetchBlob: () => Promise.reject(new TypeError("no blob")),
  };
  async function get(range?: string) {
    const request = new Request(url, range ? { headers: { range } } : {});
    const route = routeOf({ method: "GET", url, destination: "video" })!;
    const behind: Promise<unknown>[] = [];
    const waitUntil = (work: Promise<unknown>) => void behind.push(work);
    const response = await answer({ request, route, page: "page", waitUntil }, desk);
    const bytes = await response.bytes();
    await Promise.all(behind);
    return { response, bytes, range: response.headers.get("content-range") };
  }
  /** What the peer cache has of the film from byte `at` on. */
  const kept = async (at: number) =>
    await (await desk.cache.match(partUrl(url, at), true))?.bytes();
  return { get, pages, fetched, served, kept };
}

const NETWORK: PageAnswer = { type: "network", reason: "no index yet" };

Deno.test("only elements' requests for films are ours", () => {
  const kind = (destination: string, address = url) =>
    routeOf({ method: "GET", url: address, destination })?.kind;
  assertEquals(kind("video"), "film");
  assertEquals(kind("audio", "https://a.example/x/vod/b/song.mp3?token=1"), "film");
  assertEquals(kind(""), undefined);
  assertEquals(kind("video", `${url}?tributary=engine`), undefined);
  assertEquals(kind("video", "https://edge.example/vod/"), undefined);
});

Deno.test("a page that is being opened gets the first bytes only, and asks again", async () => {
  const { get, pages, fetched, served, kept } = scene();
  pages.opened("page");
  const first = await get("bytes=0-");
  assertEquals([first.response.status, first.range], [206, `bytes 0-${MIB - 1}/${FILM.length}`]);
  assertEquals(first.bytes, FILM.slice(0, MIB));
  const next = await get(`bytes=${MIB + 5}-${FILM.length - 1}`);
  assertEquals(next.range, `bytes ${MIB + 5}-${2 * MIB - 1}/${FILM.length}`);
  const little = await get("bytes=7-9");
  assertEquals(little.bytes, FILM.slice(7, 10));
  assertEquals(fetched.length, 3);
  // It would not hear, and finds later what is a block.
  assertEquals(served, []);
  assertEquals(await kept(0), FILM.slice(0, MIB));
  assertEquals([await kept(MIB + 5), await kept(7)], [undefined, undefined]);
});

Deno.test("what the network brings for a page that knows us is handed to it, with its place", async () => {
  const { get, pages, served } = scene();
  pages.heard("page", HELLO);
  await get(`bytes=${MIB}-`);
  assertEquals(served.map(({ at, bytes, from }) => [at, bytes, from]), [[MIB, MIB, "edge"]]);
  assertEquals(new Uint8Array(served[0]!.body!), FILM.slice(MIB, 2 * MIB));
});

Deno.test("the page's answer is a part of the film, and where it stops the network goes on", async () => {
  const part = { from: 10, to: 1_000, silenceMs: 5_000 };
  const head = {
    type: "head",
    contentType: "video/mp4",
    length: FILM.length,
    cache: false,
  } as const;
  const chunk = { type: "chunk", bytes: FILM.slice(10, 600) } as const;
  const { get, pages, fetched, served } = scene(() => [{ ...head, part }, chunk, { type: "end" }]);
  pages.heard("page", HELLO);
  const { response, bytes, range } = await get("bytes=10-");
  assertEquals([response.status, range], [206, `bytes 10-999/${FILM.length}`]);
  assertEquals(bytes, FILM.slice(10, 1_000));
  assertEquals(fetched, ["bytes=600-999"]);
  assertEquals(served.map(({ bytes }) => bytes), [400]);
});

Deno.test("an answer that begins elsewhere than it was asked to is not used", async () => {
  const part = { from: 0, to: 1_000, silenceMs: 5_000 };
  const head = {
    type: "head",
    contentType: "video/mp4",
    length: FILM.length,
    cache: false,
  } as const;
  const { get, pages } = scene(() => [{ ...head, part }]);
  pages.heard("page", HELLO);
  assertEquals((await get("bytes=10-")).bytes, FILM.slice(10, MIB));
});

Deno.test("segments of a site's own HLS are no films, wherever they lie", () => {
  const { pages } = scene();
  const kind = (path: string) =>
    takeOn({
      request: { method: "GET", url: `https://site.example${path}`, destination: "video" },
      clientId: "page",
      resultingClientId: "",
    }, { pages, network: { leaves: () => false, isOwn: () => true }, hls: { known: () => true } })
      ?.kind;
  assertEquals(kind("/vod/show/one.ts"), undefined);
  assertEquals(kind("/vod/show/index.m3u8?token=1"), undefined);
  assertEquals(kind("/vod/show/hd/init.mp4"), undefined);
  assertEquals(kind("/vod/other.mp4"), "film");
});

Deno.test("an element that began past the worker is left to the browser until it begins anew", () => {
  const { pages } = scene();
  const network = { leaves: () => false, isOwn: () => true };
  const takes = () =>
    takeOn({
      request: { method: "GET", url, destination: "video" },
      clientId: "page",
      resultingClientId: "",
    }, { pages, network, hls: { known: () => true } }) !== undefined;
  assert(takes());
  pages.heard("page", { ...HELLO, past: true });
  assert(!takes());
  pages.heard("page", HELLO);
  assert(takes());
});
