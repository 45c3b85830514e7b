/** The measuring tools themselves, on a plain page and a plain server. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { openBrowser } from "../support/browser.ts";
import { startCountingProxy } from "../support/counting_proxy.ts";
import { startUpstream } from "../support/upstream.ts";
import { openViewer } from "../support/viewer.ts";
import { pause } from "../support/wait.ts";

/**
 * Chromium's HLS gives up (`DEMUXER_ERROR_COULD_NOT_PARSE`) when it has fetched everything that the
 * playlist lists before it begins to play: it then takes the start for a resume after a pause, asks
 * for the playlist again and wants a newer segment in it. On the loopback that happens; from a
 * server that needs a tenth of a second for a segment it does not.
 */
const distance = { bytesPerSecond: 400_000 };

const page = `<!doctype html><title>plain</title><link rel="icon" href="data:,">
<video src="/index.m3u8" autoplay muted playsinline></video>`;

Deno.test("a viewer with a stopwatch", async (test) => {
  await using upstream = await startUpstream({ pages: { "/": page } });
  await upstream.set(distance);
  await using browser = await openBrowser();
  await using viewer = await openViewer(browser, `${upstream.origin}/`);

  await test.step("tells the first frame and the length of a stall", async () => {
    const firstFrameMs = await viewer.firstFrame();
    assert(firstFrameMs > 20, `first frame after ${firstFrameMs} ms`);
    await viewer.plays(1);
    const smooth = await viewer.read();
    assertEquals(smooth.starvedMs, 0, "starved on a sound source");
    assertEquals(viewer.errors, []);

    const cutAt = performance.now();
    // Not refused: one refused request for the playlist ends Chromium's HLS for good.
    await upstream.set("silent");
    const frozen = await viewer.until("a stall", (now) => now.starvedMs > 1_000);
    await upstream.set(distance);
    await viewer.plays(1);
    const after = await viewer.read();
    const outageMs = performance.now() - cutAt;
    assert(
      after.starvedMs >= frozen.starvedMs && after.starvedMs < outageMs - 1_000,
      `starved for ${after.starvedMs} ms in an outage of ${outageMs} ms`,
    );
    assert(after.decodedFrames > frozen.decodedFrames);
  });

  await test.step("takes no pause for a stall", async () => {
    await viewer.pause();
    const paused = await viewer.read();
    await pause(1_000);
    const still = await viewer.read();
    assertEquals(still.currentTime, paused.currentTime);
    assertEquals(still.stallMs, paused.stallMs);
  });

  await test.step("has hidden tabs throttled", async () => {
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
  });
});

Deno.test("the proxy counts what the server sends, and breaks what it is told to break", async () => {
  await using upstream = await startUpstream({ container: "ts", variants: [300_000, 600_000] });
  await using proxy = startCountingProxy(upstream.origin);
  const get = async (path: string, headers: Record<string, string> = {}) => {
    const response = await fetch(`${proxy.url}/${path}`, { headers });
    return await response.text();
  };

  const master = await get("master.m3u8");
  const playlist = await get("v1/index.m3u8");
  assertEquals(proxy.bytes(["playlist"]), master.length + playlist.length);

  const segment = `v1/${playlist.match(/^seg.*$/gm)!.at(-1)}`;
  await get(segment);
  await get(segment, { range: "bytes=0-" });
  const sent = upstream.requests.filter(({ path }) => path === `/${segment}`);
  assert(sent[0]!.bytes > 10_000);
  assertEquals(proxy.bytes(["segment"]), sent[0]!.bytes + sent[1]!.bytes);
  await get(segment, { range: "bytes=188-375" });
  assert(proxy.bytes(["range"]) > 0);

  proxy.treat = () => "cut";
  await assertRejects(() => get(segment), TypeError);
});
