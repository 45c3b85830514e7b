/** `/stream/CHANNEL` in a plain element of a page with the tag: radio and picture, filled by partners. */
import { assert, assertEquals } from "@std/assert";
import { KEY, radioStage, startEncoder, TONE } from "../interop/radio_stage.ts";
import { openBrowser, type TestBrowser } from "../support/browser.ts";
import { type CountingProxy, startCountingProxy } from "../support/counting_proxy.ts";
import { startEdge } from "../support/edge_process.ts";
import { startForeignSite } from "../support/foreign_site.ts";
import { openViewer, type Viewer } from "../support/viewer.ts";
import { waitUntil } from "../support/wait.ts";

const page = (element: string) =>
  [
    "text/html",
    `<!DOCTYPE html>
      ${element}
      <script src="/tributary.js" async></script>`,
  ] as const;

/** A viewer whose worker and engine are there before it plays. */
async function openReady(browser: TestBrowser, url: string, partners: number): Promise<Viewer> {
  const viewer = await openViewer(browser, url);
  await waitUntil("a viewer that is ready", async () => {
    const stats = await viewer.stats();
    return stats?.state === (partners > 0 ? "sharing" : "alone") && stats.peers >= partners;
  }, 20_000);
  return viewer;
}

/** Bytes that the edge has sent as an endless stream. */
function streamed({ requests }: CountingProxy): number {
  return requests.filter(({ path }) => path.startsWith("/stream/"))
    .reduce((sum, { bytes }) => sum + bytes, 0);
}

async function bytesOf(viewer: Viewer) {
  const { bytes } = (await viewer.stats())!;
  return bytes;
}

Deno.test("a radio stream comes from who has it, is titled, and goes on when they vanish", async () => {
  await using stage = await radioStage(["radio"]);
  await using _source = startEncoder(TONE, 90, [
    ...["-c:a", "libmp3lame", "-f", "mp3", "-content_type", "audio/mpeg"],
    `icecast://source:${KEY}@127.0.0.1:${stage.port}/radio`,
  ]);
  await stage.onAir("radio");
  const song = "song=A+Song&mount=/radio&mode=updinfo";
  await (await fetch(`http://127.0.0.1:${stage.port}/admin/metadata?${song}`, {
    headers: { Authorization: `Basic ${btoa(`source:${KEY}`)}` },
  })).body?.cancel();
  await using proxy = startCountingProxy(stage.edge.url, {
    "/page": page(`<audio src="/stream/radio" preload="metadata" controls></audio>`),
  });
  await using browser = await openBrowser();

  const first = await openReady(browser, `${proxy.url}/page`, 0);
  await first.play();
  await first.plays(1);
  await using second = await openReady(browser, `${proxy.url}/page`, 1);
  await second.play();
  await second.plays(4);
  const { peers, edge } = await bytesOf(second);
  // The beginning was loaded before the workers were there.
  const begun = streamed(proxy);
  await second.plays(4.5);
  const got = await bytesOf(second);
  // Of two, each gets about half of it from the edge, for both.
  assert(got.peers - peers >= 0.3 * (got.edge - edge), JSON.stringify([peers, edge, got]));
  assertEquals(streamed(proxy), begun, "the pages have it from their engines");
  assertEquals(
    await second.page.evaluate(() => navigator.mediaSession.metadata?.title),
    "A Song",
  );

  const devtools = await first.page.context().newCDPSession(first.page);
  devtools.send("Page.crash").catch(() => {});
  await second.plays(5);
  const { mediaErrors, ended } = await second.read();
  assertEquals([mediaErrors, ended], [[], false]);
  await first.page.close();
});

Deno.test("a picture begins at the edge on a second visit, and goes over to partners at the very byte", async () => {
  await using edge = await startEdge();
  await using proxy = startCountingProxy(edge.url, {
    "/quiet": page(`<video src="/stream/demo" preload="none" muted></video>`),
    "/page": page(`<video src="/stream/demo" autoplay muted></video>`),
  });
  await using browser = await openBrowser();
  const first = await openReady(browser, `${proxy.url}/quiet`, 0);
  await first.play();
  await using second = await openReady(browser, `${proxy.url}/quiet`, 1);
  await second.page.goto(`${proxy.url}/page`, { waitUntil: "commit" });
  await second.firstFrame();
  await second.plays(0.5);
  const { starvedMs } = await second.read();
  assert(streamed(proxy) > 0, "the page does not wait for its engine");
  await waitUntil("nothing more of the edge's stream", async () => {
    const before = streamed(proxy);
    await second.plays(3);
    return streamed(proxy) === before;
  }, 20_000);
  const before = await bytesOf(second);
  await second.plays(4);
  assert((await bytesOf(second)).peers > before.peers);
  const reading = await second.read();
  assertEquals(reading.mediaErrors, []);
  assert(reading.starvedMs - starvedMs < 1_000, JSON.stringify(reading));
  await first[Symbol.asyncDispose]();
});

Deno.test("a page of another site that loses its swarm socket goes on from the edge at the very byte", async () => {
  await using edge = await startEdge();
  await using proxy = startCountingProxy(edge.url);
  await using site = startForeignSite(proxy.url, {
    media: "stream/demo",
    video: `preload="none" muted`,
  });
  await using browser = await openBrowser();
  await using viewer = await openViewer(browser, site.url, { before: breakableSockets });
  await waitUntil("a viewer", async () => (await viewer.stats())?.state === "alone", 20_000);
  await viewer.play();
  await viewer.plays(2);
  assertEquals(streamed(proxy), 0);
  await viewer.page.evaluate(() => dispatchEvent(new Event("break-sockets")));
  await viewer.plays(8);
  assert(streamed(proxy) > 0);
  const { mediaErrors, jumps, starvedMs } = await viewer.read();
  assertEquals([mediaErrors, jumps.length <= 1], [[], true]);
  assert(starvedMs < 1_000, `${starvedMs}`);
});

/** As behind a proxy that tires of sockets: at the page's `break-sockets` they close, and no new one comes. */
function breakableSockets(): void {
  const Real = WebSocket;
  let broken = false;
  globalThis.WebSocket = class extends Real {
    constructor(url: string | URL) {
      super(broken ? "ws://127.0.0.1:9/" : url);
      addEventListener("break-sockets", () => {
        broken = true;
        this.close();
      });
    }
  };
}
