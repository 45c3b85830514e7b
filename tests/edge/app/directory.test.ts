/** What owners say of their channels, over HTTP. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { Container } from "../../../edge/media/container.ts";
import type { OriginEvent } from "../../../edge/origin/events.ts";
import { type FakeChannel, fakeChannel, openEdge } from "./fixtures.ts";

const KEY = "a-long-secret";
const BEARER = { Authorization: `Bearer ${KEY}` };
const JPEG = new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]);
/** What an origin says when it knows its media. */
const FMP4 = {
  type: "described",
  channel: "cam",
  description: {
    name: "cam",
    title: "Cam",
    base: "/live/cam/",
    targetDurationMs: 2_000,
    master: false,
    renditions: [{
      id: 0,
      kind: "main",
      playlist: "index.m3u8",
      container: "fmp4",
      attributes: "",
      inits: [],
    }],
  },
} satisfies OriginEvent;

function keyed(name: string, title?: string): FakeChannel {
  return Object.assign(fakeChannel(name, title), { key: KEY });
}

function sending(edge: ReturnType<typeof openEdge>) {
  return async (path: string, body?: BodyInit, headers: Record<string, string> = BEARER) =>
    await edge.app.request(path, {
      method: body ? "PUT" : "DELETE",
      headers,
      ...(body && { body }),
    });
}

Deno.test("the owner says what a channel is, and it is told so everywhere, after a restart too", async () => {
  const edge = openEdge([keyed("cam")]);
  const words = { title: "Harbour", description: "Ships.", genre: "Nature", language: "en" };
  const answer = await sending(edge)("/api/channels/cam", JSON.stringify(words));
  assertEquals(answer.status, 200);
  const { stored } = edge.platform;
  for (const { app } of [edge, openEdge([keyed("cam")], { stored })]) {
    const { channels } = await (await app.request("/api/channels")).json();
    const { renditions: _, ...told } = channels[0];
    assertEquals(told, {
      name: "cam",
      ...words,
      visibility: "public",
      state: "on-air",
      viewers: 0,
      sinceMs: 1_000,
      ingest: true,
      watch: "/watch/cam",
      playlist: "/live/cam/index.m3u8",
      stream: "/stream/cam",
      media: "/live/cam/index.m3u8",
      poster: "/live/cam/poster",
    });
    assertEquals(await (await app.request("/api/channels/cam")).json(), channels[0]);
    assertStringIncludes(await (await app.request("/watch/cam")).text(), "<title>Harbour");
    assertEquals((await (await app.request("/api/channels/cam/stats")).json()).title, "Harbour");
  }
  await sending(edge)("/api/channels/cam", "{}");
  const { channels } = await (await edge.app.request("/api/channels")).json();
  assertEquals(channels[0].title, "The cam channel");
});

Deno.test("of a channel in a format that browsers' own HLS has not, the stream is what is played", async () => {
  const radio = fakeChannel("cam");
  const { app } = openEdge([radio]);
  const played = async () => (await (await app.request("/api/channels/cam")).json()).media;
  const described = (container: Container, kind: "main" | "audio" = "main") => {
    const [rendition] = FMP4.description.renditions;
    const renditions = [{ ...rendition!, container, kind }];
    radio.emit({ ...FMP4, description: { ...FMP4.description, renditions } });
  };
  for (const container of ["mp3", "aac", "ogg", "webm"] as const) {
    described(container);
    assertEquals(await played(), "/stream/cam", container);
    assertStringIncludes(await (await app.request("/channels.m3u")).text(), "/stream/cam\n");
  }
  for (const container of ["fmp4", "ts"] as const) {
    described(container);
    assertEquals(await played(), "/live/cam/index.m3u8", container);
  }
  described("aac", "audio");
  assertEquals(await played(), "/live/cam/index.m3u8", "sound beside pictures");
});

Deno.test("without the key nobody says anything, and the answer says how to show it", async () => {
  const edge = openEdge([keyed("cam"), fakeChannel("news")]);
  const put = sending(edge);
  for (
    const [headers, code] of [[{}, "key-required"], [
      { Authorization: "Bearer wrong" },
      "wrong-key",
    ]] as const
  ) {
    const refused = await put("/api/channels/cam", '{"title":"Mine"}', headers);
    assertEquals(refused.status, 401);
    assertMatch(refused.headers.get("WWW-Authenticate")!, /^Basic realm=/);
    const { error } = await refused.json();
    assertEquals(error.code, code);
    assertStringIncludes(error.hint, "bearer");
  }
  assertEquals((await put("/api/channels/cam/picture", JPEG, {})).status, 401);
  const pulled = await put("/api/channels/news", "{}");
  assertEquals([pulled.status, (await pulled.json()).error.code], [409, "channel-without-key"]);
  assertEquals((await put("/api/channels/nobody", "{}")).status, 404);
  assertEquals(edge.platform.stored.size, 0);
});

