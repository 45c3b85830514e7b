/** The endless stream goes over between edge and page in mid-stream, at the very byte. */
import { assertEquals, assertRejects } from "@std/assert";
import { concat } from "@std/bytes/concat";
import { answer } from "../../sw/answer.ts";
import { BRIDGE_VERSION, type WorkerMessage } from "../../sw/bridge.ts";
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

const url = "https://edge.example/stream/radio";
const TOKEN = "00000001.0.0";
const HELLO = {
  type: "tributary:hello",
  version: BRIDGE_VERSION,
  base: url,
  cacheBytes: 1,
} as const;

/** The stream's bytes, as whoever numbers them has them. */
const bytesAt = (from: number, to: number) =>
  Uint8Array.from({ length: to - from }, (_, index) => (from + index) % 251);

/** An answer whose bytes come when the test says so. */
function tap(from: number) {
  let at = from;
  let control: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  let cancelled = false;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start: (controller) => void (control = controller),
    cancel: () => void (cancelled = true),
  });
  return {
    body,
    from,
    give(bytes: number) {
      control.enqueue(bytesAt(at, at + bytes));
      at += bytes;
    },
    pulse: () => control.enqueue(new Uint8Array()),
    end: () => control.close(),
    fail: () => control.error(new Error("broken")),
    isCancelled: () => cancelled,
  };
}

type Tap = ReturnType<typeof tap>;

/** Deno clones no streams from port to port, as browsers do. */
class LocalChannel {
  readonly port1: LocalPort = new LocalPort(() => this.port2);
  readonly port2: LocalPort = new LocalPort(() => this.port1);
}
class LocalPort extends EventTarget {
  onmessage: ((event: { data: unknown }) => void) | undefined;
  constructor(readonly other: () => LocalPort) {
    super();
  }
  postMessage(data: unknown): void {
    queueMicrotask(() => this.other().onmessage?.({ data }));
  }
  close(): void {}
}

async function scene(
  act: (stage: {
    pages: Desk["pages"];
    /** Asks as an element does, from a byte on. */
    ask(from?: number, query?: string, range?: string): Promise<Response>;
    /** Answers the next request with the tap. */
    ofNetwork: Tap[];
    ofPage: Tap[];
    hears(bytes: number): Promise<void>;
    ends(): Promise<unknown>;
    pass(ms: number): Promise<void>;
    asked: string[];
    served: number[];
    bandwidth: Desk["bandwidth"];
  }) => Promise<void>,
): Promise<void> {
  const clock = fakeClock();
  const pages = createPageBook();
  const asked: string[] = [];
  const served: number[] = [];
  const ofNetwork: Tap[] = [];
  const ofPage: Tap[] = [];
  const tokens = { "Tributary-Resume": TOKEN, "Content-Type": "audio/mpeg" };
  const bandwidth = createLinkNote(createNote(NO_STORE, UNMEASURED), clock);
  const desk: Desk = {
    pages,
    network: createNetwork("https://edge.example", (input) => {
      asked.push(`network ${String(input).slice(url.length)}`);
      const tapped = ofNetwork.shift();
      return tapped
        ? Promise.resolve(new Response(tapped.body, { headers: tokens }))
        : Promise.reject(new TypeError("no network"));
    }),
    cache: createPeerCache(
      () => Promise.resolve(fakeCache()),
      { load: () => Promise.resolve(undefined), save: () => Promise.resolve() },
      clock,
    ),
    hls: createNote(NO_STORE, true),
    bandwidth,
    clock,
    pageOf: () =>
      Promise.resolve({
        postMessage(message: WorkerMessage) {
          if (message.type === "tributary:served") return void served.push(message.bytes);
          asked.push(`page ${message.url.slice(url.length)}`);
          const tapped = ofPage.shift();
          message.port.postMessage(
            tapped
              ? { type: "endless", contentType: "audio/mpeg", token: TOKEN, body: tapped.body }
              : { type: "network", reason: "not now" },
          );
        },
      }),
    fetchBlob: () => Promise.reject(new TypeError("no blob")),
  };
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  let at = 0;
  const soon = async () => {
    for (let turn = 0; turn < 50; turn++) await Promise.resolve();
  };
  const real = globalThis.MessageChannel;
  globalThis.MessageChannel = LocalChannel as unknown as typeof MessageChannel;
  try {
    await act({
      pages,
      ofNetwork,
      ofPage,
      asked,
      served,
      bandwidth,
      async ask(from = 0, query = "", range = `bytes=${from}-`) {
        await reader?.cancel();
        at = from;
        const request = new Request(url + query, { headers: { range } });
        const route = routeOf({ method: "GET", url: url + query, destination: "audio" })!;
        const response = await answer({ request, route, page: "page", waitUntil() {} }, desk);
        reader = response.body?.getReader();
        return response;
      },
      async hears(count) {
        const parts: Uint8Array[] = [];
        let bytes = 0;
        while (bytes < count) {
          const { value } = await reader!.read();
          parts.push(value!);
          bytes += value!.length;
        }
        assertEquals(concat(parts), bytesAt(at, at + bytes));
        at += bytes;
      },
      ends: () => reader!.read(),
      async pass(ms) {
        await soon();
        clock.pass(ms);
        await soon();
      },
    });
  } finally {
    globalThis.MessageChannel = real;
    await reader?.cancel().catch(() => {});
  }
}

