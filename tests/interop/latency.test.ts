/** How far behind the source its picture is: a clock is drawn in it, and read again where it comes out. */
import { assert, assertEquals } from "@std/assert";
import { openBrowser } from "../support/browser.ts";
import { playClock, seeClock } from "../support/clock_page.ts";
import { CLOCK_FPS, fragments, H264, startClock } from "../support/clock_source.ts";
import { summary, watchClock } from "../support/clock_watcher.ts";
import { published } from "../support/crowd.ts";
import { startLeafRelay, startLocalRelay } from "../support/local_relay.ts";
import { openViewer } from "../support/viewer.ts";
import { KEY, radioStage } from "./radio_stage.ts";

const SECONDS = 6;
/** What comes at once at the start, and a little more. */
const BURST_PICTURES = 2 * CLOCK_FPS;
const HLS_SEGMENT_S = 2;

const late = (delays: readonly number[]) => summary(delays).p95;

Deno.test("the endless stream is 1.5 s behind its source at the edge at most, 2.5 s two partners down", async () => {
  await using stage = await radioStage(["cam"]);
  const to = `icecast://source:${KEY}@127.0.0.1:${stage.port}/cam`;
  const encoded = [...H264, ...fragments("frame")];
  await using source = await startClock(
    [...encoded, "-content_type", "video/mp4", to],
    [...encoded, "pipe:1"],
  );
  await using own = await watchClock("pipe:0", source.own);
  await stage.onAir("cam");
  await using relay = await startLocalRelay(stage.edge.url, "cam");
  await using leaf = await startLeafRelay(stage.edge.url, "cam");
  for (const one of [relay, leaf]) {
    await one.until("a partner", ({ partners, complete }) => partners >= 1 && complete >= 2);
  }
  await using atEdge = await watchClock(`${stage.edge.url}/stream/cam?burst=0`);
  await using atLeaf = await watchClock(`${leaf.url}/stream/cam?burst=0`);
  const watchers = [own, atEdge, atLeaf];
  await Promise.all(watchers.map((watcher) => watcher.see(BURST_PICTURES)));
  const before = leaf.reading().bytes;
  const seen = await Promise.all(watchers.map((watcher) => watcher.see(SECONDS * CLOCK_FPS)));
  const [ownMs, edgeMs, leafMs] = seen.map(late) as [number, number, number];
  const figures = `source ${ownMs} ms, edge ${edgeMs} ms, two partners down ${leafMs} ms`;
  assert(edgeMs - ownMs <= 1_500, figures);
  assert(leafMs - ownMs <= 2_500, figures);
  const after = leaf.reading().bytes;
  assert(after.peers > before.peers, "it comes by the partner");
  assertEquals(after.edge, before.edge, "and is not fetched beside that");
});

Deno.test("HLS by PUT is shown at the player's own distance, and with the tag no later", async () => {
  await using stage = await radioStage(["cam"]);
  await using _source = await startClock([
    ...[...H264, "-f", "hls", "-hls_time", `${HLS_SEGMENT_S}`, "-hls_segment_type", "fmp4"],
    ...["-method", "PUT", `http://127.0.0.1:${stage.port}/ingest/cam/${KEY}/live.m3u8`],
  ]);
  // Chromium's own HLS gives up where it is listed next to nothing, and then no more for a while.
  await published(stage.edge, "cam", 3);
  await using browser = await openBrowser();
  await using profile = await browser.profile();
  const plain = await profile.tab("window");
  await plain.goto(`${stage.edge.url}/healthz`);
  await playClock(plain, `${stage.edge.url}/live/cam/index.m3u8`);
  await using tagged = await openViewer(browser, `${stage.edge.url}/watch/cam`, {
    where: "window",
  });
  await tagged.plays(SECONDS);
  const [plainMs, taggedMs] = (await Promise.all([
    seeClock(plain, SECONDS),
    seeClock(tagged.page, SECONDS),
  ])).map((delays) => summary(delays).median) as [number, number];
  const figures = `without the tag ${plainMs} ms, with it ${taggedMs} ms`;
  // It begins three segments before the end, which is as old as a segment at most (RFC 8216bis §6.3.3).
  const mostMs = 4 * HLS_SEGMENT_S * 1000 + 1_000;
  assert(Math.max(plainMs, taggedMs) <= mostMs, figures);
  // They began at different times: so far apart are the ends of the playlists that they were given.
  assert(taggedMs - plainMs <= HLS_SEGMENT_S * 1000, figures);
});
