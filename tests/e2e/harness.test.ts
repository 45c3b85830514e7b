/** The measuring tools themselves, on a plain page and a plain server. */
import { assert, assertEquals } from "@std/assert";
import { openBrowser } from "../support/browser.ts";
import { startCountingProxy } from "../support/counting_proxy.ts";
import { startUpstream } from "../support/upstream.ts";
import { openViewer } from "../support/viewer.ts";

const page = `<!doctype html><title>plain</title><link rel="icon" href="data:,">
<video src="/index.m3u8" autoplay muted playsinline></video>`;

Deno.test("the stopwatch tells the first frame and the length of a stall", async () => {
  await using upstream = await startUpstream({ pages: { "/": page } });
  await using browser = await openBrowser();
  await using viewer = await openViewer(browser, `${upstream.origin}/`);

  const firstFrameMs = await viewer.firstFrame();
  assert(firstFrameMs > 20 && firstFrameMs < 5_000, `first frame after ${firstFrameMs} ms`);
  await viewer.plays(2);
  assertEquals((await viewer.read()).stalls, []);
  assertEquals(viewer.errors, []);

  await upstream.set("down");
  const frozen = await viewer.until("a stall", (now) => now.stallMs > 1_500);
  await upstream.set("up");
  await viewer.plays(2);
  const after = await viewer.read();
  assertEquals(after.stalls.length, 1);
  assert(after.stallMs >= frozen.stallMs && after.stallMs < 6_000, `stalled ${after.stallMs} ms`);
  assert(after.decodedFrames > frozen.decodedFrames);
});

Deno.test("a pause is no stall, a covered tab is hidden, and the proxy counts what the server sends", async () => {
  await using upstream = await startUpstream({ container: "ts", pages: { "/": page } });
  await using proxy = startCountingProxy(upstream.origin);
  await using browser = await openBrowser();
  await using viewer = await openViewer(browser, `${proxy.url}/`);

  await viewer.firstFrame();
  await viewer.pause();
  const pausedAt = performance.now();
  const paused = await viewer.read();
  await viewer.until("a second of pause", () => performance.now() - pausedAt > 1_000);
  assertEquals((await viewer.read()).currentTime, paused.currentTime);
  assertEquals((await viewer.read()).stallMs, 0);
  await viewer.play();

  await viewer.hide();
  const ticks = await viewer.page.evaluate(() =>
    new Promise<number>((resolve) => {
      const startedAt = performance.now();
      let count = 0;
      const timer = setInterval(() => {
        count++;
        if (performance.now() - startedAt < 2_000) return;
        clearInterval(timer);
        resolve(count);
      }, 50);
    })
  );
  assert(ticks < 10, `${ticks} ticks in two hidden seconds: timers are not throttled`);
  await viewer.show();

  const sent = upstream.requests.filter(({ path }) => path.endsWith(".ts"));
  assert(proxy.bytes(["segment"]) > 100_000);
  assertEquals(proxy.bytes(["segment"]), sent.reduce((sum, { bytes }) => sum + bytes, 0));
  assert(proxy.bytes(["playlist"]) > 0);
  assertEquals(proxy.bytes(["range", "socket", "init"]), 0);
});
