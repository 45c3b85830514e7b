import { assertEquals, assertRejects } from "@std/assert";
import type { LedgerEntry } from "../../../edge/protocol/ledger_entry.ts";
import type { PageAnswer, PageMessage, WorkerMessage } from "../../../sw/bridge.ts";
import type { WrittenPlaylist } from "../../../web/player/playlists.ts";
import { openWorkerBridge } from "../../../web/player/worker_bridge.ts";
import { entryOf } from "../ledger_entries.ts";

const BASE = "https://edge.example/live/demo/";
const HELLO: PageMessage = {
  type: "tributary:hello",
  version: 1,
  base: BASE,
  cacheBytes: 64_000_000,
};
const PLAYS: PageMessage = { type: "tributary:plays", hls: true };
const ENTRY = entryOf(1, { length: 5 });
const bytes = (...values: number[]) => new Uint8Array(values);

/** The worker's end of one request. */
interface Asked {
  next(): Promise<PageAnswer>;
  /** What has been answered and not been taken. */
  rest(): readonly PageAnswer[];
  done(used: boolean): void;
}

/** A page with its bridge, and the worker that it speaks with. */
function stage() {
  const said: PageMessage[] = [];
  const calls: unknown[][] = [];
  const ports: MessagePort[] = [];
  const page = {
    playlists: new Map<string, WrittenPlaylist>(),
    entries: new Map<string, LedgerEntry>([[ENTRY.uri, ENTRY]]),
    holdMs: 10_000,
    /** What the engine does as soon as a demand begins. */
    onDemand: (_id: number) => {},
  };
  const container = Object.assign(new EventTarget(), {
    controller: { postMessage: (message: PageMessage) => said.push(message) } as unknown,
    started: false,
    startMessages() {
      this.started = true;
    },
  });
  const bridge = openWorkerBridge(container as unknown as ServiceWorkerContainer, {
    base: BASE,
    cacheBytes: 64_000_000,
    hls: true,
    playlist: (path) => page.playlists.get(path),
    playlistHoldMs: () => page.holdMs,
    entry: (uri) => page.entries.get(uri),
    demand(id, entry) {
      calls.push(["demand", id, entry.uri]);
      page.onDemand(id);
      return 1_500;
    },
    abandon: (id) => calls.push(["abandon", id]),
    served: (...what) => calls.push(["served", ...what]),
  });

  function post(data: unknown): void {
    container.dispatchEvent(new MessageEvent("message", { data }));
  }

  function ask(path: string, wants: "blob" | "stream" = "blob", change: object = {}): Asked {
    const { port1, port2: port } = new MessageChannel();
    ports.push(port1, port);
    const answers: PageAnswer[] = [];
    const waiting: ((answer: PageAnswer) => void)[] = [];
    port1.onmessage = ({ data }) => {
      const take = waiting.shift();
      if (take) take(data);
      else answers.push(data);
    };
    post(
      {
        type: "tributary:request",
        version: 1,
        url: BASE + path,
        wants,
        range: null,
        port,
        ...change,
      } satisfies WorkerMessage,
    );
    return {
      next: () => {
        const answer = answers.shift();
        return answer ? Promise.resolve(answer) : new Promise((take) => waiting.push(take));
      },
      rest: () => answers,
      done: (used) => port1.postMessage({ type: "done", used }),
    };
  }

  return {
    page,
    container,
    bridge,
    said,
    calls,
    post,
    ask,
    [Symbol.dispose]() {
      bridge.close();
      for (const port of ports) port.close();
    },
  };
}

/** What is posted on ports before is heard once this is done. */
async function settled(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  for (let turn = 0; turn < 3; turn++) {
    const heard = Promise.withResolvers<void>();
    port2.onmessage = () => heard.resolve();
    port1.postMessage(turn);
    await heard.promise;
  }
  port1.close();
  port2.close();
}

async function blobOf(answer: PageAnswer): Promise<{ url: string; body: Uint8Array }> {
  if (answer.type !== "blob") throw new Error(answer.type);
  const response = await fetch(answer.url);
  assertEquals(response.headers.get("content-type"), answer.contentType);
  return { url: answer.url, body: new Uint8Array(await response.arrayBuffer()) };
}

const isRevoked = (url: string) => assertRejects(() => fetch(url));

Deno.test("the page says hello at once, again when asked to, and when another worker takes over", () => {
  using here = stage();
  assertEquals(here.said, [HELLO, PLAYS]);
  assertEquals(here.container.started, true);
  here.bridge.hello();
  here.container.dispatchEvent(new Event("controllerchange"));
  assertEquals(here.said, [HELLO, PLAYS, HELLO, PLAYS, HELLO, PLAYS]);
});