Deno.test("what is wrong is refused with a code, and what was said before stays", async () => {
  const edge = openEdge([keyed("cam")]);
  const put = sending(edge);
  await put("/api/channels/cam", '{"title":"Harbour"}');
  const cases: [string, BodyInit, number, string][] = [
    ["/api/channels/cam", "{", 400, "not-json"],
    ["/api/channels/cam", '{"colour":"red"}', 400, "unknown-field"],
    ["/api/channels/cam", `"${"x".repeat(17_000)}"`, 413, "too-large"],
    ["/api/channels/cam/picture", "<svg onload=alert()>", 400, "not-a-picture"],
    ["/api/channels/cam/picture", new Uint8Array(70_000), 413, "too-large"],
  ];
  for (const [path, body, status, code] of cases) {
    const response = await put(path, body);
    assertEquals([response.status, (await response.json()).error.code], [status, code]);
  }
  const { title } = await (await edge.app.request("/api/channels/cam")).json();
  assertEquals(title, "Harbour");
});

Deno.test("an unlisted channel is reached by its address, and named nowhere", async () => {
  const edge = openEdge([keyed("cam"), keyed("cam2")]);
  await sending(edge)("/api/channels/cam", '{"visibility":"unlisted"}');
  const text = async (path: string) => await (await edge.app.request(path)).text();
  for (const path of ["/api/channels", "/live/camm/index.m3u8", "/metrics"]) {
    const told = await text(path);
    assert(told.includes("cam2") && !/\bcam\b/.test(told), `${path}: ${told}`);
  }
  assertEquals((await edge.app.request("/watch/cam")).status, 200);
  assertEquals((await edge.app.request("/live/cam/index.m3u8")).status, 200);
  assertEquals((await edge.app.request("/api/channels/cam")).status, 200);
});

Deno.test("a picture is kept as it is sent, is asked for anew, and can be taken away", async () => {
  const edge = openEdge([keyed("cam")]);
  const send = sending(edge);
  assertEquals((await send("/api/channels/cam/picture", JPEG)).status, 204);
  const poster = await edge.app.request("/live/cam/poster");
  assertEquals(poster.headers.get("content-type"), "image/jpeg");
  assertEquals(await poster.bytes(), JPEG);
  const headers = { "If-None-Match": poster.headers.get("etag")! };
  assertEquals((await edge.app.request("/live/cam/poster", { headers })).status, 304);
  assertEquals((await send("/api/channels/cam/picture")).status, 204);
  const drawn = await edge.app.request("/live/cam/poster");
  assertEquals(drawn.headers.get("content-type"), "image/svg+xml");
  await drawn.body?.cancel();
});

Deno.test("a channel on air without a picture says where one of its stream is", async () => {
  const cam = keyed("cam");
  const edge = openEdge([cam]);
  const still = async () => (await (await edge.app.request("/api/channels/cam")).json()).still;
  assertEquals(await still(), undefined, "nothing is known of its media");
  cam.emit(FMP4);
  assertEquals(await still(), "/live/cam/still.mp4");
  await sending(edge)("/api/channels/cam/picture", JPEG);
  assertEquals(await still(), undefined, "its owner has chosen one");
  const restarted = keyed("cam");
  const { app } = openEdge([restarted], { stored: edge.platform.stored });
  restarted.emit(FMP4);
  assertEquals((await (await app.request("/api/channels/cam")).json()).still, undefined);
});

Deno.test("a source's own words stand where the owner has said nothing", async () => {
  const radio = keyed("radio");
  radio.words = { title: "Radio Nine", genre: "Jazz" };
  const { app } = openEdge([radio]);
  const channel = await (await app.request("/api/channels/radio")).json();
  assertEquals([channel.title, channel.genre], ["Radio Nine", "Jazz"]);
});

Deno.test("what is stored and cannot be read is said in the log, and the channel is there all the same", async () => {
  const stored = new Map<string, unknown>([["channels/cam/info", { title: 7 }]]);
  const edge = openEdge([keyed("cam")], { stored });
  const { title } = await (await edge.app.request("/api/channels/cam")).json();
  assertEquals(title, "The cam channel");
  assertEquals(edge.platform.lines.map(({ code }) => code), ["info-unreadable"]);
});
