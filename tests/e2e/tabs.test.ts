/** Hidden, paused and second tabs, with the browser's own throttling. */
import { assert, assertEquals } from "@std/assert";
import { openBrowser } from "../support/browser.ts";
import { hasPartners, received, spreads } from "../support/crowd.ts";
import { startEdge } from "../support/edge_process.ts";
import { joinHeadless } from "../support/headless_peer.ts";
import { openViewer } from "../support/viewer.ts";
import { pause, waitUntil } from "../support/wait.ts";

/** DESIGN.md: a page paused for longer neither prefetches nor injects. */
const QUIET_AFTER_MS = 10_000;
/** For the second that a page takes to notice, and for what is under way then. */
const SETTLED_MS = 4_000;

Deno.test("a hidden tab plays on and is fed by partners; one hidden and paused gives nothing", async () => {
  await using edge = await startEdge();
  await using browser = await openBrowser();
  await using _partner = await joinHeadless(edge.url, "demo");
  await using viewer = await openViewer(browser, `${edge.url}/watch/demo`);
  await viewer.plays(3);
  await hasPartners(viewer, 1);

  // Chromium itself pauses a muted video in a hidden tab.
  await viewer.page.evaluate(() => void (document.querySelector("video")!.muted = false));
  await viewer.hide();
  const atHide = await received(viewer);
  const { starvedMs } = await viewer.read();
  await viewer.plays(15);
  const hidden = await viewer.stats();
  assert((await received(viewer)).peers > atHide.peers, "partners feed it while it is hidden");
  assert((await viewer.read()).starvedMs - starvedMs <= 250);
  assertEquals(hidden?.upload.active, true, "it plays, so it gives");

  await viewer.pause();
  await waitUntil("no upload", async () => !(await viewer.stats())!.upload.active, 5_000);
  await pause(QUIET_AFTER_MS + SETTLED_MS);
  const quiet = await viewer.stats();
  await pause(5_000);
  const later = await viewer.stats();
  assertEquals(later?.bytes, quiet?.bytes, "neither takes, nor injects, nor gives");

  await viewer.show();
  await viewer.play();
  await viewer.plays(4);
  assertEquals((await viewer.stats())?.upload.active, true);
});

Deno.test("a paused tab in sight goes quiet after ten seconds, but still gives what it holds", async () => {
  await using edge = await startEdge();
  await using browser = await openBrowser();
  await using viewer = await openViewer(browser, `${edge.url}/watch/demo`);
  await viewer.plays(4);
  await viewer.pause();
  await pause(QUIET_AFTER_MS + SETTLED_MS);
  const before = await viewer.stats();
  await using _late = await joinHeadless(edge.url, "demo");
  await hasPartners(viewer, 1);
  await pause(5_000);
  const after = await viewer.stats();
  assertEquals(after?.bytes.edge, before?.bytes.edge, "it injects nothing");
  assertEquals(after?.bytes.peers, before?.bytes.peers, "it takes nothing ahead");
  assertEquals(after?.upload.active, true);
});

Deno.test("two tabs of one site share without WebRTC", async () => {
  await using edge = await startEdge();
  await using browser = await openBrowser();
  await using profile = await browser.profile();
  const without = ["webrtc"] as const;
  await using first = await openViewer(browser, `${edge.url}/watch/demo`, { profile, without });
  await first.plays(3);
  await using second = await openViewer(browser, `${edge.url}/watch/demo`, {
    profile,
    without,
    where: "window",
  });
  await second.plays(3);
  await hasPartners(first, 1);
  await hasPartners(second, 1);
  await spreads(edge, "demo", 2);
  const before = await Promise.all([first, second].map(received));
  await Promise.all([first.plays(10), second.plays(10)]);
  const after = await Promise.all([first, second].map(received));
  const shared = after.reduce((sum, now, at) => sum + now.peers - before[at]!.peers, 0);
  const all = after.reduce((sum, now, at) => sum + now.all - before[at]!.all, 0);
  assert(shared > all / 3, `the tabs gave each other ${shared} of ${all} bytes`);
});
