import { assert, assertEquals, assertRejects } from "@std/assert";
import { answer } from "../../sw/answer.ts";
import { BRIDGE_VERSION, type PageAnswer, type WorkerMessage } from "../../sw/bridge.ts";
import type { Desk } from "../../sw/desk.ts";
import { createLinkNote, UNMEASURED } from "../../sw/link_note.ts";
import { createNetwork } from "../../sw/network.ts";
import { createNote } from "../../sw/note.ts";
import { createPageBook } from "../../sw/page_book.ts";
import { createPeerCache } from "../../sw/peer_cache.ts";
import { routeOf } from "../../sw/route.ts";
import { fakeCache } from "./fake_cache.ts";
import { fakeClock } from "./fake_clock.ts";

const NO_STORE = { load: () => Promise.resolve(undefined), save: () => Promise.resolve() };

const base = "https://edge.example/live/demo/";
const segment = `${base}r0/1.m4s`;
const init = `${base}r0/init-0.mp4`;
const playlist = `${base}index.m3u8`;

type Network = (request: Request) => Response | undefined;
/** What the page says to a request: words in turn, or nothing at all. */
type Answers = (url: string) => PageAnswer[] | "silence";

/** A worker with one page that said hello, unless it is a stranger. */
function scene({ says = () => "silence", network = () => undefined, stranger = false }: {
  says?: Answers;
  network?: Network;
  stranger?: boolean;
}) {
  const clock = fakeClock();
  const storage = fakeCache();
  const fetched: string[] = [];
  const asked: string[] = [];
  const served: Extract<WorkerMessage, { type: "tributary:served" }>[] = [];
  const dones: boolean[] = [];
  const blobs = new Map<string, Blob>();
  const heard: Promise<void>[] = [];

  const page = {
    postMessage(message: WorkerMessage) {
      if (message.type === "tributary:served") return void served.push(message);
      asked.push(message.url);
      const words = says(message.url);
      const { port } = message;
      const done = Promise.withResolvers<void>();
      heard.push(done.promise);
      port.onmessage = ({ data }) => {
        dones.push(data.used);
        port.close();
        done.resolve();
      };
      if (words === "silence") queueMicrotask(() => clock.pass(400));
      else for (const word of words) port.postMessage(word);
    },
  };
  const fetcher: typeof fetch = (input, init) => {
    const request = new Request(input, init);
    const range = request.headers.get("range");
    fetched.push(range ? `${request.url} ${range}` : request.url);
    const response = network(request);
    return response ? Promise.resolve(response) : Promise.reject(new TypeError("no network"));
  };
  let client = "page";
  const desk: Desk = {
    pages: createPageBook(),
    network: createNetwork("https://edge.example", fetcher),
    cache: createPeerCache(
      () => Promise.resolve(storage),
      { load: () => Promise.resolve(undefined), save: () => Promise.resolve() },
      clock,
    ),
    hls: createNote(NO_STORE, true),
    bandwidth: createLinkNote(createNote(NO_STORE, UNMEASURED), clock),
    clock,
    pageOf: (id) => Promise.resolve(id === client ? page : undefined),
    fetchBlob(url) {
      const blob = blobs.get(url);
      return blob ? Promise.resolve(new Response(blob)) : Promise.reject(new TypeError("no blob"));
    },
  };
  if (!stranger) {
    const hello = {
      type: "tributary:hello",
      version: BRIDGE_VERSION,
      base,
      cacheBytes: 1e6,
    } as const;
    desk.pages.heard("page", hello);
  }

  /** Asks as an element or a player does, and waits for the work behind the answer. */
  async function get(url: string, destination = "video", range?: string) {
    const request = new Request(url, range ? { headers: { range } } : {});
    const route = routeOf({ method: "GET", url, destination })!;
    const behind: Promise<unknown>[] = [];
    const waitUntil = (work: Promise<unknown>) => void behind.push(work);
    const response = await answer({ request, route, page: client, waitUntil }, desk);
    const { status } = response;
    const text = await response.text();
    await Promise.all([...behind, ...heard]);
    return { status, text, headers: response.headers };
  }
  /** The page is loaded anew: another client, which has said nothing yet. */
  const leave = () => void (client = "reloaded");
  return { get, leave, clock, storage, fetched, asked, served, dones, blobs, desk };
}