Deno.test("without a worker in charge nothing is said, and nothing throws", () => {
  using here = stage();
  here.container.controller = null;
  here.bridge.hello();
  assertEquals(here.said, [HELLO, PLAYS]);
});

Deno.test("a page that closes says bye and hears no more", () => {
  using here = stage();
  here.bridge.close();
  here.ask(ENTRY.uri);
  here.container.dispatchEvent(new Event("controllerchange"));
  assertEquals(here.said, [HELLO, PLAYS, { type: "tributary:bye", base: BASE }]);
  assertEquals(here.calls, []);
});

Deno.test("a playlist is answered by blob URL, which is revoked when the worker is done with it", async () => {
  using here = stage();
  here.page.playlists.set("index.m3u8", { text: "#EXTM3U\n", newest: undefined });
  const asked = here.ask("index.m3u8?x=1");
  const answer = await asked.next();
  const { url, body } = await blobOf(answer);
  assertEquals(new TextDecoder().decode(body), "#EXTM3U\n");
  assertEquals(answer, {
    type: "blob",
    url,
    contentType: "application/vnd.apple.mpegurl",
    cache: false,
  });
  asked.done(true);
  await settled();
  await isRevoked(url);
});

Deno.test("a player library gets a playlist as the edge writes it: URIs relative to where it lies", async () => {
  using here = stage();
  const uri = `${BASE}r0/7.m4s`;
  for (const path of ["index.m3u8", "r0/index.m3u8"]) {
    here.page.playlists.set(path, { text: `#EXTM3U\n${uri}\n`, newest: undefined });
  }
  const lines = async (path: string, wants: "blob" | "stream") => {
    const { body } = await blobOf(await here.ask(path, wants).next());
    return new TextDecoder().decode(body).split("\n")[1];
  };
  assertEquals(await lines("index.m3u8", "stream"), "r0/7.m4s");
  assertEquals(await lines("r0/index.m3u8?x=a/b", "stream"), "7.m4s");
  assertEquals(await lines("r0/index.m3u8", "blob"), uri, "an element resolves against the blob");
});

Deno.test("before the ledger is there a playlist comes from the network", async () => {
  using here = stage();
  assertEquals((await here.ask("index.m3u8").next()).type, "network");
});

Deno.test("a playlist without news is held until the ledger grows", async () => {
  using here = stage();
  here.bridge.asked(ENTRY.uri);
  here.page.playlists.set("index.m3u8", { text: "old", newest: ENTRY.uri });
  const asked = here.ask("index.m3u8");
  assertEquals(await asked.next(), { type: "working", ms: 10_000 });
  here.bridge.ledgerGrew();
  here.page.playlists.set("index.m3u8", { text: "new", newest: "r0/2.m4s" });
  here.bridge.ledgerGrew();
  const { body } = await blobOf(await asked.next());
  assertEquals(new TextDecoder().decode(body), "new");
});

Deno.test("a playlist whose news never come is answered as it is in the end", async () => {
  using here = stage();
  here.page.holdMs = 20;
  here.bridge.asked(ENTRY.uri);
  here.page.playlists.set("index.m3u8", { text: "old", newest: ENTRY.uri });
  const asked = here.ask("index.m3u8");
  assertEquals(await asked.next(), { type: "working", ms: 20 });
  assertEquals((await blobOf(await asked.next())).body, new TextEncoder().encode("old"));
});

Deno.test("a unit that the ledger does not name comes from the network", async () => {
  using here = stage();
  const asked = here.ask("r0/99.m4s");
  assertEquals(await asked.next(), { type: "network", reason: "not in the ledger" });
  assertEquals(here.calls, []);
});

Deno.test("a demand is worked on, and its pieces make one blob", async () => {
  using here = stage();
  const asked = here.ask(ENTRY.uri);
  assertEquals(here.calls, [["demand", 1, ENTRY.uri]]);
  assertEquals(await asked.next(), { type: "working", ms: 1_500 });
  here.bridge.deliver(1, bytes(1, 2), false);
  here.bridge.deliver(1, bytes(3, 4, 5), true);
  const answer = await asked.next();
  const { url, body } = await blobOf(answer);
  assertEquals(answer, { type: "blob", url, contentType: "video/mp4", cache: true });
  assertEquals(body, bytes(1, 2, 3, 4, 5));
});

