import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { makeClip } from "./clips.ts";
import { programming, SITE, type Site } from "./programming.ts";

const [a, b, other] = await Promise.all([
  makeClip("a.mp4", { seconds: 7 }),
  makeClip("b.mp4", { seconds: 5.4, tone: 880 }),
  makeClip("other.mp4", { seconds: 6, size: "128x72" }),
]);
/** A round of the loop of both. */
const ROUND_MS = 12_400;
/** Half a second into a round. */
const NOW = Math.floor(Date.UTC(2026, 5, 1) / ROUND_MS) * ROUND_MS + 500;
const time = (ms: number) => new Date(NOW + ms).toISOString();

function site(schedule: unknown, files: Record<string, Uint8Array<ArrayBuffer>> = {}): Site {
  return new Map<string, Uint8Array<ArrayBuffer> | string>([
    ["/tv.json", JSON.stringify(schedule)],
    ...Object.entries({ "/a.mp4": a, "/b.mp4": b, "/other.mp4": other, ...files }),
  ]);
}
const LOOP = { title: "Harbour TV", items: [{ url: "a.mp4", title: "Alpha" }, { url: "b.mp4" }] };

Deno.test("a loop goes on over its items and its end without a break", async () => {
  const { watch, entries, advanceUntil, origin, log } = await programming(site(LOOP), { now: NOW });
  watch();
  await advanceUntil(() => entries().length >= 14);
  const list = entries();
  list.slice(1).forEach((entry, at) => {
    const before = list[at]!;
    assertEquals(entry.startMs, before.startMs + before.durationMs);
    assertEquals(entry.unit.sequence, before.unit.sequence + 1);
    assertEquals([entry.discontinuity, entry.unit.epoch], [false, 1]);
  });
  const starts = list.map(({ startMs }) => (startMs % ROUND_MS + ROUND_MS) % ROUND_MS);
  // Alpha from 0 to 7 s, and b.mp4 from there on: keyframes are at every second one.
  assertEquals([...new Set(starts)].sort((x, y) => x - y), [
    ...[0, 2_000, 4_000, 6_000],
    ...[7_000, 9_000, 11_000],
  ]);
  assertEquals(log.descriptions().at(-1)!.renditions[0]!.inits.length, 1);
  await origin.stop();
});

Deno.test("a segment is published when it is over, and who comes first finds some", async () => {
  const { watch, entries, until, advanceUntil, origin, platform } = await programming(site(LOOP), {
    now: NOW,
  });
  watch();
  await until(() => origin.stats().state === "on-air" && entries().length >= 3);
  for (const { startMs, durationMs } of entries()) assert(startMs + durationMs <= NOW);
  assert(entries()[0]!.startMs > NOW - 12_000);
  const before = entries().length;
  await advanceUntil(() => entries().length > before);
  const { startMs, durationMs } = entries().at(-1)!;
  assert(startMs + durationMs <= platform.now());
  await origin.stop();
});

Deno.test("another edge, and this one after a restart, have the same bytes on air at the same time", async () => {
  const stored = new Map<string, unknown>();
  const runs: Map<number, string>[] = [];
  for (const now of [NOW, NOW + 5_300]) {
    const { watch, entries, advanceUntil, origin, bytes } = await programming(site(LOOP), {
      now,
      stored,
    });
    watch();
    await advanceUntil(() => entries().length >= 9);
    const own = new Map<number, string>();
    for (const { uri, startMs } of entries()) own.set(startMs, `${await bytes(uri)}`);
    runs.push(own);
    await origin.stop();
  }
  const [first, second] = runs;
  const common = [...first!.keys()].filter((startMs) => second!.has(startMs));
  assert(common.length >= 4);
  for (const startMs of common) assertEquals(second!.get(startMs), first!.get(startMs));
});

Deno.test("numbers go on after a restart, after a break", async () => {
  const stored = new Map<string, unknown>();
  const newest: number[] = [];
  for (const now of [NOW, NOW + 60_000]) {
    const { watch, entries, until, origin } = await programming(site(LOOP), { now, stored });
    watch();
    await until(() => entries().length >= 3);
    const [first] = entries();
    assertEquals([first!.discontinuity, first!.unit.epoch], [now !== NOW, 1]);
    assert(first!.unit.sequence > (newest[0] ?? -1));
    newest.push(entries().at(-1)!.unit.sequence);
    await origin.stop();
  }
});

