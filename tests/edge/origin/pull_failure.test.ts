import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { mp4Box, numbered } from "./scripted_upstream.ts";
import { pulling } from "./pulling.ts";

const unavailable = () => new Response("", { status: 503 });

Deno.test("while the upstream is down the window goes on serving, and media comes back by itself", async () => {
  const { upstream, origin, watch, until, advanceUntil, sequences, media, get, log } = pulling();
  upstream.live(0, 4);
  watch();
  await until(() => origin.stats().state === "on-air");
  upstream.fail(unavailable);
  await advanceUntil(() => origin.stats().state === "upstream-down");
  assertStringIncludes(log.lastDetail()!, "upstream.test answered 503.");
  assertStringIncludes(log.lastDetail()!, "(upstream-status)");
  assertEquals((await media("index.m3u8")).segments.length, 3);
  assertEquals((await get("r0/4.ts")).status, 200);
  upstream.recover();
  upstream.live(2, 7);
  await advanceUntil(() => sequences().length === 6);
  assertEquals(sequences(), [2, 3, 4, 5, 6, 7]);
  assertEquals(origin.stats().state, "on-air");
  assertEquals(origin.stats().detail, undefined);
  await origin.stop();
});

Deno.test("retries back off from 1 s to 4 s while somebody watches, jittered", async () => {
  const { upstream, origin, platform, watch, until, advanceUntil } = pulling({ random: () => 0.5 });
  upstream.fail(unavailable);
  watch();
  await until(() => origin.stats().state === "upstream-down");
  const asked = () => upstream.requests("/live.m3u8");
  const gaps: number[] = [];
  let last = platform.now();
  for (let count = 2; count <= 6; count++) {
    await advanceUntil(() => asked() === count, 50);
    gaps.push(platform.now() - last);
    last = platform.now();
  }
  // Half of the ceiling, and a random part of the other half.
  assertEquals(gaps, [750, 1500, 3000, 3000, 3000]);
  await origin.stop();
});

for (
  const [what, body, code] of [
    ["a web page", "<!doctype html><title>Hello</title>", "playlist-not-hls"],
    ["JSON", '{"error":"no such stream"}', "playlist-not-hls"],
    ["a malformed playlist", "#EXTM3U\n#EXT-X-TARGETDURATION:2\nseg.ts", "playlist-malformed"],
    [
      "a master playlist without variants",
      '#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a"',
      "playlist-malformed",
    ],
    ["more than a mebibyte", `#EXTM3U\n${"#\n".repeat(600_000)}`, "upstream-too-large"],
  ] as const
) {
  Deno.test(`${what} instead of a playlist is said so, and playlist requests get 503 after 8 s`, async () => {
    const { upstream, origin, platform, get, until, log } = pulling();
    upstream.text("/live.m3u8", body);
    const asked = platform.now();
    const answer = get("index.m3u8");
    await until(() => origin.stats().state === "upstream-down");
    assertStringIncludes(log.lastDetail()!, `(${code})`);
    await platform.advance(7999);
    let answered = false;
    answer.then(() => answered = true);
    await platform.advance(0);
    assertEquals(answered, false);
    await platform.advance(1);
    const response = await answer;
    assertEquals(platform.now() - asked, 8000);
    assertEquals(response.status, 503);
    assertEquals(response.headers.get("Retry-After"), "2");
    const { error } = await response.json();
    assertEquals(error.code, "channel-not-ready");
    assertStringIncludes(error.message, `(${code})`);
    assert(error.hint.length > 0);
    await origin.stop();
  });
}

Deno.test("an address that leads nowhere is told by its code", async () => {
  const { origin, watch, until, log } = pulling();
  watch();
  await until(() => origin.stats().state === "upstream-down");
  assertStringIncludes(log.lastDetail()!, "(upstream-not-found)");
  await origin.stop();
});

Deno.test("an upstream that does not answer in 10 s is given up and asked again", async () => {
  const { upstream, origin, platform, watch, until, log } = pulling();
  upstream.fail(() => new Promise(() => {}));
  watch();
  await until(() => upstream.requests("/live.m3u8") === 1);
  await platform.advance(9_999);
  assertEquals(origin.stats().state, "starting");
  await platform.advance(1);
  await until(() => origin.stats().state === "upstream-down");
  assertStringIncludes(log.lastDetail()!, "(upstream-timeout)");
  assertEquals(origin.stats().upstream?.failures, 1);
  upstream.recover();
  upstream.live(0, 2);
  await platform.advance(1000);
  await until(() => origin.stats().state === "on-air");
  await origin.stop();
});

Deno.test("encrypted segments are refused before they are fetched", async () => {
  const { upstream, origin, watch, until, log } = pulling();
  upstream.playlist("/live.m3u8", 0, numbered(0, 3), {
    head: ['#EXT-X-KEY:METHOD=AES-128,URI="https://keys.test/1"'],
  });
  watch();
  await until(() => origin.stats().state === "upstream-down");
  assertStringIncludes(log.lastDetail()!, "(upstream-encrypted)");
  assertEquals(upstream.requests("/seg3.ts"), 0);
  await origin.stop();
});

