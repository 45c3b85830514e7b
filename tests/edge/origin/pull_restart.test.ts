import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { mp4Box, numbered, type ScriptedSegment } from "./scripted_upstream.ts";
import { pulling } from "./pulling.ts";

/** An fMP4 playlist of segments `first … last`, with the init segment `init.mp4`. */
function fragmented(
  channel: ReturnType<typeof pulling>,
  first: number,
  segments: ScriptedSegment[],
  init = "init.mp4",
): void {
  for (const { name } of segments) channel.upstream.file(`/${name}`, mp4Box("moof", name));
  channel.upstream.playlist("/live.m3u8", first, segments, {
    head: [`#EXT-X-MAP:URI="${init}?token=secret"`],
  });
}

Deno.test("when the upstream counts from 0 again the epoch rises and our numbers go on", async () => {
  const { upstream, origin, watch, until, advanceUntil, sequences, epochs, log } = pulling();
  upstream.live(100, 104);
  watch();
  await until(() => origin.stats().state === "on-air");
  upstream.live(0, 1);
  await advanceUntil(() => sequences().length === 5);
  assertEquals(sequences(), [102, 103, 104, 105, 106]);
  assertEquals(epochs(), [1, 1, 1, 2, 2]);
  assertEquals(log.entries().map((entry) => entry.discontinuity), [
    ...[false, false, false],
    ...[true, false],
  ]);
  upstream.live(0, 3);
  await advanceUntil(() => sequences().length === 7);
  assertEquals(sequences().slice(-2), [107, 108]);
  assertEquals(epochs().at(-1), 2);
  await origin.stop();
});

Deno.test("an old copy from a cache is no restart, unless it stays", async () => {
  const { upstream, origin, platform, watch, until, advanceUntil, sequences, epochs } = pulling();
  upstream.live(0, 4);
  watch();
  await until(() => origin.stats().state === "on-air");
  upstream.live(0, 3);
  await platform.advance(4000);
  upstream.live(1, 5);
  await advanceUntil(() => sequences().length === 4);
  assertEquals(epochs(), [1, 1, 1, 1]);

  upstream.live(0, 3);
  await advanceUntil(() => sequences().length > 4);
  assertEquals(epochs().at(-1), 2);
  assertEquals(sequences()[4], 6);
  await origin.stop();
});

Deno.test("another segment under a number that we had means a restart", async () => {
  const { upstream, origin, watch, until, advanceUntil, sequences, epochs } = pulling();
  upstream.live(0, 2);
  watch();
  await until(() => origin.stats().state === "on-air");
  upstream.playlist("/live.m3u8", 0, ["a", "b", "c", "d"].map((name) => ({ name: `${name}.ts` })));
  await advanceUntil(() => sequences().length === 6);
  assertEquals(sequences(), [0, 1, 2, 3, 4, 5]);
  assertEquals(epochs(), [1, 1, 1, 2, 2, 2]);
  await origin.stop();
});

Deno.test("neither epoch nor numbers go back over a restart of the edge", async () => {
  const before = pulling();
  before.upstream.live(100, 104);
  before.watch();
  await before.until(() => before.origin.stats().state === "on-air");
  before.upstream.live(0, 1);
  await before.advanceUntil(() => before.sequences().length === 5);
  await before.origin.stop();

  const goesOn = pulling({ stored: structuredClone(before.platform.stored) });
  goesOn.upstream.live(36, 42);
  goesOn.watch();
  await goesOn.until(() => goesOn.origin.stats().state === "on-air");
  assertEquals(goesOn.sequences(), [145, 146, 147]);
  assertEquals(goesOn.epochs(), [2, 2, 2]);
  await goesOn.origin.stop();

  // What was given out after the last write is not known: numbers leave room for it.
  const restarted = pulling({ stored: structuredClone(goesOn.platform.stored) });
  restarted.upstream.live(0, 1);
  restarted.watch();
  await restarted.advanceUntil(() => restarted.origin.stats().state === "on-air");
  assertEquals(restarted.epochs(), [3, 3]);
  assert(restarted.sequences()[0]! > 147);
  await restarted.origin.stop();
});

Deno.test("the store is written when something changes, and else every few seconds", async () => {
  const channel = pulling();
  let writes = 0;
  const { set } = channel.platform.store;
  channel.platform.store.set = (key, value) => {
    writes++;
    return set(key, value);
  };
  channel.upstream.live(0, 2);
  channel.watch();
  await channel.until(() => channel.origin.stats().state === "on-air");
  assertEquals(writes, 1);
  for (let last = 3; last <= 12; last++) {
    channel.upstream.live(last - 2, last);
    await channel.advanceUntil(() => channel.sequences().at(-1) === last);
  }
  // Ten segments of 2 s.
  assert(writes >= 3 && writes <= 6, `${writes} writes`);
  await channel.origin.stop();
});

