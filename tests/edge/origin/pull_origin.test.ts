import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { numbered, tsSegment } from "./scripted_upstream.ts";
import { pulling } from "./pulling.ts";

Deno.test("nothing is asked of the upstream before somebody watches", async () => {
  const { upstream, origin, platform } = pulling();
  upstream.live(0, 9);
  await platform.advance(60_000);
  assertEquals(upstream.requests("/live.m3u8"), 0);
  assertEquals(origin.stats().state, "idle");
  assertEquals(platform.timers(), 0);
});

Deno.test("the first watcher brings the last three segments of the upstream's window", async () => {
  const { upstream, origin, log, sequences, watch, until } = pulling();
  upstream.live(10, 19);
  watch();
  await until(() => origin.stats().state === "on-air");
  assertEquals(sequences(), [17, 18, 19]);
  assertEquals(log.states(), ["starting", "on-air"]);
  const described = log.events.findIndex(({ type }) => type === "described");
  assert(described < log.events.findIndex(({ type }) => type === "published"));
  assertEquals(log.descriptions(), [{
    name: "news",
    title: "News",
    base: "/live/news/",
    targetDurationMs: 2000,
    master: false,
    renditions: [
      { id: 0, kind: "main", playlist: "index.m3u8", container: "ts", attributes: "", inits: [] },
    ],
  }]);
  assertEquals(upstream.requests("/live.m3u8"), 1);
  await origin.stop();
});

Deno.test("a plain player's playlist request waits for the first segments", async () => {
  const { upstream, origin, media, get } = pulling();
  upstream.live(10, 19);
  const playlist = await media("index.m3u8");
  assertEquals(playlist.segments.map(({ uri }) => uri), ["r0/17.ts", "r0/18.ts", "r0/19.ts"]);
  const segment = await get("r0/18.ts");
  assertEquals(segment.headers.get("Content-Type"), "video/mp2t");
  assertStringIncludes(await segment.text(), "seg18.ts");
  assertEquals((await media("r0/index.m3u8")).segments[0]!.uri, "17.ts");
  await origin.stop();
});

Deno.test("fifty viewers at once cost the upstream what one costs", async () => {
  const { upstream, origin, media, get, advanceUntil, sequences } = pulling();
  upstream.live(0, 4);
  await Promise.all(Array.from({ length: 50 }, async () => {
    const { segments } = await media("index.m3u8");
    await Promise.all(segments.map(async ({ uri }) => await (await get(uri)).bytes()));
  }));
  upstream.live(1, 5);
  await advanceUntil(() => sequences().length === 4);
  await Promise.all(Array.from({ length: 50 }, async () => await (await get("r0/5.ts")).bytes()));
  for (const name of ["seg2", "seg3", "seg4", "seg5"]) {
    assertEquals(upstream.requests(`/${name}.ts`), 1);
  }
  assertEquals(origin.stats().upstream?.requests, 6);
  assertEquals(origin.stats().requests.segments, 200);
  await origin.stop();
});

Deno.test("playlists are asked for a target duration after news and half of one after none", async () => {
  const { upstream, origin, platform, watch, until } = pulling();
  upstream.live(0, 4);
  watch();
  await until(() => origin.stats().state === "on-air");
  const asked = () => upstream.requests("/live.m3u8");
  await platform.advance(1999);
  assertEquals(asked(), 1);
  await platform.advance(1);
  await until(() => asked() === 2);
  await until(() => platform.timers() === 1);
  await platform.advance(999);
  assertEquals(asked(), 2);
  await platform.advance(1);
  await until(() => asked() === 3);
  await origin.stop();
});

Deno.test("30 s after the last viewer the upstream is left alone, and comes back with the next one", async () => {
  const { upstream, origin, platform, watch, sequences, epochs, advanceUntil, until, media } =
    pulling();
  upstream.live(0, 4);
  watch(2);
  await until(() => origin.stats().state === "on-air");
  watch(0);
  await advanceUntil(() => origin.stats().state === "idle");
  const asked = upstream.requests("/live.m3u8");
  assertEquals(platform.timers(), 0);
  await platform.advance(120_000);
  assertEquals(upstream.requests("/live.m3u8"), asked);

  upstream.live(60, 64);
  const playlist = await media("index.m3u8");
  assertEquals(sequences(), [2, 3, 4, 62, 63, 64]);
  assertEquals(playlist.mediaSequence, 62);
  assertEquals(playlist.segments.length, 3);
  assertEquals(new Set(epochs()), new Set([1]));
  await origin.stop();
});

