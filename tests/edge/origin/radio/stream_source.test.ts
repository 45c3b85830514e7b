import { assert, assertAlmostEquals, assertEquals, assertGreater } from "@std/assert";
import { concat } from "@std/bytes/concat";
import { withoutTimestamp } from "../../../../edge/media/id3_timestamp.ts";
import {
  mp4Fragment,
  mp4Init,
  opusHeaders,
  opusPage,
  payload,
  vorbisHeaders,
} from "../../media/cutting/streams.ts";
import { tsSegment } from "../scripted_upstream.ts";
import { playlist, SOURCE } from "../push/sending.ts";
import { mp3, streaming } from "./streaming.ts";

const OTHER = { id: "somebody else", takesOver: false };
const MASTER_WAIT_MS = 1_500;

async function problem(response: Response): Promise<[number, string]> {
  const { error } = await response.json();
  return [response.status, error.code];
}

Deno.test("a stream is on air as soon as it has a segment, and comes out as it came in", async () => {
  const { origin, platform, encode, until, published, log } = streaming();
  const encoder = encode({ headers: { "ice-name": "Radio" } });
  const stream = mp3(5);
  encoder.send(stream);
  await until(() => published() === 4);
  assertEquals(origin.stats().state, "on-air");
  assertEquals(origin.stats().station, { name: "Radio" });
  assertEquals(origin.words?.(), { title: "Radio" }, "for the directory");
  encoder.leave();
  assertEquals((await encoder.answer).status, 200);
  const segments = await Promise.all(
    log.entries(0).map(async ({ uri }) => {
      const response = await origin.respond(uri, new Request("http://edge.test/"));
      assertEquals(response.headers.get("Content-Type"), "audio/mpeg");
      return withoutTimestamp(await response.bytes());
    }),
  );
  assertEquals(concat(segments), stream);
  for (const [at, { startMs }] of log.entries(0).entries()) {
    const before = log.entries(0)[at - 1];
    // Each is rounded by itself.
    if (before) assertAlmostEquals(startMs, before.startMs + before.durationMs, 1);
  }
  await origin.stop();
  assertEquals(platform.timers(), 0);
});

Deno.test("a source that comes back goes on with its numbers, in a new epoch, after a break", async () => {
  const { origin, encode, until, published, log, media, platform } = streaming();
  for (const count of [1, 2]) {
    const encoder = encode();
    encoder.send(mp3(1, count));
    encoder.leave();
    await encoder.answer;
    await until(() => published() === count);
    assertEquals(origin.stats().state, "upstream-down");
    await platform.advance(5_000);
  }
  assertEquals(
    log.entries(0).map(({ unit, discontinuity }) => [unit.sequence, unit.epoch, discontinuity]),
    [
      [0, 1, false],
      [1, 2, true],
    ],
  );
  assertEquals((await media("index.m3u8")).segments.map(({ discontinuity }) => discontinuity), [
    false,
    true,
  ]);
  await platform.advance(5_000);
  assertEquals(origin.stats().state, "off-air");
  assert((await media("index.m3u8")).endList);
  await origin.stop();
});

Deno.test("after a restart of the edge the numbers never go back", async () => {
  const stored = new Map<string, unknown>();
  const numbers: number[] = [];
  for (let life = 0; life < 3; life++) {
    const { origin, encode, published, log, until } = streaming({ stored });
    const encoder = encode();
    encoder.send(mp3(10));
    await until(() => published() >= 4);
    numbers.push(...log.entries(0).map(({ unit }) => unit.sequence));
    assertEquals(new Set(log.entries(0).map(({ unit }) => unit.epoch)), new Set([life + 1]));
    await origin.stop();
    await encoder.answer;
  }
  assertEquals(numbers, numbers.toSorted((a, b) => a - b));
  assertEquals(new Set(numbers).size, numbers.length);
});

Deno.test("a source that says nothing is off air after a minute, and on air again when it goes on", async () => {
  const { origin, encode, until, published, platform } = streaming();
  const encoder = encode();
  encoder.send(mp3(2));
  await until(() => published() === 1);
  await platform.advance(10_000);
  assertEquals(origin.stats().state, "upstream-down");
  await platform.advance(50_000);
  assertEquals(origin.stats().state, "off-air");
  encoder.send(mp3(2));
  await until(() => origin.stats().state === "on-air");
  await origin.stop();
});

Deno.test("a second stream is refused while the first goes on, also from the same address", async () => {
  const { origin, encode, until, published, platform } = streaming();
  const first = encode();
  first.send(mp3(2));
  await until(() => published() === 1);
  for (const from of [SOURCE, OTHER]) {
    assertEquals(await problem(await encode({ from }).answer), [409, "channel-on-air"]);
  }
  first.send(mp3(1));
  await until(() => published() === 2);
  await platform.advance(10_000);
  const second = encode({ from: OTHER });
  second.send(mp3(2));
  assertEquals(await problem(await first.answer), [409, "taken-over"]);
  await until(() => published() === 4);
  assertEquals(origin.stats().state, "on-air");
  await origin.stop();
});

