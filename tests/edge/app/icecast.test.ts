/** The addresses that Icecast's sources know. */
import { assertEquals, assertMatch } from "@std/assert";
import { createEdge } from "../../../edge/app.ts";
import { pushSource } from "../../../edge/channels/sources.ts";
import { createFakePlatform, turn } from "../fake_platform.ts";
import { mp3 } from "../origin/radio/streaming.ts";
import { fakeChannel } from "./fixtures.ts";

const KEY = "a-long-secret";
const SOURCE = { Authorization: `Basic ${btoa(`source:${KEY}`)}`, "Content-Type": "audio/mpeg" };

async function withSources(
  use: (ask: (path: string, init?: RequestInit) => Promise<Response>) => Promise<void>,
): Promise<void> {
  const channels = [pushSource({ name: "cam", key: KEY }), fakeChannel("news")];
  const edge = createEdge(createFakePlatform(), { channels });
  await use(async (path, init) => await edge.sources.request(path, init));
  await edge.stop();
}

/** A stream that goes on until the edge leaves; `taken` resolves when it is being read. */
function endless() {
  const { promise: taken, resolve } = Promise.withResolvers<void>();
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      // Once: after the first part nothing comes any more.
      controller.enqueue(mp3(3));
      resolve();
      return new Promise(() => {});
    },
  }, { highWaterMark: 0 });
  return { body, taken };
}

Deno.test("a stream is taken at the channel's name, below /stream and below /ingest", () =>
  withSources(async (ask) => {
    for (const path of ["/cam", "/stream/cam", "/ingest/cam"]) {
      for (const method of ["PUT", "SOURCE"]) {
        const response = await ask(path, { method, headers: SOURCE, body: mp3(3) });
        assertEquals(response.status, 200, `${method} ${path}`);
      }
    }
    const { window } = await (await ask("/api/channels/cam/stats")).json();
    assertEquals(window.segments, 18);
    const byPath = await ask(`/ingest/cam/${KEY}`, { method: "PUT", body: mp3(3) });
    assertEquals(byPath.status, 200);
  }));

Deno.test("without the key nothing is taken", () =>
  withSources(async (ask) => {
    const refused = await ask("/cam", { method: "PUT", body: mp3(3) });
    assertEquals([refused.status, (await refused.json()).error.code], [401, "key-required"]);
    assertMatch(refused.headers.get("WWW-Authenticate")!, /^Basic /);
    const headers = { Authorization: `Basic ${btoa("source:wrong")}` };
    const song = await ask("/admin/metadata?mode=updinfo&mount=/cam&song=x", { headers });
    assertEquals([song.status, (await song.json()).error.code], [401, "wrong-key"]);
  }));

Deno.test("a channel without a source, and one that does not exist, take none", () =>
  withSources(async (ask) => {
    const pulled = await ask("/news", { method: "PUT", headers: SOURCE, body: mp3(1) });
    assertEquals([pulled.status, (await pulled.json()).error.code], [409, "not-an-ingest"]);
    const unknown = await ask("/nobody", { method: "SOURCE", headers: SOURCE, body: mp3(1) });
    assertEquals([unknown.status, (await unknown.json()).error.code], [404, "unknown-channel"]);
  }));

Deno.test("where somebody is on air SOURCE is forbidden, as Icecast says, and PUT is a conflict", () =>
  withSources(async (ask) => {
    const { body, taken } = endless();
    const first = ask("/cam", { method: "PUT", headers: SOURCE, body });
    await taken;
    for (const [method, status] of [["PUT", 409], ["SOURCE", 403]] as const) {
      const second = await ask("/cam", { method, headers: SOURCE, body: mp3(3) });
      assertEquals([second.status, (await second.json()).error.code], [status, "channel-on-air"]);
    }
    const headers = { ...SOURCE, "Tributary-Takeover": "1" };
    assertEquals((await ask("/cam", { method: "PUT", headers, body: mp3(3) })).status, 200);
    assertEquals((await first).status, 409);
  }));

Deno.test("the song is told at Icecast's address, while there is a source", () =>
  withSources(async (ask) => {
    const tell = (query: string) => ask(`/admin/metadata?${query}`, { headers: SOURCE });
    const early = await tell("mode=updinfo&mount=/cam&song=x");
    assertMatch(await early.text(), /<return>0<\/return>/);
    const source = ask("/cam", {
      method: "PUT",
      headers: { ...SOURCE, "Ice-Name": "My radio" },
      body: endless().body,
    });
    const stats = async () => await (await ask("/api/channels/cam/stats")).json();
    while ((await stats()).station === undefined) await turn();
    const told = await tell("mode=updinfo&mount=%2Fcam&song=Caf%E9+Song");
    assertMatch(await told.text(), /<return>1<\/return>/);
    assertEquals((await stats()).station, { name: "My radio", playing: "Café Song" });
    assertEquals((await tell("mode=fallback&mount=/cam")).status, 400);
    assertEquals((await tell("mode=updinfo&mount=/nobody&song=x")).status, 404);
    const headers = { ...SOURCE, "Tributary-Takeover": "1" };
    await ask("/cam", { method: "PUT", headers, body: mp3(3) });
    await source;
  }));

Deno.test("what plays is said of a channel on air, and not once its source has left", () =>
  withSources(async (ask) => {
    const { promise: leaving, resolve: leave } = Promise.withResolvers<void>();
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      async start(controller) {
        controller.enqueue(mp3(600));
        await leaving;
        controller.close();
      },
    });
    const source = ask("/cam", { method: "PUT", headers: SOURCE, body });
    const entry = async () => await (await ask("/api/channels/cam")).json();
    while ((await entry()).state !== "on-air") await turn();
    await ask("/admin/metadata?mode=updinfo&mount=/cam&song=Song", { headers: SOURCE });
    assertEquals((await entry()).playing, "Song");
    leave();
    await source;
    const { state, playing } = await entry();
    assertEquals([state, playing], ["upstream-down", undefined]);
  }));
