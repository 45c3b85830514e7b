/** Channels that are pulled from somebody else's live HLS, made by ffmpeg in real time. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { openBrowser, type TestBrowser } from "../support/browser.ts";
import { type CountingProxy, startCountingProxy } from "../support/counting_proxy.ts";
import { hasPartners, openCrowd, received } from "../support/crowd.ts";
import { type EdgeProcess, startEdge } from "../support/edge_process.ts";
import { startUpstream, type Upstream, type UpstreamOptions } from "../support/upstream.ts";
import type { Viewer } from "../support/viewer.ts";
import { pause, waitUntil } from "../support/wait.ts";

/** What one viewer may be starved of while there is media, ms. */
const STARVED_MS = 250;
const DOWN_MS = 8_000;
/** How long after the upstream's return everybody has to play again: the pause between two tries, and a segment. */
const BACK_WITHIN_MS = 7_000;

/** An upstream, an edge that pulls it as `up`, and a browser. */
interface Stage extends AsyncDisposable {
  readonly upstream: Upstream;
  readonly edge: EdgeProcess;
  readonly proxy: CountingProxy;
  readonly browser: TestBrowser;
}

async function setStage(options: UpstreamOptions): Promise<Stage> {
  const stack = new AsyncDisposableStack();
  const upstream = stack.use(await startUpstream(options));
  const edge = stack.use(await startEdge(["--no-demo", "--pull", `up=${upstream.url}`]));
  return {
    upstream,
    edge,
    proxy: stack.use(startCountingProxy(edge.url)),
    browser: stack.use(await openBrowser()),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

interface Stats {
  readonly state: string;
  readonly detail?: string;
  readonly injectedRuns: number;
}

const statsOf = async (edge: EdgeProcess) => await edge.stats("up") as Stats;

/** Everyone has everyone else as a partner. */
async function haveMet(viewers: readonly Viewer[]): Promise<void> {
  for (const viewer of viewers) await hasPartners(viewer, viewers.length - 1);
}

async function assertNobodyStarved(viewers: readonly Viewer[]): Promise<void> {
  for (const viewer of viewers) {
    const { starvedMs, mediaErrors } = await viewer.read();
    assertEquals(mediaErrors, []);
    assert(starvedMs <= STARVED_MS, `starved for ${starvedMs} ms`);
  }
}

/** Lets viewers that have met play on and answers what of their media came from each other. */
async function share(viewers: readonly Viewer[], ms: number): Promise<number> {
  const before = await Promise.all(viewers.map(received));
  await pause(ms);
  const after = await Promise.all(viewers.map(received));
  const sum = (what: "all" | "peers") =>
    after.reduce((total, now, at) => total + now[what] - before[at]![what], 0);
  for (const viewer of viewers) assertEquals((await viewer.stats())?.state, "sharing");
  return sum("peers") / sum("all");
}

/** How many requests of this kind there were since then, by rendition: `r0`, `r1`, … */
function byRendition(proxy: CountingProxy, kind: string, sinceMs: number): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const request of proxy.requests) {
    const rendition = request.path.split("/")[3]!;
    if (request.class !== kind || request.atMs < sinceMs) continue;
    counts[rendition] = (counts[rendition] ?? 0) + 1;
  }
  return counts;
}

function playlistsSince(proxy: CountingProxy, sinceMs: number): number {
  return proxy.requests.filter((one) => one.class === "playlist" && one.atMs >= sinceMs).length;
}

function assertEachSegmentOnce({ requests }: Upstream): void {
  const media = requests.filter(({ path, status }) => /\.(m4s|ts)$/.test(path) && status === 200);
  assert(media.length > 10);
  assertEquals(media.length, new Set(media.map(({ path }) => path)).size);
}