Deno.test("who asks to takes over at once, and what the first had sent is kept", async () => {
  const { origin, encode, until, published, sequences } = streaming();
  const first = encode();
  first.send(mp3(2));
  await until(() => published() === 1);
  const second = encode({ from: { ...OTHER, takesOver: true } });
  assertEquals(await problem(await first.answer), [409, "taken-over"]);
  second.send(mp3(2));
  await until(() => published() === 3);
  assertEquals(sequences(), [0, 1, 2]);
  await origin.stop();
});

Deno.test("a connection that is lost frees the place at once", async () => {
  const { origin, encode, until, published } = streaming();
  const first = encode();
  first.send(mp3(2));
  await until(() => published() === 1);
  first.fail();
  await first.answer;
  const second = encode({ from: OTHER });
  second.send(mp3(2));
  await until(() => published() === 3);
  await origin.stop();
});

Deno.test("one channel takes files and streams, one after the other, and the numbers go on", async () => {
  const { origin, encode, until, published, platform, live, media, put, sequences, epochs } =
    streaming();
  await live(0, 2);
  await platform.advance(MASTER_WAIT_MS);
  await until(() => published() === 3);
  const encoder = encode();
  assertEquals(await problem(await encoder.answer), [409, "channel-on-air"]);
  await platform.advance(10_000);
  const again = encode();
  again.send(mp3(2));
  await until(() => published() === 4);
  assertEquals((await media("index.m3u8")).segments.map(({ uri }) => uri), ["r0/3.mp3"]);
  assertEquals((await put("s3.ts", tsSegment("x"))).status, 409);
  again.leave();
  await again.answer;
  await until(() => published() === 5);
  await live(5, 7);
  await platform.advance(MASTER_WAIT_MS);
  await until(() => published() === 8);
  assert((await media("index.m3u8")).segments.every(({ uri }) => uri.endsWith(".ts")));
  const numbers = sequences();
  assertEquals(numbers, numbers.toSorted((a, b) => a - b));
  assertEquals(new Set(numbers).size, 8);
  assertGreater(epochs().at(-1)!, epochs()[3]!);
  await put("index.m3u8", playlist(5, 7, undefined, ["#EXT-X-ENDLIST"]));
  await until(() => origin.stats().state === "off-air");
  await origin.stop();
});

Deno.test("every song in Ogg has its init and its title; HLS says where to listen", async () => {
  const { origin, encode, until, published, log } = streaming();
  const encoder = encode({ type: "application/ogg" });
  const song = (serial: number, title: string) =>
    concat([
      opusHeaders(serial, `TITLE=${title}`),
      ...[0, 1, 2, 3].map((at) => opusPage(at, serial)),
    ]);
  encoder.send(song(1, "One"), song(2, "Two"));
  await until(() => published() === 7);
  assertEquals(origin.stats().station?.playing, "Two");
  const { renditions } = log.descriptions().at(-1)!;
  assertEquals(renditions[0]!.inits.map(({ epoch }) => epoch), [1, 2]);
  const init = await origin.respond(renditions[0]!.inits[1]!.uri, new Request("http://edge.test/"));
  assertEquals(await init.bytes(), opusHeaders(2, "TITLE=Two"));
  const hls = await origin.respond("index.m3u8", new Request("http://edge.test/"));
  assertEquals(await problem(hls), [404, "not-for-hls"]);
  await origin.stop();
});

Deno.test("fragmented MP4 comes out as HLS with its init", async () => {
  const { origin, encode, until, published, media } = streaming();
  const encoder = encode({ type: "video/mp4" });
  encoder.send(mp4Init(), ...[0, 1, 2, 3, 4].map((at) => mp4Fragment(at)));
  await until(() => published() === 4);
  const [first] = (await media("index.m3u8")).segments;
  assertEquals([first!.init?.uri, first!.durationMs], ["r0/init-1.mp4", 1000]);
  await origin.stop();
});

Deno.test("what nobody could play is refused with what is taken, and the place is free", async () => {
  const { origin, encode, until, published } = streaming();
  const flac = encode({ type: "audio/flac" });
  assertEquals(await problem(await flac.answer), [415, "unsupported-media"]);
  const theora = encode({ type: "application/ogg" });
  theora.send(concat([opusHeaders().subarray(0, 28), payload(4_000, 1)]));
  assertEquals(await problem(await theora.answer), [415, "unsupported-codec"]);
  assertEquals(origin.stats().state, "off-air");
  assert(origin.stats().detail);
  const encoder = encode({ type: "application/ogg" });
  encoder.send(vorbisHeaders(48_000), ...[0, 1].map((at) => opusPage(at)));
  await until(() => published() === 1);
  await origin.stop();
});

Deno.test("a title holds from the segment that comes next, and only while somebody sends", async () => {
  const { origin, encode, until, published } = streaming();
  assertEquals(origin.retitle!("Nobody"), false);
  const encoder = encode();
  encoder.send(mp3(2));
  await until(() => published() === 1);
  assert(origin.retitle!("Song"));
  assertEquals(origin.stats().station?.playing, "Song");
  encoder.leave();
  await encoder.answer;
  assertEquals(origin.retitle!("Nobody"), false);
  await origin.stop();
});