Deno.test("a playlist cannot make the edge read files of its machine", async () => {
  const opened: string[] = [];
  const { origin, watch, advanceUntil, log, upstream } = pulling({
    fetch: (async (input: string, init?: RequestInit) => {
      opened.push(input);
      return await upstream.fetch(input, init);
    }) as typeof fetch,
  });
  upstream.text(
    "/live.m3u8",
    "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile:///etc/passwd\n",
  );
  watch();
  await advanceUntil(() => (log.lastDetail() ?? "").includes("(upstream-address)"));
  assert(opened.every((url) => url.startsWith("http://upstream.test/")), opened.join());
  await origin.stop();
});

Deno.test("one segment that is missing upstream is passed over after a second try", async () => {
  const { upstream, origin, watch, advanceUntil, sequences, media } = pulling();
  upstream.live(0, 4);
  upstream.remove("/seg3.ts");
  watch();
  await advanceUntil(() => sequences().includes(4));
  assertEquals(sequences(), [2, 4]);
  assertEquals(upstream.requests("/seg3.ts"), 2);
  assertEquals(upstream.requests("/seg2.ts"), 1);
  // A playlist cannot have a hole: it starts behind it.
  assertEquals((await media("index.m3u8")).mediaSequence, 4);
  await origin.stop();
});

Deno.test("a segment that is no media is not passed on", async () => {
  const { upstream, origin, watch, advanceUntil, sequences } = pulling();
  upstream.file("/seg2.ts", new TextEncoder().encode("<html>Sign in</html>"));
  upstream.live(0, 3);
  watch();
  await advanceUntil(() => sequences().includes(3));
  assertEquals(sequences(), [1, 3]);
  await origin.stop();
});

Deno.test("MP4 segments without an init segment are refused", async () => {
  const { upstream, origin, watch, until, log } = pulling();
  upstream.file("/seg0.ts", mp4Box("moof", "x"));
  upstream.live(0, 0);
  watch();
  await until(() => origin.stats().state === "upstream-down");
  assertStringIncludes(log.lastDetail()!, "is MP4 without an init segment");
  await origin.stop();
});

Deno.test("an encoder that stands still is reported, and its return too", async () => {
  const { upstream, origin, watch, until, advanceUntil, log, platform } = pulling();
  upstream.live(0, 4);
  watch();
  await until(() => origin.stats().state === "on-air");
  const silent = platform.now();
  await advanceUntil(() => origin.stats().state === "upstream-down");
  assertStringIncludes(log.lastDetail()!, "(upstream-stalled)");
  assert(platform.now() - silent > 8000 && platform.now() - silent < 12_000);
  upstream.live(1, 5);
  await advanceUntil(() => origin.stats().state === "on-air");
  await origin.stop();
});

Deno.test("one rendition that fails does not take the channel off air", async () => {
  const { upstream, origin, watch, advanceUntil, until, sequences, text, log } = pulling({
    path: "/master.m3u8",
  });
  upstream.text(
    "/master.m3u8",
    "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nlow.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=2\nhigh.m3u8\n",
  );
  upstream.playlist("/low.m3u8", 0, numbered(0, 3));
  watch();
  await until(() => origin.stats().state === "on-air");
  assertStringIncludes(origin.stats().detail!, "(upstream-not-found)");
  assertEquals(await text("index.m3u8").then((it) => it.match(/r\d\/index/g)), ["r0/index"]);
  upstream.playlist(
    "/high.m3u8",
    0,
    numbered(0, 3, "aac").map(({ name }) => ({ name: `h${name}` })),
  );
  await advanceUntil(() => sequences(1).length === 3);
  assertEquals(log.descriptions().at(-1)!.renditions.map(({ id }) => id), [0, 1]);
  assertEquals(await text("index.m3u8").then((it) => it.match(/r\d\/index/g)), [
    "r0/index",
    "r1/index",
  ]);
  await origin.stop();
});

Deno.test("when playlist addresses expire the master playlist is asked for new ones", async () => {
  const { upstream, origin, watch, until, advanceUntil, sequences } = pulling({
    path: "/master.m3u8",
  });
  const master = (path: string) =>
    upstream.text("/master.m3u8", `#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n${path}\n`);
  master("old/live.m3u8");
  upstream.playlist("/old/live.m3u8", 0, numbered(0, 3));
  watch();
  await until(() => origin.stats().state === "on-air");
  upstream.serve("/old/live.m3u8", () => new Response("", { status: 403 }));
  upstream.playlist("/new/live.m3u8", 1, numbered(1, 4));
  master("new/live.m3u8");
  await advanceUntil(() => sequences().includes(4));
  assertEquals(origin.stats().state, "on-air");
  await origin.stop();
});
