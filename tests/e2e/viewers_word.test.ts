/** The viewer's switch and cap hold; browsers without the parts simply play. */
import { assert, assertEquals } from "@std/assert";
import { openBrowser } from "../support/browser.ts";
import { hasPartners } from "../support/crowd.ts";
import { startEdge } from "../support/edge_process.ts";
import { startForeignSite } from "../support/foreign_site.ts";
import { joinHeadless } from "../support/headless_peer.ts";
import { openViewer, type Viewer, type ViewerOptions } from "../support/viewer.ts";
import { pause, waitUntil } from "../support/wait.ts";

/** bytes/s, far less than the partner would take. */
const CAP = 10_000;
const MEASURED_MS = 10_000;
/** A burst and one piece may go out at once. */
const SLACK_BYTES = 16_384 + CAP;
/** What a viewer may be starved of, ms. */
const STARVED_MS = 250;

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

Deno.test("a site's no holds: its viewers take what partners give, and give nothing", async () => {
  await using edge = await startEdge();
  await using site = startForeignSite(edge.url, { tag: 'data-upload="off"' });
  await using browser = await openBrowser();
  await using _partner = await joinHeadless(edge.url, "demo");
  await using viewer = await openViewer(browser, `${site.url}/`);
  await hasPartners(viewer, 1);
  await viewer.plays(8);
  const { bytes, reason, upload } = (await viewer.stats())!;
  assert(bytes.peers > 0, "its partner gives");
  assertEquals([bytes.uploaded, upload.on], [0, false]);
  assert(/uploading is switched off/.test(reason), reason);
});

/** WebRTC that is there and refuses, as extensions and rules of companies have it. */
function refuseWebRtc(): void {
  globalThis.RTCPeerConnection = class {
    constructor() {
      throw new DOMException("blocked by the administrator", "NotAllowedError");
    }
  } as unknown as typeof RTCPeerConnection;
}

/** A worker that may not be registered, as where cookies are blocked. */
function refuseWorkers(): void {
  ServiceWorkerContainer.prototype.register = () =>
    Promise.reject(new DOMException("blocked by the user", "SecurityError"));
}

Deno.test("with the worker or WebRTC blocked, in whatever way, the page simply plays and says why", async (test) => {
  await using edge = await startEdge();
  await using bare = startForeignSite(edge.url, { worker: null });
  await using browser = await openBrowser();
  // Somebody is there to share with.
  await using _partner = await joinHeadless(edge.url, "demo");
  const watch = `${edge.url}/watch/demo`;
  const ways: [string, string, ViewerOptions, string, RegExp][] = [
    ["no service workers", watch, { without: ["worker"] }, "edge-only", /no service worker/],
    ["workers refused", watch, { before: refuseWorkers }, "edge-only", /blocked by the user/],
    ["no worker file", `${bare.url}/`, {}, "edge-only", /The service worker could not start/],
    ["no WebRTC", watch, { without: ["webrtc"] }, "alone", /WebRTC is blocked/],
    ["WebRTC refused", watch, { before: refuseWebRtc }, "alone", /no direct connection/],
  ];
  await using stack = new AsyncDisposableStack();
  const viewers: Viewer[] = [];
  for (const [, url, options] of ways) {
    const viewer = stack.use(await openViewer(browser, url, options));
    await viewer.firstFrame();
    viewers.push(viewer);
  }
  await Promise.all(viewers.map((viewer) => viewer.plays(8)));
  for (const [at, [what, , , state, words]] of ways.entries()) {
    await test.step(what, async () => {
      const stats = (await viewers[at]!.stats())!;
      assertEquals(stats.state, state);
      assert(words.test(stats.reason), stats.reason);
      const { starvedMs, mediaErrors } = await viewers[at]!.read();
      assertEquals(mediaErrors, []);
      assert(starvedMs <= STARVED_MS, `starved for ${starvedMs} ms`);
    });
  }
});
