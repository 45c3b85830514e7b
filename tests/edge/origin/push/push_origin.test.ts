import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { mp4Box, tsSegment } from "../scripted_upstream.ts";
import { playlist, sending, SOURCE } from "./sending.ts";

const MASTER_WAIT_MS = 1_500;

async function problem(response: Response): Promise<[number, string]> {
  const { error } = await response.json();
  return [response.status, error.code];
}

Deno.test("what a source puts is on air as soon as its playlist names it, byte for byte", async () => {
  const { origin, platform, put, live, until, sequences, media } = sending();
  assertEquals(origin.stats().state, "off-air");
  await live(0, 0);
  await platform.advance(MASTER_WAIT_MS);
  await until(() => sequences().length === 1);
  assertEquals(origin.stats().state, "on-air");
  await put("s1.ts", tsSegment("the second"));
  await put("index.m3u8", playlist(0, 1));
  await until(() => sequences().length === 2);
  assertEquals((await media("index.m3u8")).segments.map(({ uri }) => uri), ["r0/0.ts", "r0/1.ts"]);
  const served = await origin.respond("r0/1.ts", new Request("http://edge.test/"));
  assertEquals(await served.bytes(), tsSegment("the second"));
  await origin.stop();
  assertEquals(platform.timers(), 0);
});

Deno.test("renditions wait for the master playlist, and nothing is announced before all are there", async () => {
  const { origin, log, put, until, sequences } = sending();
  for (const name of ["low", "high"]) {
    await put(`${name}0.ts`, tsSegment(name));
    await put(`${name}.m3u8`, playlist(0, 0, (at) => `${name}${at}.ts`));
  }
  assertEquals(log.entries(), []);
  const master = [
    "#EXTM3U",
    "#EXT-X-STREAM-INF:BANDWIDTH=100000",
    "low.m3u8",
    "#EXT-X-STREAM-INF:BANDWIDTH=900000",
    "high.m3u8",
  ];
  await put("master.m3u8", master.join("\n"));
  await until(() => sequences(0).length === 1 && sequences(1).length === 1);
  assertEquals(log.descriptions().map(({ renditions }) => renditions.length), [2]);
  assertEquals(log.descriptions()[0]!.renditions.map(({ playlist }) => playlist), [
    "r0/index.m3u8",
    "r1/index.m3u8",
  ]);
  await origin.stop();
});

Deno.test("a playlist that is there before its segment waits for it", async () => {
  const { origin, platform, put, live, until, sequences } = sending();
  await live(0, 0);
  await platform.advance(MASTER_WAIT_MS);
  await until(() => sequences().length === 1);
  const { readable, writable } = new TransformStream<Uint8Array<ArrayBuffer>>();
  const putting = put("s1.ts", readable);
  await put("index.m3u8", playlist(0, 1));
  const writer = writable.getWriter();
  await writer.write(tsSegment("late"));
  assertEquals(sequences(), [0]);
  await writer.close();
  await putting;
  await until(() => sequences().length === 2);
  await origin.stop();
});

Deno.test("after a restart of the edge a source goes on with what it puts next", async () => {
  const first = sending();
  await first.live(0, 4);
  await first.platform.advance(MASTER_WAIT_MS);
  await first.until(() => first.sequences().length > 0);
  await first.origin.stop();
  const again = sending({ stored: first.platform.stored, now: first.platform.now() });
  await again.put("s5.ts", tsSegment("s5"));
  await again.put("index.m3u8", playlist(3, 5));
  await again.platform.advance(MASTER_WAIT_MS);
  await again.until(() => again.sequences().length === 1);
  assertEquals(again.sequences(), [5]);
  await again.origin.stop();
});

Deno.test("an encoder that begins anew under the same names goes on in a new epoch", async () => {
  const { origin, log, platform, put, live, until, sequences, epochs } = sending();
  await live(0, 1);
  await platform.advance(MASTER_WAIT_MS);
  await until(() => sequences().length === 2);
  await put("s0.ts", tsSegment("another film"));
  await put("index.m3u8", playlist(0, 0));
  await until(() => sequences().length === 3);
  await put("s1.ts", tsSegment("its second part"));
  await put("index.m3u8", playlist(0, 1));
  await until(() => sequences().length === 4);
  assertEquals(sequences(), [0, 1, 2, 3]);
  assertEquals(epochs(), [1, 1, 2, 2]);
  const breaks = log.entries().map(({ discontinuity }) => discontinuity);
  assertEquals(breaks, [false, false, true, false]);
  const last = await origin.respond("r0/3.ts", new Request("http://edge.test/"));
  assertEquals(await last.bytes(), tsSegment("its second part"));
  await origin.stop();
});

Deno.test("an encoder of two renditions that begins anew begins one new epoch, not two", async () => {
  const { origin, put, until, sequences, epochs } = sending();
  const master = ["#EXTM3U"];
  for (const name of ["low", "high"]) {
    master.push("#EXT-X-STREAM-INF:BANDWIDTH=100000", `${name}.m3u8`);
  }
  await put("master.m3u8", master.join("\n"));
  for (const film of ["first", "second"]) {
    for (const name of ["low", "high"]) await put(`${name}0.ts`, tsSegment(`${name} ${film}`));
    for (const name of ["low", "high"]) {
      await put(`${name}.m3u8`, playlist(0, 0, (at) => `${name}${at}.ts`));
    }
    const count = film === "first" ? 1 : 2;
    await until(() => sequences(0).length === count && sequences(1).length === count);
  }
  for (const name of ["low", "high"]) {
    await put(`${name}1.ts`, tsSegment(`${name} goes on`));
    await put(`${name}.m3u8`, playlist(0, 1, (at) => `${name}${at}.ts`));
  }
  await until(() => sequences(0).length === 3 && sequences(1).length === 3);
  assertEquals([epochs(0), epochs(1)], [[1, 2, 2], [1, 2, 2]]);
  await origin.stop();
});

