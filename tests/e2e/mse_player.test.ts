/** A player library on a page of another site: it fetches by itself and feeds the element by MSE. */
import { assert, assertEquals } from "@std/assert";
import { openBrowser } from "../support/browser.ts";
import { type CountingProxy, startCountingProxy } from "../support/counting_proxy.ts";
import { hasPartners, published, spreads } from "../support/crowd.ts";
import { type EdgeProcess, startEdge } from "../support/edge_process.ts";
import { startPlayerSite } from "../support/foreign_site.ts";
import { joinHeadless } from "../support/headless_peer.ts";
import { openViewer } from "../support/viewer.ts";

/** What the viewer may be starved of, ms. */
const STARVED_MS = 250;
/** Segments over which is counted what the viewer fetched of them itself. */
const COUNTED = 5;

/**
 * What part of these segments did not come through the proxy, 0 … 1. With two that inject, the edge
 * gives each half of a segment's runs, and a run is a piece or two: between 0.35 and 0.65 is due.
 */
async function spared(
  edge: EdgeProcess,
  proxy: CountingProxy,
  sequences: readonly number[],
): Promise<number> {
  let [fetched, all] = [0, 0];
  for (const sequence of sequences) {
    const path = `/live/demo/r0/${sequence}.m4s`;
    const { headers } = await fetch(edge.url + path, { method: "HEAD" });
    all += Number(headers.get("content-length"));
    for (const one of proxy.requests) if (one.path.startsWith(path)) fetched += one.bytes;
  }
  return 1 - fetched / all;
}

Deno.test("hls.js plays what partners and the ledger give, once the worker is in charge", async () => {
  await using edge = await startEdge();
  await using proxy = startCountingProxy(edge.url);
  await using site = await startPlayerSite(proxy.url, "hls.js", "demo");
  await using browser = await openBrowser();
  await using _partner = await joinHeadless(edge.url, "demo");

  await using viewer = await openViewer(browser, `${site.url}/`);
  await viewer.plays(2);
  await viewer.page.waitForFunction(() => navigator.serviceWorker.controller !== null);

  const secondMs = Date.now();
  await viewer.reload();
  await viewer.plays(1);
  await hasPartners(viewer, 1);
  const first = await spreads(edge, "demo", 2) + 1;
  const joinedMs = Date.now();
  const { starvedMs } = await viewer.read();
  await published(edge, "demo", first + COUNTED);
  // By now hls.js has played into the last of them.
  await viewer.plays(4);

  const sequences = Array.from({ length: COUNTED }, (_, at) => first + at);
  const share = await spared(edge, proxy, sequences);
  assert(share > 0.2, `only ${share} of its media came from its partner`);
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
