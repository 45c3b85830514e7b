/** Viewers of one live channel, each with a plain `<video>`, feed each other. */
import { assert, assertEquals } from "@std/assert";
import { openBrowser } from "../support/browser.ts";
import { startCountingProxy } from "../support/counting_proxy.ts";
import { hasPartners, openCrowd, received, spreads } from "../support/crowd.ts";
import { startEdge } from "../support/edge_process.ts";
import type { Viewer } from "../support/viewer.ts";
import { pause } from "../support/wait.ts";

const VIEWERS = 4;
const MEASURED_MS = 20_000;
/** What one viewer may be starved of in total, ms. */
const STARVED_MS = 250;

async function assertNobodyStarved(viewers: readonly Viewer[]): Promise<void> {
  for (const viewer of viewers) {
    const { starvedMs, mediaErrors } = await viewer.read();
    assertEquals(mediaErrors, []);
    assert(starvedMs <= STARVED_MS, `starved for ${starvedMs} ms`);
  }
}

Deno.test("viewers of a live channel feed each other: no stall, and the edge sends less than half", async () => {
  await using edge = await startEdge();
  await using proxy = startCountingProxy(edge.url);
  await using browser = await openBrowser();
  const startedMs = Date.now();
  await using crowd = await openCrowd(browser, `${proxy.url}/watch/demo`, VIEWERS);
  const { viewers } = crowd;
  for (const viewer of viewers) await hasPartners(viewer, VIEWERS - 1);

  await spreads(edge, "demo", VIEWERS);
  const joinedMs = Date.now();
  const before = await Promise.all(viewers.map(received));
  await pause(MEASURED_MS);
  const after = await Promise.all(viewers.map(received));
  await assertNobodyStarved(viewers);

  // A plain viewer fetches everything from the edge.
  const plain = after.reduce((sum, now, at) => sum + now.all - before[at]!.all, 0);
  const sent = proxy.bytes(["segment", "range", "init"], joinedMs);
  assert(sent < plain / 2, `the edge sent ${sent} bytes where plain viewers cost ${plain}`);
  for (const [at, now] of after.entries()) {
    assert(now.peers > before[at]!.peers, `viewer ${at} got nothing from its partners`);
  }
  const [victim, ...others] = viewers as [Viewer, ...Viewer[]];
  const devtools = await victim.page.context().newCDPSession(victim.page);
  // Never answered: the page is gone.
  devtools.send("Page.crash").catch(() => {});
  for (const viewer of others) await viewer.plays(8);
  await assertNobodyStarved(others);

  const playlists = proxy.requests.filter((one) => one.class === "playlist" && one.atMs > joinedMs);
  const viewerMinutes = others.length * (Date.now() - joinedMs) / 60_000;
  assert(
    playlists.length <= viewerMinutes,
    `${playlists.length} playlist requests of viewers that had joined`,
  );

  const whole = proxy.bytes(["segment", "range", "init"], startedMs);
  const all = (await Promise.all(others.map(received))).reduce((sum, now) => sum + now.all, 0);
  console.log(
    `edge: ${(sent / plain).toFixed(2)} of plain viewers' bytes once all had joined`,
    `(1/${VIEWERS} is the bound); ${(whole / (all + after[0]!.all)).toFixed(2)} with the joins;`,
    `${playlists.length} playlist requests in ${viewerMinutes.toFixed(1)} viewer-minutes`,
  );
});