Deno.test("a demand that wants a stream gets its head, its chunks as they come, and an end", async () => {
  using here = stage();
  const asked = here.ask(ENTRY.uri, "stream");
  assertEquals(await asked.next(), { type: "working", ms: 1_500 });
  here.bridge.deliver(1, bytes(1, 2), false);
  assertEquals(await asked.next(), {
    type: "head",
    contentType: "video/mp4",
    length: 5,
    cache: true,
  });
  assertEquals(await asked.next(), { type: "chunk", bytes: bytes(1, 2) });
  here.bridge.deliver(1, bytes(3, 4, 5), true);
  assertEquals(await asked.next(), { type: "chunk", bytes: bytes(3, 4, 5) });
  assertEquals(await asked.next(), { type: "end" });
});

Deno.test("what is there already is answered without a word of work", async () => {
  using here = stage();
  here.page.onDemand = (id) => here.bridge.deliver(id, bytes(1, 2, 3, 4, 5), true);
  const blob = here.ask(ENTRY.uri);
  const stream = here.ask(ENTRY.uri, "stream");
  await settled();
  assertEquals(blob.rest().map(({ type }) => type), ["blob"]);
  assertEquals(stream.rest().map(({ type }) => type), ["head", "chunk", "end"]);
});

Deno.test("a demand that is declined goes to the network, and what comes later is not sent", async () => {
  using here = stage();
  const asked = here.ask(ENTRY.uri);
  await asked.next();
  here.bridge.decline(1, "no time");
  here.bridge.deliver(1, bytes(1), true);
  assertEquals(await asked.next(), { type: "network", reason: "no time" });
  here.page.onDemand = (id) => here.bridge.decline(id, "at once");
  assertEquals(await here.ask(ENTRY.uri).next(), { type: "network", reason: "at once" });
});

Deno.test("when the worker is done the blob URL is revoked and the demand abandoned", async () => {
  using here = stage();
  const asked = here.ask(ENTRY.uri);
  await asked.next();
  here.bridge.deliver(1, bytes(1, 2, 3, 4, 5), true);
  const { url } = await blobOf(await asked.next());
  asked.done(true);
  await settled();
  await isRevoked(url);
  assertEquals(here.calls.at(-1), ["abandon", 1]);
});

Deno.test("a demand that the worker gives up is abandoned, once", async () => {
  using here = stage();
  const asked = here.ask(ENTRY.uri);
  await asked.next();
  asked.done(false);
  asked.done(false);
  await settled();
  assertEquals(here.calls, [["demand", 1, ENTRY.uri], ["abandon", 1]]);
  here.bridge.deliver(1, bytes(1), true);
});

Deno.test("two demands at once keep their pieces apart", async () => {
  using here = stage();
  const other = entryOf(2, { length: 2, uri: "r0/2.ts" });
  here.page.entries.set(other.uri, other);
  const [one, two] = [here.ask(ENTRY.uri), here.ask(other.uri)];
  assertEquals([(await one.next()).type, (await two.next()).type], ["working", "working"]);
  here.bridge.deliver(1, bytes(1, 2), false);
  here.bridge.deliver(2, bytes(9), false);
  here.bridge.deliver(1, bytes(3, 4, 5), true);
  here.bridge.deliver(2, bytes(8), true);
  const [first, second] = [await one.next(), await two.next()];
  assertEquals((await blobOf(first)).body, bytes(1, 2, 3, 4, 5));
  assertEquals((await blobOf(second)).body, bytes(9, 8));
  assertEquals(second.type === "blob" && second.contentType, "video/mp2t");
});

Deno.test("what the worker served past the page is told with its path and its bytes", () => {
  using here = stage();
  const url = `${BASE}${ENTRY.uri}?token=1`;
  const body = bytes(1, 2, 3, 4, 5);
  here.post({ type: "tributary:served", url, from: "edge", bytes: 5, body: body.buffer });
  here.post({ type: "tributary:served", url, from: "cache", bytes: 3 });
  assertEquals(here.calls, [
    ["served", ENTRY.uri, "edge", 5, body],
    ["served", ENTRY.uri, "cache", 3, undefined],
  ]);
});

Deno.test("messages for other channels, of other versions and of others are passed over", async () => {
  using here = stage();
  const other = "https://edge.example/live/other/r0/1.m4s";
  here.ask("", "blob", { url: other });
  here.ask(ENTRY.uri, "blob", { version: 2 });
  here.post({ type: "tributary:served", url: other, from: "edge", bytes: 5 });
  for (const junk of [undefined, null, "text", 5, {}, { type: "other" }]) here.post(junk);
  await settled();
  assertEquals(here.calls, []);
});
