import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { CodedError } from "../../../edge/media/coded_error.ts";
import { findChannel, parseChannelAddress } from "../../../web/headless/channel_address.ts";

const demo = {
  name: "demo",
  edge: "http://host:8000/",
  stats: "http://host:8000/api/channels/demo/stats",
  base: "http://host:8000/live/demo/",
  tracker: "ws://host:8000/swarm/demo",
};

Deno.test("a watch page and a playlist both name the channel", () => {
  for (
    const text of [
      "http://host:8000/watch/demo",
      "http://host:8000/watch/demo/?x=1#top",
      "http://host:8000/live/demo/index.m3u8",
      "http://host:8000/live/demo/v1/index.m3u8?token=2",
      "http://host:8000/live/demo/",
    ]
  ) assertEquals(parseChannelAddress(text), demo, text);
});

Deno.test("an edge may live below a path, and behind TLS", () => {
  assertEquals(parseChannelAddress("https://site.example/tv/watch/news-1"), {
    name: "news-1",
    edge: "https://site.example/tv/",
    stats: "https://site.example/tv/api/channels/news-1/stats",
    base: "https://site.example/tv/live/news-1/",
    tracker: "wss://site.example/tv/swarm/news-1",
  });
});

Deno.test("the address of a private channel has its key wherever it goes, and not in its name", () => {
  const address = `cam~${"k".repeat(22)}`;
  assertEquals(parseChannelAddress(`http://host/watch/${address}`), {
    name: "cam",
    edge: "http://host/",
    stats: `http://host/api/channels/${address}/stats`,
    base: `http://host/live/${address}/`,
    tracker: `ws://host/swarm/${address}`,
  });
});

Deno.test("anything else is refused with what would do", () => {
  for (
    const text of [
      "demo",
      "",
      "ftp://host/watch/demo",
      "http://host/",
      "http://host/watch/",
      "http://host/watch/a/b",
      "http://host/watch/%2e%2e",
      "http://host/live/demo/seg1.m4s",
      `http://host/watch/${"x".repeat(33)}`,
    ]
  ) {
    const error = assertThrows(() => parseChannelAddress(text), CodedError);
    assertEquals(error.code, "bad-channel-url", text);
  }
});

const answering = (answer: () => Response | Promise<Response>): typeof fetch => () =>
  Promise.resolve().then(answer);

async function refusal(answer: () => Response): Promise<CodedError> {
  return await assertRejects(() => findChannel(demo, answering(answer)), CodedError);
}

Deno.test("a channel that is there is found at its stats", async () => {
  let asked: unknown;
  await findChannel(demo, (url) => {
    asked = url;
    return Promise.resolve(Response.json({ name: "demo" }));
  });
  assertEquals(asked, "http://host:8000/api/channels/demo/stats");
});

Deno.test("an unknown channel is told with the edge's own words", async () => {
  const body = { error: { code: "unknown-channel", message: "No demo.", hint: "There is: news." } };
  const error = await refusal(() => Response.json(body, { status: 404 }));
  assertEquals([error.code, error.message, error.hint], [
    "unknown-channel",
    "No demo.",
    "There is: news.",
  ]);
});

Deno.test("what answers like no edge is told apart from an edge that is away", async () => {
  assertEquals((await refusal(() => new Response("<h1>Hello</h1>"))).code, "no-edge");
  assertEquals((await refusal(() => new Response("no", { status: 404 }))).code, "no-edge");
  assertEquals((await refusal(() => Response.json({ name: "other" }))).code, "no-edge");
  assertEquals((await refusal(() => Response.json(null))).code, "no-edge");
  const away = await refusal(() => {
    throw new TypeError("connection refused");
  });
  assertEquals(away.code, "edge-away");
});
