/** A film in a plain element: filled by partners, with seeking, and without them when they are gone. */
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import type { TributaryStats } from "../../web/api.ts";
import { openBrowser, type TestBrowser } from "../support/browser.ts";
import { type CountingProxy, startCountingProxy } from "../support/counting_proxy.ts";
import { startEdge } from "../support/edge_process.ts";
import { makeFilm } from "../support/film.ts";
import { openViewer, type Viewer } from "../support/viewer.ts";
import { waitUntil } from "../support/wait.ts";

const PAGE = `<!DOCTYPE html>
  <video src="/vod/film.mp4" preload="none" muted controls></video>
  <script src="/tributary.js" async></script>`;

const SECONDS = 40;
/** Less than what an answer has, which is a block of 1 MiB and what is left of the one before. */
const STEP_SECONDS = 9;

async function filmEdge() {
  const edge = await startEdge(["--no-demo"]);
  await Deno.mkdir(join(edge.data, "vod"));
  await makeFilm(join(edge.data, "vod/film.mp4"), SECONDS);
  return edge;
}

/** Opens the page and waits until the film's index is there: what is played from then on is shared. */
async function openReady(browser: TestBrowser, url: string, state: TributaryStats["state"]) {
  const viewer = await openViewer(browser, url);
  await waitUntil(`${state} viewer`, async () => (await viewer.stats())?.state === state, 20_000);
  return viewer;
}

/** What the edge has sent of the film. */
function mediaBytes({ requests }: CountingProxy): number {
  return requests.filter(({ path, class: kind }) =>
    path.startsWith("/vod/") && kind !== "socket" && !/[?&](index|digests)/.test(path)
  ).reduce((sum, { bytes }) => sum + bytes, 0);
}

async function seek({ page }: Viewer, seconds: number): Promise<void> {
  await page.evaluate((to) => void (document.querySelector("video")!.currentTime = to), seconds);
}

/** Loads nearly all of the film, place by place, and stays at the last one. */
async function watchThrough(viewer: Viewer, size: number): Promise<void> {
  await viewer.play();
  for (let at = 0; at < SECONDS; at += STEP_SECONDS) {
    await seek(viewer, at);
    await viewer.plays(0.5);
  }
  await waitUntil(
    "nearly all of it at the first viewer",
    async () => (await viewer.stats())!.bytes.edge >= 0.9 * size,
    30_000,
  );
}

Deno.test("a film comes from who has it, seeks too, and the picture goes on when they vanish", async () => {
  await using edge = await filmEdge();
  await using proxy = startCountingProxy(edge.url, { "/page": ["text/html", PAGE] });
  await using browser = await openBrowser();
  const media = () => mediaBytes(proxy);

  const first = await openReady(browser, `${proxy.url}/page`, "alone");
  const { size } = await Deno.stat(join(edge.data, "vod/film.mp4"));
  await watchThrough(first, size);
  await first.pause();
  assertEquals((await first.read()).mediaErrors, []);

  const before = media();
  await using second = await openReady(browser, `${proxy.url}/page`, "sharing");
  await second.play();
  await second.plays(3);
  await seek(second, 25);
  await second.plays(3);
  const stats = (await second.stats())!;
  const sent = media() - before;
  const got = stats.bytes.peers + stats.bytes.edge;
  assert(stats.bytes.peers > 0.75 * got, JSON.stringify(stats));
  assert(stats.offload > 0.75);
  // What it says of the edge is what the edge has sent.
  assert(Math.abs(sent - stats.bytes.edge) < 0.1 * got, `${sent} and ${JSON.stringify(stats)}`);
  assert((await first.stats())!.bytes.uploaded >= 0.9 * stats.bytes.peers);

  const devtools = await first.page.context().newCDPSession(first.page);
  devtools.send("Page.crash").catch(() => {});
  await second.plays(3);
  await seek(second, 14);
  await second.plays(3);
  const { mediaErrors, ended } = await second.read();
  assertEquals([mediaErrors, ended], [[], false]);
  await first.page.close();
});

Deno.test("a half-watched film goes on at its place after a reload, and is given on without the edge", async () => {
  await using edge = await filmEdge();
  await using proxy = startCountingProxy(edge.url, { "/page": ["text/html", PAGE] });
  await using browser = await openBrowser();
  const { size } = await Deno.stat(join(edge.data, "vod/film.mp4"));

  await using first = await openReady(browser, `${proxy.url}/page`, "alone");
  await watchThrough(first, size);
  await seek(first, 21);
  await first.plays(0.5);
  const left = (await first.read()).currentTime;
  const before = mediaBytes(proxy);
  await first.reload();
  await waitUntil("again alone", async () => (await first.stats())?.state === "alone", 20_000);
  await first.play();
  await first.plays(1);
  const { currentTime, mediaErrors } = await first.read();
  assertEquals(mediaErrors, []);
  assert(currentTime > left && currentTime < left + 6, `from ${left} to ${currentTime}`);
  // But for what was not loaded whole.
  const anew = mediaBytes(proxy) - before;
  assert(anew < 0.25 * size, `${anew} of ${size} from the edge again`);
  await first.pause();

  await using second = await openReady(browser, `${proxy.url}/page`, "sharing");
  await second.play();
  await second.plays(2);
  await seek(second, 12);
  await second.plays(2);
  const { bytes } = (await second.stats())!;
  assert(bytes.peers > 0.75 * (bytes.peers + bytes.edge), JSON.stringify(bytes));
  assert((await first.stats())!.bytes.uploaded >= 0.9 * bytes.peers);
});