Deno.test("only elements' requests for endless streams are ours", () => {
  const kind = (destination: string, address = url) =>
    routeOf({ method: "GET", url: address, destination })?.kind;
  assertEquals(kind("audio"), "stream");
  assertEquals(kind("video", `${url}?burst=8`), "stream");
  assertEquals(kind(""), undefined);
  assertEquals(kind("audio", `${url}/more`), undefined);
});

Deno.test("a stream begins with what there is bandwidth for, unless its address says what it may need", async () => {
  for (
    const [query, expected] of [
      ["", "?bandwidth=700000"],
      ["?burst=8", "?burst=8&bandwidth=700000"],
      ["?bandwidth=9", "?bandwidth=9"],
    ] as const
  ) {
    await scene(async ({ pages, ofNetwork, ask, hears, asked, bandwidth }) => {
      await bandwidth.measured(700_000);
      pages.heard("page", HELLO);
      const edge = tap(0);
      ofNetwork.push(edge);
      await ask(0, query);
      edge.give(10);
      await hears(10);
      assertEquals(asked.slice(0, 2), [`page ${expected}`, `network ${expected}`]);
    });
  }
});

Deno.test("a store that hangs does not keep a stream from beginning", () =>
  scene(async ({ pages, ofNetwork, ask, hears, pass, asked, bandwidth }) => {
    bandwidth.read = () => new Promise(() => {});
    pages.opened("page");
    const edge = tap(0);
    ofNetwork.push(edge);
    const answered = ask();
    await pass(200);
    await answered;
    edge.give(10);
    await hears(10);
    assertEquals(asked, ["network "]);
  }));

Deno.test("a page that is being opened hears the network, and its engine from the very byte on", () =>
  scene(async ({ pages, ofNetwork, ofPage, ask, hears, pass, asked, served }) => {
    pages.opened("page");
    const edge = tap(0);
    ofNetwork.push(edge);
    await ask();
    edge.give(100);
    await hears(100);
    assertEquals(asked, ["network "]);

    pages.heard("page", HELLO);
    const page = tap(100);
    ofPage.push(page);
    // What the network brings until the page answers is not heard twice.
    edge.give(80);
    await hears(80);
    await pass(0);
    assertEquals(asked.slice(1), [`page ?resume=${TOKEN}&from=100`]);
    page.give(110);
    await hears(30);
    assertEquals([edge.isCancelled(), page.isCancelled()], [true, false]);
    assertEquals(served, [180]);
  }));

Deno.test("a page that has nothing is asked again, and the network is heard meanwhile", () =>
  scene(async ({ pages, ofNetwork, ofPage, ask, hears, pass, asked }) => {
    pages.heard("page", HELLO);
    const edge = tap(0);
    ofNetwork.push(edge);
    await ask();
    for (let i = 0; i < 3; i++) {
      edge.give(10);
      await hears(10);
    }
    await pass(5_000);
    const page = tap(40);
    ofPage.push(page);
    edge.give(10);
    await hears(10);
    edge.give(10);
    await hears(10);
    await pass(0);
    assertEquals(asked.filter((one) => one.startsWith("page")).length, 3);
    page.give(20);
    await hears(10);
  }));

