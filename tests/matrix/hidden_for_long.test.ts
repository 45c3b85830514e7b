/** Tabs hidden for more than five minutes: from then on Chromium wakes their timers once a minute. */
import { assert, assertEquals } from "@std/assert";
import { openBrowser } from "../support/browser.ts";
import { hasPartners, received } from "../support/crowd.ts";
import { startEdge } from "../support/edge_process.ts";
import { joinHeadless } from "../support/headless_peer.ts";
import { openViewer } from "../support/viewer.ts";
import { pause } from "../support/wait.ts";

const HIDDEN_SECONDS = 400;
const STALL_MS = 250;

Deno.test("a tab hidden for seven minutes plays on, fed by partners; one paused for as long plays on when shown", async () => {
  await using edge = await startEdge();
  await using browser = await openBrowser();
  await using _partner = await joinHeadless(edge.url, "demo");
  await using playing = await openViewer(browser, `${edge.url}/watch/demo`);
  await using paused = await openViewer(browser, `${edge.url}/watch/demo`);
  for (const viewer of [playing, paused]) {
    await viewer.plays(3);
    await hasPartners(viewer, 1);
  }
  await playing.page.evaluate(() => void (document.querySelector("video")!.muted = false));
  await playing.hide();
  await paused.hide();
  await paused.pause();
  const { starvedMs } = await playing.read();

  await playing.plays(HIDDEN_SECONDS - 30, (HIDDEN_SECONDS + 15) * 1000);
  const before = await received(playing);
  await playing.plays(30);
  const after = await received(playing);
  const fromPartners = (after.peers - before.peers) / (after.all - before.all);
  assert(fromPartners > 0.5, `${fromPartners} of its media came from partners at the end`);
  assert((await playing.read()).starvedMs - starvedMs <= STALL_MS);

  const held = (await paused.stats())!.bytes;
  await pause(10_000);
  assertEquals((await paused.stats())!.bytes, held, "hidden and paused it takes nothing");
  await paused.show();
  await paused.play();
  await paused.plays(10);
  assertEquals((await paused.stats())!.upload.active, true);
  assertEquals(paused.errors, []);
});
