/** The play button pressed some time after the page has loaded. */
import { assertEquals } from "@std/assert";
import { openBrowser } from "../support/browser.ts";
import { startEdge } from "../support/edge_process.ts";
import { startForeignSite } from "../support/foreign_site.ts";
import { openViewer, type Viewer } from "../support/viewer.ts";
import { pause } from "../support/wait.ts";

/** Long enough for Chromium to have fetched all that the playlist lists, too short for a new segment. */
const LATE_MS = 300;

/** Presses play `LATE_MS` after the first picture is there, and the page has joined the swarm. */
async function pressPlay(viewer: Viewer): Promise<void> {
  await viewer.page.waitForFunction(() =>
    document.querySelector("video")!.readyState >= 2 &&
    ["alone", "sharing"].includes(globalThis.window.tributary?.stats().state ?? "")
  );
  await pause(LATE_MS);
  await viewer.page.evaluate(() => {
    // Rejected when the element fails and is loaded again, which plays it too.
    document.querySelector("video")!.play().catch(() => {});
  });
}

Deno.test("play pressed late starts the picture, where Chromium's own HLS gives up", async () => {
  await using edge = await startEdge();
  await using site = startForeignSite(edge.url, { video: "controls muted" });
  await using browser = await openBrowser();
  await using viewer = await openViewer(browser, `${site.url}/`);
  // A first visit may run into the browser's fault, past the worker; then the tag loads once more.
  await pressPlay(viewer);
  await viewer.plays(4);
  for (let visits = 0; visits < 3; visits++) {
    await viewer.reload();
    await pressPlay(viewer);
    await viewer.plays(4);
    assertEquals((await viewer.read()).mediaErrors, []);
  }
});