Deno.test("the same segment put twice is no new beginning", async () => {
  const { origin, platform, put, live, until, sequences, epochs } = sending();
  await live(0, 1);
  await platform.advance(MASTER_WAIT_MS);
  await until(() => sequences().length === 2);
  await put("s1.ts", tsSegment("s1.ts of 1"));
  await live(2, 2);
  await until(() => sequences().length === 3);
  assertEquals(epochs(), [1, 1, 1]);
  await origin.stop();
});

Deno.test("a silent source is said to be silent, then off air, and is back when it returns", async () => {
  const { origin, log, platform, live, until, sequences } = sending();
  await live(0, 0);
  await platform.advance(MASTER_WAIT_MS);
  await until(() => sequences().length === 1);
  await platform.advance(10_000);
  assertEquals(origin.stats().state, "upstream-down");
  await platform.advance(60_000);
  assertEquals(origin.stats().state, "off-air");
  await live(1, 1);
  await until(() => sequences().length === 2);
  assertEquals(log.states().at(-1), "on-air");
  await origin.stop();
});

Deno.test("a source that ends its stream takes the channel off air at once", async () => {
  const { origin, platform, put, live, until } = sending();
  await live(0, 1);
  await platform.advance(MASTER_WAIT_MS);
  await until(() => origin.stats().state === "on-air");
  await put("index.m3u8", playlist(0, 1, undefined, ["#EXT-X-ENDLIST"]));
  await until(() => origin.stats().state === "off-air");
  assertMatch(origin.stats().detail!, /ended/);
  await origin.stop();
});

Deno.test("one source at a time: a second is refused until it takes over or the first is silent", async () => {
  const { origin, platform, put } = sending();
  const second = { id: "other 10.0.0.2", takesOver: false };
  assertEquals((await put("s0.ts", tsSegment("a"))).status, 201);
  assertEquals(await problem(await put("s0.ts", tsSegment("b"), second)), [409, "channel-on-air"]);
  assertEquals((await put("s0.ts", tsSegment("b"), { ...second, takesOver: true })).status, 204);
  assertEquals(await problem(await put("s1.ts", tsSegment("a"))), [409, "channel-on-air"]);
  await platform.advance(10_000);
  assertEquals((await put("s1.ts", tsSegment("a"), SOURCE)).status, 201);
  await origin.stop();
});

Deno.test("who has ended its stream leaves its place to anybody", async () => {
  const { origin, platform, put, live, until } = sending();
  await live(0, 1);
  await platform.advance(MASTER_WAIT_MS);
  await until(() => origin.stats().state === "on-air");
  await put("index.m3u8", playlist(0, 1, undefined, ["#EXT-X-ENDLIST"]));
  await until(() => origin.stats().state === "off-air");
  const second = { id: "other 10.0.0.2", takesOver: false };
  assertEquals((await put("s0.ts", tsSegment("b"), second)).status, 204);
  await origin.stop();
});

Deno.test("what is wrong with a file is said at once, and what was there before is kept", async () => {
  const { origin, platform, put, live, until, sequences } = sending();
  await live(0, 0);
  const cases: [string, BodyInit, number, string][] = [
    ["a.ts", "not media at all", 415, "unsupported-media"],
    ["a.ts", tsSegment("short").subarray(0, 300), 400, "segment-truncated"],
    ["a.m4s", mp4Box("moof", "torn").subarray(0, 10), 400, "segment-truncated"],
    ["b.m3u8", "#EXTM3U\n#EXTINF:x,\na.ts", 400, "playlist-malformed"],
    ["b.m3u8", "<html>", 400, "playlist-not-hls"],
  ];
  for (const [path, body, status, code] of cases) {
    assertEquals([path, ...await problem(await put(path, body))], [path, status, code]);
  }
  await platform.advance(MASTER_WAIT_MS);
  await until(() => sequences().length === 1);
  await origin.stop();
});

Deno.test("an upload that breaks off is thrown away, and its place is skipped", async () => {
  const { origin, log, platform, put, live, until, sequences } = sending();
  await live(0, 0);
  await platform.advance(MASTER_WAIT_MS);
  await until(() => sequences().length === 1);
  const broken = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(tsSegment("half"));
      controller.error(new Error("connection reset"));
    },
  });
  assertEquals(await problem(await put("s1.ts", broken)), [400, "upload-broken-off"]);
  await live(2, 3, (at) => `s${at}.ts`);
  await put("index.m3u8", playlist(0, 3));
  await until(() => sequences().includes(3));
  assertEquals(sequences(), [0, 2, 3]);
  assertStringIncludes(origin.stats().state, "on-air");
  assertEquals(log.entries().length, 3);
  await origin.stop();
});

Deno.test("a playlist leads nowhere but to what was put", async () => {
  const { origin, platform, put, until } = sending();
  const elsewhere = playlist(0, 0, () => "http://10.0.0.9/secret.ts");
  await put("index.m3u8", elsewhere);
  await platform.advance(MASTER_WAIT_MS);
  await until(() => platform.timers() <= 1);
  assertEquals(origin.stats().window.segments, 0);
  await origin.stop();
});