const blobOf = (url: string, cache = true): PageAnswer[] => [
  { type: "blob", url, contentType: "video/mp4", cache },
];
const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("a segment that the page has is answered from it, and asked of nobody else", async () => {
  const { get, blobs, fetched, dones } = scene({ says: () => blobOf("blob:1") });
  blobs.set("blob:1", new Blob(["media"]));
  assertEquals((await get(segment)).text, "media");
  assertEquals(fetched, []);
  assertEquals(dones, [true]);
});

Deno.test("a segment of the page outlives it in the peer cache", async () => {
  const { get, leave, blobs } = scene({ says: () => blobOf("blob:1") });
  blobs.set("blob:1", new Blob(["media"]));
  await get(segment);
  leave();
  blobs.clear();
  assertEquals((await get(segment)).text, "media", "where neither page nor network has it");
});

Deno.test("a page at work is asked before the peer cache, which stands in for it", async () => {
  const answers = [blobOf("blob:1"), blobOf("blob:1"), [{ type: "network", reason: "gone" }]];
  const says = () => answers.shift() as PageAnswer[];
  const { get, blobs, asked, served, fetched } = scene({ says });
  blobs.set("blob:1", new Blob(["media"]));
  for (let times = 0; times < 3; times++) assertEquals((await get(segment)).text, "media");
  assertEquals([asked.length, served.length, fetched], [3, 1, []]);
});

Deno.test("a segment that the page does not want kept is not kept", async () => {
  const { get, blobs, storage } = scene({ says: () => blobOf("blob:1", false) });
  blobs.set("blob:1", new Blob(["media"]));
  await get(segment);
  assertEquals(storage.urls, []);
});

Deno.test("every way in which a page fails ends at the network, and is told to it", async () => {
  const head = { type: "head", contentType: "video/mp4", length: 5, cache: true } as const;
  const ways: Record<string, Answers> = {
    "refuses": () => [{ type: "network", reason: "not now" }],
    "is silent": () => "silence",
    "has revoked its blob": () => blobOf("blob:gone"),
    "streams to an element":
      () => [head, { type: "chunk", bytes: bytes("media") }, { type: "end" }],
    "speaks nonsense": () => [{ type: "nonsense" } as unknown as PageAnswer, { type: "end" }],
  };
  for (const [way, says] of Object.entries(ways)) {
    const { get, dones, served } = scene({ says, network: () => new Response("media") });
    assertEquals((await get(segment)).text, "media", way);
    assertEquals(dones, [false], way);
    assertEquals(served.map(({ from, body }) => [from, body?.byteLength]), [["edge", 5]], way);
  }
});

Deno.test("what came from the network is never fetched twice", async () => {
  const { get, fetched } = scene({ network: () => new Response("media") });
  await get(segment);
  await get(segment, "video", "bytes=0-");
  assertEquals((await get(segment, "", "bytes=1-2")).text, "ed");
  assertEquals(fetched, [segment]);
});

Deno.test("an element that asks for a part of what is cached gets it from the network", async () => {
  const network = (request: Request) =>
    request.headers.has("range")
      ? new Response("me", { status: 206, headers: { "content-length": "2" } })
      : new Response("media");
  const { get, served } = scene({ network });
  await get(segment);
  assertEquals((await get(segment, "video", "bytes=0-1")).status, 206);
  assertEquals(served.map(({ bytes, body }) => [bytes, body?.byteLength]), [
    [5, 5],
    [2, undefined],
  ]);
});

Deno.test("a page without a tag is asked once, told nothing and fills no cache", async () => {
  const network = () => new Response("media");
  const { get, asked, served, storage } = scene({ stranger: true, network });
  await get(segment);
  await get(segment);
  assertEquals([asked.length, served, storage.urls], [1, [], []]);
});

Deno.test("the network does not wait for a stranger, and a stranger that answers may come first", async () => {
  const slow = scene({ stranger: true, network: () => new Response("media") });
  assertEquals((await slow.get(segment)).text, "media", "no word of the stranger");
  const quick = scene({ stranger: true, says: () => blobOf("blob:1") });
  quick.blobs.set("blob:1", new Blob(["media"]));
  assertEquals((await quick.get(segment)).text, "media", "no network");
});

Deno.test("a page that said bye is told nothing more", async () => {
  const { get, desk, served } = scene({ network: () => new Response("media") });
  await get(segment);
  desk.pages.heard("page", { type: "tributary:bye", base });
  await get(segment);
  assertEquals(served.map(({ from }) => from), ["edge"]);
});

Deno.test("an init segment is fetched once, and is not asked of the page", async () => {
  const { get, asked, fetched, served } = scene({ network: () => new Response("init") });
  await get(init);
  assertEquals((await get(init)).text, "init");
  assertEquals([asked, fetched], [[], [init]]);
  assertEquals(served.map(({ from, body }) => [from, body]), [["edge", undefined], [
    "cache",
    undefined,
  ]]);
});