Deno.test("once a stop has resolved the upstream is left alone, whoever asks", async () => {
  const { upstream, origin, platform, log, watch, sequences, until, get } = pulling();
  upstream.live(0, 4);
  watch();
  await until(() => sequences().length > 0);
  await origin.stop();
  const { length } = log.events;
  const asked = upstream.requests("/live.m3u8");
  assertEquals(platform.timers(), 0);
  await get("index.m3u8");
  watch(2);
  await platform.advance(60_000);
  assertEquals([log.events.length, upstream.requests("/live.m3u8")], [length, asked]);
});

Deno.test("a player that polls keeps the channel awake", async () => {
  const { upstream, origin, platform, media } = pulling();
  upstream.live(0, 4);
  for (let second = 0; second < 90; second += 10) {
    await media("index.m3u8");
    await platform.advance(10_000);
  }
  assert(origin.stats().state !== "idle");
  await origin.stop();
});

Deno.test("discontinuities are passed on and counted when they leave the playlist", async () => {
  const { upstream, origin, watch, advanceUntil, sequences, media } = pulling();
  const segments = numbered(0, 20);
  segments[2]!.tags = ["#EXT-X-DISCONTINUITY"];
  segments[8]!.tags = ["#EXT-X-DISCONTINUITY"];
  upstream.playlist("/live.m3u8", 0, segments.slice(0, 4));
  watch();
  await advanceUntil(() => sequences().length === 3);
  assertEquals((await media("index.m3u8")).segments.map((one) => one.discontinuity), [
    false,
    true,
    false,
  ]);
  upstream.playlist("/live.m3u8", 2, segments.slice(2, 13));
  await advanceUntil(() => sequences().at(-1) === 12);
  const later = await media("index.m3u8");
  assertEquals(later.mediaSequence, 5);
  assertEquals(later.discontinuitySequence, 1);
  assertEquals(later.segments.filter((one) => one.discontinuity).map((one) => one.sequence), [8]);
  await origin.stop();
});

Deno.test("the upstream's own time is kept; without it segments are chained from their arrival", async () => {
  const timed = pulling();
  const segments = numbered(0, 3);
  segments[0]!.tags = ["#EXT-X-PROGRAM-DATE-TIME:2026-03-01T10:00:00.500+0000"];
  timed.upstream.playlist("/live.m3u8", 0, segments);
  timed.watch();
  await timed.until(() => timed.sequences().length === 3);
  const start = Date.UTC(2026, 2, 1, 10) + 500;
  assertEquals(
    timed.log.entries().map(({ startMs }) => startMs),
    [2, 4, 6].map((s) => start + s * 1000),
  );
  await timed.origin.stop();

  const untimed = pulling();
  untimed.upstream.live(0, 3);
  untimed.watch();
  await untimed.until(() => untimed.sequences().length === 3);
  const now = untimed.platform.now();
  assertEquals(
    untimed.log.entries().map(({ startMs }) => startMs),
    [-6, -4, -2].map((s) => now + s * 1000),
  );
  await untimed.origin.stop();
});

