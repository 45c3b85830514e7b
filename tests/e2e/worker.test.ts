/** The worker on another site: how much it keeps, and how it is replaced by a newer one. */
import { assert, assertEquals, assertGreater } from "@std/assert";
import { join } from "@std/path";
import { openBrowser } from "../support/browser.ts";
import { ensureBuilt, root } from "../support/build.ts";
import { hasPartners, received } from "../support/crowd.ts";
import { startEdge } from "../support/edge_process.ts";
import { startForeignSite } from "../support/foreign_site.ts";
import { joinHeadless } from "../support/headless_peer.ts";
import { openViewer, type Viewer } from "../support/viewer.ts";
import { pause, waitUntil } from "../support/wait.ts";

/** About two segments of the demo, bytes. */
const CACHE_BYTES = 300_000;
/** The cache's index is written a second after it has changed, ms. */
const WRITTEN_MS = 2_000;
/** What the viewer may be starved of, ms. */
const STARVED_MS = 250;

/** What the worker keeps in this profile: URLs and bytes of responses, and what its index says of them. */
function stored(viewer: Viewer) {
  return viewer.page.evaluate(async () => {
    const cache = await caches.open("tributary-media-v1");
    let bytes = 0;
    const urls = [];
    for (const request of await cache.keys()) {
      urls.push(request.url);
      bytes += (await (await cache.match(request))!.arrayBuffer()).byteLength;
    }
    const opened = indexedDB.open("tributary");
    await new Promise((resolve) => opened.onsuccess = resolve);
    const got = opened.result.transaction("media").objectStore("media").get("index");
    await new Promise((resolve) => got.onsuccess = resolve);
    opened.result.close();
    return {
      urls: urls.sort(),
      bytes,
      indexed: [...(got.result as Map<string, unknown>).keys()].sort(),
    };
  });
}

Deno.test("the peer cache keeps the newest media, in as many bytes as the site allows", async () => {
  await using edge = await startEdge();
  await using site = startForeignSite(edge.url, { tag: `data-cache="${CACHE_BYTES}"` });
  await using browser = await openBrowser();
  await using viewer = await openViewer(browser, `${site.url}/`);
  await viewer.plays(9);
  // A lone viewer that is paused asks for nothing: what is kept stays as it is.
  await viewer.pause();
  await pause(WRITTEN_MS);
  const { urls, bytes, indexed } = await stored(viewer);
  const { all } = await received(viewer);
  assertGreater(all, 2 * CACHE_BYTES);
  assertGreater(bytes, CACHE_BYTES / 3);
  assert(bytes <= CACHE_BYTES, `${bytes} bytes are kept where ${CACHE_BYTES} may be`);
  assertEquals(indexed, urls);
});

Deno.test("a newer worker takes over, and the picture goes on", async () => {
  await ensureBuilt();
  const script = await Deno.readTextFile(join(root, "dist/sw.js"));
  let version = 1;
  await using scripts = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => {
    const tells = `addEventListener("message", ({ data, ports }) => {
      if (data === "which?") ports[0].postMessage(${version});
    });`;
    const headers = { "content-type": "text/javascript", "cache-control": "no-cache" };
    return new Response(`${script}\n${tells}`, { headers });
  });
  await using edge = await startEdge();
  const worker = `http://127.0.0.1:${scripts.addr.port}/sw.js`;
  await using site = startForeignSite(edge.url, { worker });
  await using browser = await openBrowser();
  await using _partner = await joinHeadless(edge.url, "demo");
  await using viewer = await openViewer(browser, `${site.url}/`);
  const running = () =>
    viewer.page.evaluate(() =>
      new Promise<number | undefined>((resolve) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = ({ data }) => resolve(data);
        navigator.serviceWorker.controller?.postMessage("which?", [port2]);
        setTimeout(resolve, 1_000);
      })
    );
  await viewer.plays(3);
  await waitUntil("the first worker", async () => await running() === 1, 10_000);

  version = 2;
  await viewer.reload();
  await viewer.plays(1);
  const { starvedMs } = await viewer.read();
  // Chromium looks for one some time after a page has loaded, later the busier the machine is.
  await waitUntil("the newer worker", async () => await running() === 2, 40_000);
  await hasPartners(viewer, 1);
  const before = await received(viewer);
  await waitUntil(
    "media of the partner through the newer worker",
    async () => (await received(viewer)).peers > before.peers,
    20_000,
  );
  await viewer.plays(5);
  const now = await viewer.read();
  assertEquals(now.mediaErrors, []);
  assert(now.starvedMs - starvedMs <= STARVED_MS, `starved for ${now.starvedMs - starvedMs} ms`);
  assertEquals((await viewer.stats())?.state, "sharing");
});