Deno.test("media is read while somebody watches, once however many do", async () => {
  const stage = await programming(site(LOOP), { now: NOW });
  const { asked, watch, platform, advanceUntil, until, entries, origin } = stage;
  const measured = () => origin.onNow!().now !== undefined;
  await until(measured);
  const before = [...asked].sort();
  assertEquals(before, ["/a.mp4", "/b.mp4", "/tv.json"]);
  await platform.advance(120_000);
  assertEquals(asked.length, before.length, "nobody watches");
  watch(1);
  watch(500);
  await advanceUntil(() => entries().length >= 8);
  const media = asked.slice(before.length).filter((path) => path !== "/tv.json");
  assert(media.length <= 4, `${media}`);
  watch(0);
  await platform.advance(60_000);
  assertEquals(origin.stats().state, "idle");
  const after = asked.length;
  await platform.advance(120_000);
  assertEquals(asked.length, after);
  await origin.stop();
  assertEquals(platform.timers(), 0);
});

Deno.test("another size or codec is another epoch, with a discontinuity and an init of its own", async () => {
  const items = [{ url: "a.mp4" }, { url: "other.mp4" }];
  const { watch, entries, advanceUntil, origin, log } = await programming(site({ items }), {
    now: Math.ceil(NOW / 13_000) * 13_000,
  });
  watch();
  await advanceUntil(() => entries().some(({ unit }) => unit.epoch >= 3));
  for (const [at, entry] of entries().entries()) {
    const before = entries()[at - 1];
    if (!before) continue;
    assertEquals(entry.startMs, before.startMs + before.durationMs);
    assertEquals(entry.discontinuity, entry.unit.epoch !== before.unit.epoch);
  }
  const { inits, lastDiscontinuity } = log.descriptions().at(-1)!.renditions[0]!;
  assertEquals(inits.map(({ uri }) => uri), ["r0/init-1.mp4", "r0/init-2.mp4", "r0/init-3.mp4"]);
  assertEquals(lastDiscontinuity?.before, 1);
  await origin.stop();
});

Deno.test("a missing file leaves a hole of its time, is told of, and what follows begins when it is due", async () => {
  const items = [
    { url: "a.mp4", start: time(0) },
    { url: "gone.mp4", title: "Lost film", duration: 6 },
    { url: "b.mp4", title: "Beta" },
  ];
  const { watch, entries, advanceUntil, origin, platform, log, playing } = await programming(
    site({ items }),
    { now: NOW },
  );
  watch();
  await advanceUntil(() => entries().length >= 5);
  assertEquals(entries().map(({ startMs, discontinuity }) => [startMs - NOW, discontinuity]), [
    [0, false],
    [2_000, false],
    [4_000, false],
    [6_000, false],
    [13_000, true],
  ]);
  assertEquals(playing(), "Beta");
  assert(log.states().includes("upstream-down"), "the hole");
  const told = platform.lines.filter(({ level }) => level === "warn");
  assertEquals(told.length, 1);
  assertStringIncludes(told[0]!.message, "tv: Lost film is left out: files.test answered 404.");
  assertStringIncludes(origin.stats().detail!, "Lost film");
  await origin.stop();
});

Deno.test("a file that comes in time after all is played from where it would be", async () => {
  const files = site({ items: [{ url: "late.mp4", start: time(0), duration: 14 }] });
  const { watch, entries, advanceUntil, origin } = await programming(files, { now: NOW });
  watch();
  await advanceUntil(() => origin.stats().state === "upstream-down");
  const long = await makeClip("late.mp4", { seconds: 14 });
  files.set("/late.mp4", long);
  await advanceUntil(() => entries().length >= 2);
  assertEquals(entries().slice(0, 2).map(({ startMs }) => startMs - NOW), [10_000, 12_000]);
  await origin.stop();
});

Deno.test("what is no media is left out, and the notice names what is taken", async () => {
  const files = site({ items: [{ url: "a.mp4" }, { url: "page.mp4" }] });
  files.set("/page.mp4", "<html>not found</html>".repeat(200));
  const { watch, entries, advanceUntil, origin, platform } = await programming(files, { now: NOW });
  watch();
  await advanceUntil(() => entries().length >= 6);
  assert(entries().slice(1).every(({ discontinuity }) => !discontinuity), "the loop is a.mp4");
  const told = platform.lines.filter(({ code }) => code === "unsupported-media");
  assertStringIncludes(told[0]!.message, "page is left out: The file is of no kind");
  assertStringIncludes(told[0]!.message, "MP4 with H.264 and AAC");
  await origin.stop();
});