Deno.test("an upstream that ends is published to the end, then the channel is off air", async () => {
  const { upstream, origin, text, log } = pulling();
  upstream.live(0, 4, ["#EXT-X-ENDLIST"]);
  assertMatch(await text("index.m3u8"), /4\.ts\n#EXT-X-ENDLIST\n$/);
  assertEquals(origin.stats().state, "off-air");
  assertEquals(log.lastDetail(), "The upstream has ended its stream.");
  await origin.stop();
});

Deno.test("renditions are described together before the first segment, and share one clock", async () => {
  const { upstream, origin, watch, log, sequences, advanceUntil, until, platform } = pulling({
    path: "/master.m3u8",
  });
  const variant = (name: string) => `#EXT-X-STREAM-INF:BANDWIDTH=1\n${name}.m3u8\n`;
  upstream.text("/master.m3u8", `#EXTM3U\n${variant("low")}${variant("high")}`);
  upstream.playlist("/low.m3u8", 0, numbered(0, 3));
  const late = Promise.withResolvers<void>();
  upstream.playlist("/high.m3u8", 1, numbered(1, 4, "aac"));
  upstream.serve("/seg2.aac", async () => {
    await late.promise;
    return new Response(tsSegment("seg2"));
  });
  watch();
  await until(() => upstream.requests("/seg2.aac") === 1 && upstream.requests("/seg1.ts") === 1);
  await platform.advance(700);
  assertEquals(log.descriptions(), []);
  late.resolve();
  await advanceUntil(() => sequences(0).length === 3 && sequences(1).length === 3);
  assertEquals(log.descriptions().map(({ renditions }) => renditions.length), [2]);
  const [low, high] = [0, 1].map((id) =>
    new Map(log.entries(id).map(({ unit, startMs }) => [unit.sequence, startMs]))
  );
  for (const sequence of [2, 3]) assertEquals(low!.get(sequence), high!.get(sequence));
  await origin.stop();
});

Deno.test("after a long pause what was live is not served as live", async () => {
  const { upstream, origin, watch, until, advanceUntil, platform, get } = pulling();
  upstream.live(0, 4);
  watch();
  await until(() => origin.stats().state === "on-air");
  watch(0);
  await advanceUntil(() => origin.stats().state === "idle");
  await platform.advance(3_600_000);
  upstream.fail(() => new Response("", { status: 503 }));
  const answer = get("index.m3u8");
  await until(() => origin.stats().state === "upstream-down");
  await platform.advance(8000);
  const response = await answer;
  assertEquals(response.status, 503);
  assertStringIncludes((await response.json()).error.message, "(upstream-status)");
  assertEquals(origin.stats().window.segments, 0);
  await origin.stop();
});

Deno.test("nothing of the upstream's address reaches viewers", async () => {
  const { upstream, origin, log, text, get, advanceUntil, platform } = pulling({
    path: "/master.m3u8",
  });
  upstream.text(
    "/master.m3u8",
    [
      "#EXTM3U",
      '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="English",URI="audio.m3u8?token=secret"',
      '#EXT-X-STREAM-INF:BANDWIDTH=800000,AUDIO="a",SUBTITLES="s"',
      "live.m3u8?token=secret",
    ].join("\n"),
  );
  upstream.live(0, 3);
  upstream.playlist("/audio.m3u8", 0, numbered(0, 3, "aac"));
  const shown = [
    await text("index.m3u8"),
    await text("r0/index.m3u8"),
    await text("r1/index.m3u8"),
  ];
  upstream.fail(() => new Response("token=secret", { status: 403 }));
  await advanceUntil(() => origin.stats().state === "upstream-down");
  shown.push(JSON.stringify([log.events, origin.stats(), platform.lines]));
  shown.push(await text("r0/99.ts"), JSON.stringify([...(await get("index.m3u8")).headers]));
  for (const one of shown) assert(!/secret|token=/.test(one), one);
  assertStringIncludes(shown[0]!, '#EXT-X-STREAM-INF:BANDWIDTH=800000,AUDIO="a"\nr0/index.m3u8');
  assertStringIncludes(shown[0]!, 'NAME="English",URI="r1/index.m3u8"');
  await origin.stop();
});

Deno.test("sound that is listed as a variant too, as ffmpeg lists it, is a rendition once", async () => {
  const { upstream, origin, log, text } = pulling({ path: "/master.m3u8" });
  upstream.text(
    "/master.m3u8",
    [
      "#EXTM3U",
      '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="English",URI="audio.m3u8"',
      '#EXT-X-STREAM-INF:BANDWIDTH=800000,AUDIO="a"',
      "live.m3u8",
      '#EXT-X-STREAM-INF:BANDWIDTH=70000,AUDIO="a"',
      "audio.m3u8",
    ].join("\n"),
  );
  upstream.live(0, 3);
  upstream.playlist("/audio.m3u8", 0, numbered(0, 3, "aac"));
  await text("index.m3u8");
  const renditions = log.descriptions().at(-1)!.renditions.map(({ kind }) => kind);
  assertEquals(renditions, ["main", "audio"]);
  await origin.stop();
});

Deno.test("a stopped channel leaves neither timers nor requests behind", async () => {
  const { upstream, origin, platform, watch, until } = pulling();
  upstream.live(0, 4);
  watch();
  await until(() => origin.stats().state === "on-air");
  await origin.stop();
  await platform.advance(0);
  assertEquals(platform.timers(), 0);
  upstream.live(1, 5);
  await platform.advance(60_000);
  assertEquals(upstream.requests("/live.m3u8"), 1);
});