Deno.test("an init segment is fetched once and served under its epoch", async () => {
  const channel = pulling();
  const { upstream, origin, watch, until, advanceUntil, sequences, get, text } = channel;
  upstream.file("/init.mp4", mp4Box("ftyp", "one"));
  fragmented(channel, 0, numbered(0, 4, "m4s"));
  watch();
  await until(() => origin.stats().state === "on-air");
  fragmented(channel, 1, numbered(1, 5, "m4s"));
  await advanceUntil(() => sequences().length === 4);
  assertEquals(upstream.requests("/init.mp4"), 1);
  assertStringIncludes(await text("index.m3u8"), '#EXT-X-MAP:URI="r0/init-1.mp4"');
  const init = await get("r0/init-1.mp4");
  assertEquals(init.headers.get("Content-Type"), "video/mp4");
  assertEquals(await init.bytes(), mp4Box("ftyp", "one"));
  await origin.stop();
});

Deno.test("another init segment raises the epoch; the old one stays for the segments that need it", async () => {
  const channel = pulling();
  const { upstream, origin, watch, until, advanceUntil, epochs, sequences, media, get, log } =
    channel;
  upstream.file("/init.mp4", mp4Box("ftyp", "one"));
  upstream.file("/init2.mp4", mp4Box("ftyp", "two"));
  upstream.file("/copy.mp4", mp4Box("ftyp", "two"));
  fragmented(channel, 0, numbered(0, 2, "m4s"));
  watch();
  await until(() => origin.stats().state === "on-air");
  fragmented(channel, 1, numbered(1, 3, "m4s"), "init2.mp4");
  await advanceUntil(() => sequences().length === 4);
  fragmented(channel, 2, numbered(2, 4, "m4s"), "copy.mp4");
  await advanceUntil(() => sequences().length === 5);
  assertEquals(epochs(), [1, 1, 1, 2, 2]);
  assertEquals(sequences(), [0, 1, 2, 3, 4]);
  assertEquals(log.entries().map((entry) => entry.discontinuity)[3], true);
  const { segments } = await media("index.m3u8");
  assertEquals(segments.map(({ init }) => init?.uri), [
    ...Array(3).fill("r0/init-1.mp4"),
    ...Array(2).fill("r0/init-2.mp4"),
  ]);
  assertEquals(await (await get("r0/init-1.mp4")).bytes(), mp4Box("ftyp", "one"));
  assertEquals(await (await get("r0/init-2.mp4")).bytes(), mp4Box("ftyp", "two"));
  await origin.stop();
});

Deno.test("an encoder that comes back with other settings under the same names is noticed", async () => {
  const channel = pulling();
  const { upstream, origin, watch, until, advanceUntil, epochs, sequences, get } = channel;
  upstream.file("/init.mp4", mp4Box("ftyp", "one"));
  fragmented(channel, 50, numbered(50, 52, "m4s"));
  watch();
  await until(() => origin.stats().state === "on-air");
  upstream.file("/init.mp4", mp4Box("ftyp", "two"));
  fragmented(channel, 0, numbered(0, 1, "m4s"));
  await advanceUntil(() => sequences().length === 5);
  assertEquals(epochs(), [1, 1, 1, 2, 2]);
  assertEquals(await (await get("r0/init-2.mp4")).bytes(), mp4Box("ftyp", "two"));
  await origin.stop();
});

Deno.test("over a restart of the edge an init path never stands for other bytes", async () => {
  const before = pulling();
  before.upstream.file("/init.mp4", mp4Box("ftyp", "one"));
  fragmented(before, 0, numbered(0, 2, "m4s"));
  before.watch();
  await before.until(() => before.origin.stats().state === "on-air");
  await before.origin.stop();

  const same = pulling({ stored: structuredClone(before.platform.stored) });
  same.upstream.file("/init.mp4", mp4Box("ftyp", "one"));
  fragmented(same, 1, numbered(1, 3, "m4s"));
  same.watch();
  await same.until(() => same.origin.stats().state === "on-air");
  assertEquals(same.epochs(), [1, 1, 1]);
  assertEquals((await same.get("r0/init-1.mp4")).status, 200);
  await same.origin.stop();

  const other = pulling({ stored: structuredClone(before.platform.stored) });
  other.upstream.file("/init.mp4", mp4Box("ftyp", "two"));
  fragmented(other, 1, numbered(1, 3, "m4s"));
  other.watch();
  await other.until(() => other.origin.stats().state === "on-air");
  assertEquals(other.epochs(), [2, 2, 2]);
  await other.origin.stop();
});