Deno.test("a new schedule takes over when what is on air ends", async () => {
  const old = [{ url: "a.mp4", start: time(0) }, { url: "b.mp4", title: "Old" }];
  const files = site({ items: old });
  // It is read again ten seconds later, while b.mp4 is on.
  const { watch, entries, advanceUntil, origin, playing } = await programming(files, {
    now: NOW - 50_000,
  });
  watch();
  await advanceUntil(() => entries().length >= 1);
  const items = [{ url: "b.mp4", start: time(8_000) }, { url: "other.mp4", title: "New" }];
  files.set("/tv.json", JSON.stringify({ items }));
  await advanceUntil(() => entries().length >= 8);
  assertEquals(playing(), "New");
  // By then the new one is in the last segment of b.mp4, which began while the old one was on.
  assertEquals(entries().slice(3, 8).map((one) => [one.startMs - NOW, one.discontinuity]), [
    [6_000, false],
    [7_000, false],
    [9_000, false],
    [11_000, false],
    [13_400, true],
  ]);
  await origin.stop();
});

Deno.test("what is on, and what comes next, is known before anybody watches", async () => {
  const { until, origin, playing, watch, entries } = await programming(site(LOOP), { now: NOW });
  await until(() => origin.onNow!().now !== undefined);
  assertEquals(origin.onNow!(), {
    now: { title: "Alpha", startMs: NOW - 500, endMs: NOW + 6_500 },
    next: { title: "b", startMs: NOW + 6_500, endMs: NOW + 11_900 },
  });
  assertEquals(origin.words!(), { title: "Harbour TV" });
  watch();
  await until(() => entries().length >= 5);
  assertEquals(playing(), "b", "what is published is some seconds old");
  await origin.stop();
});

/** From one item to another over a gap that began a second ago. */
function gapOf(ms: number) {
  return [{ url: "a.mp4", start: time(-8_000) }, { url: "b.mp4", start: time(ms - 1_000) }];
}

Deno.test("a short gap is waited through, with a break after it", async () => {
  const stage = await programming(site({ items: gapOf(20_000) }), { now: NOW });
  const { watch, entries, advanceUntil, origin, log } = stage;
  watch();
  await advanceUntil(() => log.states().includes("upstream-down"));
  await advanceUntil(() => entries().at(-1)!.startMs === NOW + 19_000);
  assertEquals(entries().at(-1)!.discontinuity, true);
  assertEquals(log.states(), ["starting", "on-air", "upstream-down", "on-air"]);
  await origin.stop();
});

Deno.test("a long gap is off air", async () => {
  const items = gapOf(90_000);
  const { watch, until, origin, log } = await programming(site({ items }), { now: NOW });
  watch();
  await until(() => log.states().includes("off-air") && origin.onNow!().next !== undefined);
  assertEquals(origin.onNow!().now, undefined);
  assertEquals(origin.onNow!().next?.title, "b");
  await origin.stop();
});

Deno.test("a filler fills a gap without a break", async () => {
  const items = gapOf(12_000);
  const stage = await programming(site({ items, filler: { url: "b.mp4" } }), { now: NOW });
  const { watch, entries, advanceUntil, origin } = stage;
  watch();
  await advanceUntil(() => entries().at(-1)?.startMs === NOW + 11_000);
  assert(entries().slice(1).every(({ discontinuity }) => !discontinuity));
  await origin.stop();
});

Deno.test("an edge that slept goes on with what is on now", async () => {
  const { watch, entries, advanceUntil, origin, platform } = await programming(site(LOOP), {
    now: NOW,
  });
  watch();
  await advanceUntil(() => entries().length >= 5);
  platform.sleep(300_000);
  const before = entries().length;
  await advanceUntil(() => entries().length >= before + 4);
  assert(entries().at(-1)!.startMs > platform.now() - 12_000);
  assertEquals(entries().slice(before).filter(({ discontinuity }) => discontinuity).length, 1);
  await origin.stop();
});

Deno.test("a full disk is told of, and what can be told goes on", async () => {
  const stage = await programming(site(LOOP), { now: NOW });
  const { watch, advanceUntil, origin, platform, entries } = stage;
  await stage.until(() => origin.onNow!().now !== undefined);
  const { set } = platform.store;
  platform.store.set = () => Promise.reject(new Error("the disk is full"));
  watch();
  await advanceUntil(() => platform.lines.length > 0);
  assertStringIncludes(platform.lines[0]!.message, "the disk is full");
  platform.store.set = set;
  await advanceUntil(() => entries().length >= 2);
  await origin.stop();
});

Deno.test("items of a schedule from the web never lead to files of this machine", async () => {
  const files = site(LOOP);
  files.set("/tv.json", JSON.stringify({ items: [{ url: "data-folder:///a.mp4" }] }));
  const error = await programming(files).then(() => undefined, (error) => error);
  assertEquals(error.code, "schedule-unreadable");
  assertStringIncludes(error.message, `The schedule ${SITE.slice(7)}/tv.json`);
});
