/** The viewer's switch and cap hold; browsers without the parts simply play. */
import { assert, assertEquals } from "@std/assert";
import { openBrowser } from "../support/browser.ts";
import { hasPartners } from "../support/crowd.ts";
import { startEdge } from "../support/edge_process.ts";
import { joinHeadless } from "../support/headless_peer.ts";
import { openViewer } from "../support/viewer.ts";
import { pause, waitUntil } from "../support/wait.ts";

/** bytes/s, far less than the partner would take. */
const CAP = 10_000;
const MEASURED_MS = 10_000;
/** A burst and one piece may go out at once. */
const SLACK_BYTES = 16_384 + CAP;

Deno.test("the viewer's cap holds, and the switch stops uploads at once and for the next visit", async () => {
  await using edge = await startEdge();
  await using browser = await openBrowser();
  await using viewer = await openViewer(browser, `${edge.url}/watch/demo`);
  await viewer.plays(3);
  await viewer.page.evaluate((cap) => globalThis.window.tributary!.setUploadCap(cap), CAP);
  await using _partner = await joinHeadless(edge.url, "demo");
  await hasPartners(viewer, 1);
  const uploaded = async () => (await viewer.stats())!.bytes.uploaded;

  // Both ends of the measured time are taken on the outside of what is counted.
  const fromMs = performance.now();
  const before = await uploaded();
  await waitUntil("it gives", async () => await uploaded() > before, 20_000);
  await pause(MEASURED_MS);
  const capped = await uploaded() - before;
  const seconds = (performance.now() - fromMs) / 1000;
  assert(capped <= CAP * seconds + SLACK_BYTES, `${capped} bytes in ${seconds} s`);

  await viewer.page.evaluate(() => globalThis.window.tributary!.setUpload(false));
  const atSwitch = await uploaded();
  await viewer.plays(5);
  assertEquals(await uploaded(), atSwitch);

  await viewer.reload();
  await viewer.plays(3);
  assertEquals((await viewer.stats())?.upload.on, false, "the choice is remembered");
});

Deno.test("without service workers, and without WebRTC, the page simply plays and says why", async () => {
  await using edge = await startEdge();
  await using browser = await openBrowser();
  for (
    const [without, state, words] of [
      ["worker", "edge-only", /service worker/],
      ["webrtc", "alone", /WebRTC is blocked/],
    ] as const
  ) {
    await using viewer = await openViewer(browser, `${edge.url}/watch/demo`, {
      without: [without],
    });
    await viewer.plays(5);
    const stats = await viewer.stats();
    assertEquals(stats?.state, state);
    assert(words.test(stats!.reason), stats!.reason);
    assert((await viewer.read()).starvedMs <= 250);
  }
});