Deno.test("an error of the edge is passed on and not kept", async () => {
  const { get, storage } = scene({ network: () => new Response("gone", { status: 404 }) });
  assertEquals((await get(segment)).status, 404);
  assertEquals(storage.urls, []);
});

Deno.test("with no page, no cache and no network the answer fails, so that the browser may ask", async () => {
  const { get } = scene({});
  await assertRejects(() => get(segment), TypeError);
});

Deno.test("the last playlist is answered when the edge is away and the page silent", async () => {
  for (const away of [undefined, new Response("bad gateway", { status: 502 })]) {
    let network: Network = () => new Response("#EXTM3U");
    const { get } = scene({ network: (request) => network(request) });
    await get(playlist);
    network = () => away;
    assertEquals((await get(playlist)).text, "#EXTM3U");
  }
});

Deno.test("the copy of a playlist may be the page's too, and is renewed at most each five seconds", async () => {
  const { get, blobs, clock, storage } = scene({ says: () => blobOf("blob:1", false) });
  const copy = async () => await (await storage.match(playlist))?.text();
  for (
    const [text, expected, ms] of [["1", "1", 4_000], ["2", "1", 2_000], ["3", "3", 0]] as const
  ) {
    blobs.set("blob:1", new Blob([text]));
    assertEquals((await get(playlist)).text, text);
    assertEquals(await copy(), expected);
    clock.pass(ms);
  }
});

Deno.test("a player gets the page's stream, and any range of it", async () => {
  const says = () =>
    [
      { type: "head", contentType: "video/mp4", length: 5, cache: false },
      { type: "chunk", bytes: bytes("med") },
      { type: "chunk", bytes: bytes("ia") },
      { type: "end" },
    ] satisfies PageAnswer[];
  const { get, fetched, dones } = scene({ says });
  const whole = await get(segment, "");
  assertEquals([whole.status, whole.text], [200, "media"]);
  assertEquals(whole.headers.get("content-type"), "video/mp4");
  const part = await get(segment, "", "bytes=1-3");
  assertEquals([part.status, part.text], [206, "edi"]);
  assertEquals((await get(segment, "", "bytes=5-")).status, 416);
  assertEquals(fetched, []);
  assertEquals(dones, [true, true, true]);
});

Deno.test("a stream that stops is read on from the network by range", async () => {
  const says = () =>
    [
      { type: "head", contentType: "video/mp4", length: 5, cache: true },
      { type: "chunk", bytes: bytes("me") },
      { type: "end" },
    ] satisfies PageAnswer[];
  const network = () =>
    new Response("dia", { status: 206, headers: { "content-range": "bytes 2-4/5" } });
  const { get, fetched } = scene({ says, network });
  assertEquals((await get(segment, "")).text, "media");
  assertEquals(fetched, [`${segment} bytes=2-4`]);
});

Deno.test("a stream is kept for players, and not for elements, which refuse it", async () => {
  const stream: PageAnswer[] = [
    { type: "head", contentType: "video/mp4", length: 5, cache: true },
    { type: "chunk", bytes: bytes("media") },
    { type: "end" },
  ];
  const answers = [stream];
  const says = () => answers.shift() ?? [{ type: "network", reason: "gone" } as const];
  const { get, fetched } = scene({ says, network: () => new Response("media") });
  await get(segment, "");
  await get(segment, "");
  assertEquals(fetched, []);
  await get(segment, "video");
  assertEquals(fetched, [segment]);
});

Deno.test("half a playlist of the page is never mixed with one of the network", async () => {
  const says = () =>
    [
      { type: "head", contentType: "text/plain", length: 7, cache: false },
      { type: "chunk", bytes: bytes("#EX") },
      { type: "end" },
    ] satisfies PageAnswer[];
  const { get, fetched } = scene({ says, network: () => new Response("#EXTM3U new") });
  assertEquals((await get(playlist, "")).text, "#EXTM3U new");
  assertEquals(fetched, [playlist]);
});

Deno.test("a player gets the page's blob under the URL that it asked for", async () => {
  const { get, blobs } = scene({ says: () => blobOf("blob:1") });
  blobs.set("blob:1", new Blob(["0123456789"]));
  const { status, text, headers } = await get(playlist, "", "bytes=2-3");
  assertEquals([status, text, headers.get("content-range")], [206, "23", "bytes 2-3/10"]);
  assert(!headers.has("location"));
});
