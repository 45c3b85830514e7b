import { assert, assertEquals, assertMatch } from "@std/assert";
import { channelStats } from "../../../edge/channels/channel_stats.ts";
import { fakeChannel, openEdge } from "./fixtures.ts";

const NOBODY = {
  joined: 0,
  eligible: 0,
  bytes: { peers: 0, edge: 0, cache: 0, uploaded: 0 },
  injectedCopies: 0,
  injectedRuns: 0,
};

Deno.test("the directory lists every channel with its state and where it is watched", async () => {
  const down = fakeChannel("news");
  down.stats = { ...down.stats, state: "upstream-down", detail: "it answers 503" };
  const { app } = openEdge([fakeChannel("demo"), down]);
  const response = await app.request("/api/channels");
  assertEquals(response.headers.get("cache-control"), "no-store");
  assertEquals(await response.json(), {
    channels: [
      {
        name: "demo",
        title: "The demo channel",
        state: "on-air",
        sinceMs: 1_000,
        viewers: 0,
        visibility: "public",
        ingest: false,
        renditions: [],
        watch: "/watch/demo",
        playlist: "/live/demo/index.m3u8",
        stream: "/stream/demo",
        media: "/live/demo/index.m3u8",
        poster: "/live/demo/poster",
      },
      {
        name: "news",
        title: "The news channel",
        state: "upstream-down",
        detail: "it answers 503",
        sinceMs: 1_000,
        viewers: 0,
        visibility: "public",
        ingest: false,
        renditions: [],
        watch: "/watch/news",
        playlist: "/live/news/index.m3u8",
        stream: "/stream/news",
        media: "/live/news/index.m3u8",
        poster: "/live/news/poster",
      },
    ],
  });
});

Deno.test("a channel's stats tell of viewers, bytes, offload and the window", async () => {
  const pulled = fakeChannel("news");
  pulled.stats = { ...pulled.stats, upstream: { requests: 3, bytes: 400, failures: 1 } };
  const { app } = openEdge([pulled]);
  assertEquals(await (await app.request("/api/channels/news/stats")).json(), {
    name: "news",
    title: "The news channel",
    state: "on-air",
    sinceMs: 1_000,
    viewers: 0,
    peers: { joined: 0, eligible: 0 },
    bytes: { peers: 0, edge: 0, cache: 0, uploaded: 0 },
    offload: 0,
    edge: { sent: pulled.stats.sent, requests: pulled.stats.requests },
    injectedCopies: 0,
    injectedRuns: 0,
    window: { segments: 3, bytes: 300, newest: 9 },
    upstream: { requests: 3, bytes: 400, failures: 1 },
  });
});

Deno.test("offload is what the edge did not send, and never below zero", () => {
  const { stats } = fakeChannel("demo");
  const offload = (peers: number, edge: number, cache: number) =>
    channelStats({ name: "demo", title: "" }, stats, {
      ...NOBODY,
      bytes: { peers, edge, cache, uploaded: 0 },
    }).offload;
  // The edge sent 120 bytes of segments.
  assertEquals(offload(900, 200, 100), 0.9);
  assertEquals(offload(0, 0, 0), 0);
  assertEquals(offload(10, 10, 0), 0);
});

Deno.test("metrics are in Prometheus' text format, each family once, with help and type", async () => {
  const pulled = fakeChannel("news");
  pulled.stats = { ...pulled.stats, upstream: { requests: 3, bytes: 400, failures: 1 } };
  const { app } = openEdge([fakeChannel("demo"), pulled]);
  const response = await app.request("/metrics");
  assertMatch(response.headers.get("content-type")!, /^text\/plain; version=0\.0\.4/);

  const samples = new Map<string, number>();
  const types = new Map<string, string>();
  const helped = new Set<string>();
  const text = await response.text();
  assert(text.endsWith("\n"));
  for (const line of text.trimEnd().split("\n")) {
    const help = /^# HELP (\w+) .+$/.exec(line);
    const type = /^# TYPE (\w+) (counter|gauge)$/.exec(line);
    const sample = /^((\w+)\{(?:\w+="[^"\\]*",?)+\}) (\d+(?:\.\d+)?)$/.exec(line);
    if (help) {
      assert(!helped.has(help[1]!), line);
      helped.add(help[1]!);
    } else if (type) {
      assert(helped.has(type[1]!), line);
      types.set(type[1]!, type[2]!);
    } else {
      if (!sample) throw new Error(`not a line of the format: ${line}`);
      assert(types.has(sample[2]!), line);
      assertEquals(types.get(sample[2]!) === "counter", sample[2]!.endsWith("_total"));
      assert(!samples.has(sample[1]!), line);
      samples.set(sample[1]!, Number(sample[3]));
    }
  }
  assertEquals(samples.get('tributary_edge_sent_bytes_total{channel="demo",kind="segments"}'), 100);
  assertEquals(samples.get('tributary_edge_requests_total{channel="news",kind="ranges"}'), 3);
  assertEquals(samples.get('tributary_upstream_bytes_total{channel="news"}'), 400);
  assertEquals(samples.has('tributary_upstream_bytes_total{channel="demo"}'), false);
  assertEquals(samples.get('tributary_on_air{channel="demo"}'), 1);
});

Deno.test("an edge without channels still answers", async () => {
  const { app } = openEdge([]);
  assertEquals(await (await app.request("/metrics")).text(), "");
  assertEquals(await (await app.request("/api/channels")).json(), { channels: [] });
  const { error } = await (await app.request("/live/demo/index.m3u8")).json();
  assertEquals(error.hint, "This edge has no channels.");
});