Deno.test("a pulled channel costs its upstream one request a segment, and outlives its absence", async () => {
  await using stage = await setStage({ variants: [300_000, 800_000] });
  const { upstream, edge, proxy } = stage;
  assertEquals((await statsOf(edge)).state, "idle");
  assertEquals(upstream.requests, [], "nothing is pulled while nobody watches");

  await using crowd = await openCrowd(stage.browser, `${proxy.url}/watch/up`, 3);
  const { viewers } = crowd;
  await haveMet(viewers);
  const joinedMs = Date.now();
  const { injectedRuns } = await statsOf(edge);
  const shared = await share(viewers, 10_000);
  await assertNobodyStarved(viewers);
  assertEachSegmentOnce(upstream);
  assert(shared > 0.4, `only ${shared} of what they played came from partners`);
  assert(playlistsSince(proxy, joinedMs) <= viewers.length);

  // Chromium settles for the better variant. Of the other one nothing is fetched, nor given out.
  const ranges = byRendition(proxy, "range", joinedMs);
  assertEquals(Object.keys(ranges).length, 1, JSON.stringify(ranges));
  const given = (await statsOf(edge)).injectedRuns - injectedRuns;
  assert(ranges["r1"]! >= given * 0.8, `${given} runs were given out: ${JSON.stringify(ranges)}`);

  await upstream.set("down");
  await pause(DOWN_MS);
  const { state, detail = "" } = await statsOf(edge);
  assertEquals(state, "upstream-down");
  assertStringIncludes(detail, "cannot be reached");
  const window = await fetch(`${edge.url}/live/up/r1/index.m3u8`);
  assertEquals(window.status, 200, "the window goes on serving");
  assert((await window.text()).includes(".m4s"));

  const marks = await Promise.all(viewers.map(async (viewer) => {
    await viewer.page.evaluate(() => void (globalThis.window.name = "not reloaded"));
    return (await viewer.read()).currentTime;
  }));
  await upstream.set("up");
  const upMs = performance.now();
  await Promise.all(
    viewers.map((viewer, at) =>
      viewer.until("play", (now) => now.currentTime > marks[at]! + 0.2, BACK_WITHIN_MS)
    ),
  );
  const backMs = performance.now() - upMs;
  await waitUntil("on air", async () => (await statsOf(edge)).state === "on-air", 5_000);
  const starved = await Promise.all(viewers.map(async (one) => (await one.read()).starvedMs));
  for (const viewer of viewers) {
    await viewer.plays(4);
    assertEquals((await viewer.read()).mediaErrors, []);
    assertEquals(await viewer.page.evaluate(() => globalThis.window.name), "not reloaded");
  }
  const later = await Promise.all(viewers.map(async (one) => (await one.read()).starvedMs));
  for (const [at, ms] of later.entries()) {
    assert(ms - starved[at]! <= STARVED_MS, `starved for ${ms - starved[at]!} ms after its return`);
  }
  assertEachSegmentOnce(upstream);
  assert(playlistsSince(proxy, joinedMs) <= viewers.length);
  console.log(
    `from partners: ${shared.toFixed(2)} (2/3 is the bound); all played`,
    `${(backMs / 1000).toFixed(1)} s after the upstream's return`,
  );
});

Deno.test("MPEG-TS is shared as it comes", async () => {
  await using stage = await setStage({ container: "ts" });
  await using crowd = await openCrowd(stage.browser, `${stage.proxy.url}/watch/up`, 2);
  await haveMet(crowd.viewers);
  const joinedMs = Date.now();
  const shared = await share(crowd.viewers, 6_000);
  await assertNobodyStarved(crowd.viewers);
  assert(shared > 0.3, `only ${shared} of what they played came from partners`);
  assert(playlistsSince(stage.proxy, joinedMs) <= 2);
  console.log(`from partners: ${shared.toFixed(2)} (1/2 is the bound)`);
});

Deno.test("audio in a playlist of its own is shared beside the video", async () => {
  await using stage = await setStage({ separateAudio: true });
  const { proxy } = stage;
  await using crowd = await openCrowd(stage.browser, `${proxy.url}/watch/up`, 2);
  await haveMet(crowd.viewers);
  const joinedMs = Date.now();
  const shared = await share(crowd.viewers, 8_000);
  await assertNobodyStarved(crowd.viewers);
  assert(shared > 0.3, `only ${shared} of what they played came from partners`);
  const ranges = byRendition(proxy, "range", joinedMs);
  const seconds = (Date.now() - joinedMs) / 1000;
  // One run a second, which one of the two fetches for both.
  assert(ranges["r1"]! < seconds * 1.5, `audio came past the partners: ${JSON.stringify(ranges)}`);
  assert(playlistsSince(proxy, joinedMs) <= 2);
  console.log(`from partners: ${shared.toFixed(2)} (1/2 is the bound)`);
});
