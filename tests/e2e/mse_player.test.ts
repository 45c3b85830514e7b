/** A player library on a page of another site: it fetches by itself and feeds the element by MSE. */
import { assert, assertEquals } from "@std/assert";
import { openBrowser } from "../support/browser.ts";
import { startCountingProxy } from "../support/counting_proxy.ts";
import { hasPartners, received } from "../support/crowd.ts";
import { startEdge } from "../support/edge_process.ts";
import { startHlsJsSite } from "../support/foreign_site.ts";
import { joinHeadless } from "../support/headless_peer.ts";
import { openViewer } from "../support/viewer.ts";

/** What the viewer may be starved of, ms. */
const STARVED_MS = 250;

Deno.test("hls.js plays what partners and the ledger give, once the worker is in charge", async () => {
  await using edge = await startEdge();
  await using proxy = startCountingProxy(edge.url);
  await using site = await startHlsJsSite(proxy.url);
  await using browser = await openBrowser();
  await using _partner = await joinHeadless(edge.url, "demo");

  await using viewer = await openViewer(browser, `${site.url}/`);
  await viewer.plays(2);
  await viewer.page.waitForFunction(() => navigator.serviceWorker.controller !== null);

  const secondMs = Date.now();
  await viewer.reload();
  await viewer.plays(1);
  await hasPartners(viewer, 1);
  const joinedMs = Date.now();
  const before = await received(viewer);
  const { starvedMs } = await viewer.read();
  await viewer.plays(12);

  const after = await received(viewer);
  const share = (after.peers - before.peers) / (after.all - before.all);
  assert(share > 0.3, `only ${share} of its media came from its partner`);
  assertEquals((await viewer.stats())?.state, "sharing");
  const sinceJoin = proxy.requests.filter(({ atMs }) => atMs >= joinedMs);
  const asked = (kind: string) => sinceJoin.filter((one) => one.class === kind).length;
  assertEquals(asked("playlist"), 0, "playlists come from the ledger");
  assertEquals(asked("segment"), 0, "the worker answers whole segments; only ranges are fetched");
  const now = await viewer.read();
  assert(now.starvedMs - starvedMs <= STARVED_MS, `starved for ${now.starvedMs - starvedMs} ms`);
  assertEquals([now.mediaErrors, viewer.errors], [[], []]);
  console.log(
    `from its partner: ${share.toFixed(2)};`,
    `playlists of the second visit: ${
      proxy.requests.filter((one) => one.class === "playlist" && one.atMs >= secondMs).length
    }`,
  );
});