Deno.test("a page that breaks or falls silent is followed by the network at the very byte", async () => {
  for (const how of ["break", "silence"]) {
    await scene(async ({ pages, ofNetwork, ofPage, ask, hears, pass, asked }) => {
      pages.heard("page", HELLO);
      const page = tap(0);
      ofPage.push(page);
      await ask();
      page.give(100);
      await hears(100);
      // One that says that nothing is to come is not silent.
      const next = hears(50);
      await pass(2_000);
      page.pulse();
      await pass(2_000);
      assertEquals(asked, ["page "]);
      const edge = tap(100);
      ofNetwork.push(edge);
      if (how === "break") page.fail();
      await pass(how === "break" ? 0 : 2_500);
      edge.give(50);
      await next;
      assertEquals(asked.slice(1), [`network ?resume=${TOKEN}&from=100`]);
    });
  }
});

Deno.test("a silent page is waited for while the edge is away, and a broken edge followed by the page", () =>
  scene(async ({ pages, ofNetwork, ofPage, ask, hears, pass, asked }) => {
    pages.heard("page", HELLO);
    const page = tap(0);
    ofPage.push(page);
    await ask();
    const first = hears(10);
    await pass(2_500);
    assertEquals(asked.length, 2);
    page.give(10);
    await first;

    const edge = tap(10);
    ofNetwork.push(edge);
    const second = hears(10);
    await pass(2_500);
    edge.give(10);
    await second;
    ofPage.push(tap(20));
    ofPage[0]!.give(5);
    const third = hears(5);
    edge.fail();
    await third;
  }));

Deno.test("a stream that nobody can go on with breaks, and one that is over ends", async () => {
  await scene(async ({ pages, ofPage, ask, ends, hears }) => {
    pages.heard("page", HELLO);
    const page = tap(0);
    ofPage.push(page);
    await ask();
    page.give(5);
    await hears(5);
    page.fail();
    await assertRejects(ends, Error, "broken");
  });
  await scene(async ({ pages, ofPage, ask, ends, hears }) => {
    pages.heard("page", HELLO);
    const page = tap(0);
    ofPage.push(page);
    await ask();
    page.give(5);
    await hears(5);
    page.end();
    assertEquals(await ends(), { done: true, value: undefined });
  });
});

Deno.test("an element that comes back for the rest gets it at the very byte", () =>
  scene(async ({ pages, ofNetwork, ofPage, ask, hears, asked }) => {
    pages.heard("page", HELLO);
    const page = tap(0);
    ofPage.push(page);
    assertEquals((await ask()).status, 200);
    page.give(100);
    await hears(100);

    const again = tap(60);
    ofPage.push(again);
    const { status, headers } = await ask(60);
    assertEquals([status, headers.get("content-range")], [206, "bytes 60-9007199254740990/*"]);
    again.give(50);
    await hears(50);

    const edge = tap(80);
    ofNetwork.push(edge);
    assertEquals((await ask(80)).status, 206);
    edge.give(40);
    await hears(40);
    assertEquals(asked.slice(1, 4), [
      `page ?resume=${TOKEN}&from=60`,
      `page ?resume=${TOKEN}&from=80`,
      `network ?resume=${TOKEN}&from=80`,
    ]);
  }));

Deno.test("a range that is not all of the rest is ignored, and the stream begins", async () => {
  for (const range of ["bytes=60-80", "bytes=60-,90-", "bytes=-40", `bytes=${"9".repeat(16)}-`]) {
    await scene(async ({ pages, ofPage, ask, hears }) => {
      pages.heard("page", HELLO);
      const page = tap(0);
      ofPage.push(page);
      const { status, headers } = await ask(0, "", range);
      assertEquals([status, headers.get("content-range")], [200, null], range);
      page.give(10);
      await hears(10);
    });
  }
});

Deno.test("a worker that was ended asks the page what the bytes were counted from", () =>
  scene(async ({ ofPage, ask, hears, asked }) => {
    const page = tap(70);
    ofPage.push(page);
    assertEquals((await ask(70)).status, 206);
    page.give(10);
    await hears(10);
    assertEquals(asked, ["page "]);
  }));

Deno.test("what nobody knows the beginning of is gone", () =>
  scene(async ({ ask, asked }) => {
    assertEquals((await ask(70)).status, 410);
    assertEquals(asked, ["page "]);
  }));
