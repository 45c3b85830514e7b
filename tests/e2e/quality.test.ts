/** Which quality a plain element begins with, where page and worker give it one endless stream of several. */
import { assertEquals } from "@std/assert";
import { KEY, radioStage, startEncoder } from "../interop/radio_stage.ts";
import { openBrowser, type TestBrowser } from "../support/browser.ts";
import { startCountingProxy } from "../support/counting_proxy.ts";
import { firefox, openFirefox } from "../support/firefox.ts";
import { openViewer } from "../support/viewer.ts";
import type { Watcher } from "../support/watcher.ts";

/** Widths of the qualities, as the source lists them, and their bitrates. */
const QUALITIES = [[320, "400k"], [640, "1500k"], [160, "60k"]] as const;
const SLOW_BYTES_PER_SECOND = 20_000;

function encoded(to: string): string[] {
  const each = QUALITIES.flatMap(([width, bitrate], at) => [
    ...["-map", "0:v", `-filter:v:${at}`, `scale=${width}:-2`],
    ...[`-b:v:${at}`, bitrate, `-maxrate:v:${at}`, bitrate, `-bufsize:v:${at}`, bitrate],
  ]);
  const streams = QUALITIES.map((_, at) => `v:${at},agroup:a`).join(" ");
  return [
    ...each,
    ...[
      "-map",
      "1:a",
      "-c:v",
      "libx264",
      "-preset",
      "ultrafast",
      "-tune",
      "zerolatency",
      "-g",
      "20",
    ],
    ...["-c:a", "aac", "-b:a", "32k", "-f", "hls", "-hls_time", "2", "-hls_segment_type", "fmp4"],
    ...["-var_stream_map", `${streams} a:0,agroup:a`, "-master_pl_name", "master.m3u8"],
    ...["-method", "PUT", `${to}/s%v.m3u8`],
  ];
}

/** The width of the picture that somebody sees. */
async function width(
  viewer: Watcher & { page: { evaluate(look: () => number): Promise<number> } },
): Promise<number> {
  await viewer.plays(3);
  return await viewer.page.evaluate(() => document.querySelector("video")!.videoWidth);
}

/** What somebody sees in Chromium, on a first visit and on a second one. */
async function inChromium(browser: TestBrowser, page: string): Promise<number[]> {
  await using viewer = await openViewer(browser, page);
  const first = await width(viewer);
  await viewer.page.goto(page);
  return [first, await width(viewer)];
}

async function inFirefox(page: string): Promise<number[]> {
  await using browser = await openFirefox();
  const viewer = await browser.watch(page);
  const first = await width(viewer);
  await viewer.page.goto(page);
  return [first, await width(viewer)];
}

const page = (list: string) =>
  [
    "text/html",
    `<!DOCTYPE html>
      <video src="/live/cam/${list}" autoplay muted></video>
      <script src="/tributary.js" async></script>`,
  ] as const;

Deno.test("a start has the best quality that there is throughput for, on a first visit and on later ones", async () => {
  await using stage = await radioStage(["cam"]);
  await using _source = startEncoder(
    [
      ...["-re", "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=10"],
      ...["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"],
    ],
    150,
    encoded(`http://127.0.0.1:${stage.port}/ingest/cam/${KEY}`),
  );
  await stage.onAir("cam");
  await using proxy = startCountingProxy(stage.edge.url, {
    "/dash": page("manifest.mpd"),
    "/hls": page("index.m3u8"),
  });
  await using browser = await openBrowser();
  const seen = async () => [
    ...await inChromium(browser, `${proxy.url}/dash`),
    ...firefox ? await inFirefox(`${proxy.url}/hls`) : [],
  ];
  assertEquals(new Set(await seen()), new Set([640]));
  proxy.treat = () => ({ bytesPerSecond: SLOW_BYTES_PER_SECOND });
  assertEquals(new Set(await seen()), new Set([160]));
});
