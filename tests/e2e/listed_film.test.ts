/** A finished list in a plain element whose browser cannot read it: the edge makes a film of it. */
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { openBrowser } from "../support/browser.ts";
import { startCountingProxy } from "../support/counting_proxy.ts";
import { startEdge } from "../support/edge_process.ts";
import { firefox, openFirefox } from "../support/firefox.ts";
import { startForeignSite } from "../support/foreign_site.ts";
import { makeListedFilm, WIDTHS } from "../support/listed_film.ts";
import { openViewer } from "../support/viewer.ts";
import { waitUntil } from "../support/wait.ts";
import type { Watcher } from "../support/watcher.ts";

const SECONDS = 60;
const FAR_SECONDS = 48;

const page = (list: string, how: string) =>
  [
    "text/html",
    `<!DOCTYPE html>
      <video src="/vod/show/${list}" ${how} muted></video>
      <script src="/tributary.js" async></script>`,
  ] as const;

type Page = { evaluate<T>(look: () => T): Promise<T> };
type Seen = Watcher & { readonly page: Page };

async function isReady(viewer: Watcher, state: string): Promise<void> {
  await waitUntil(`${state} viewer`, async () => (await viewer.stats())?.state === state, 20_000);
}

/** Asserts that it plays, has a known end, sounds, is of the better quality, and plays far ahead after a seek. */
async function assertPlays(viewer: Seen): Promise<void> {
  await viewer.plays(2);
  const look = () => {
    const element: HTMLVideoElement & {
      webkitAudioDecodedByteCount?: number;
      mozHasAudio?: boolean;
    } = document.querySelector("video")!;
    const sound = element.webkitAudioDecodedByteCount ?? element.mozHasAudio ?? 0;
    return { width: element.videoWidth, duration: element.duration, sound: Number(sound) };
  };
  const { width, duration, sound } = await viewer.page.evaluate(look);
  assertEquals([width, Math.round(duration)], [WIDTHS[1], SECONDS]);
  assert(sound > 0);
  // What it has is a constant of the other file: the function goes to the page without it.
  await viewer.page.evaluate(() => void (document.querySelector("video")!.currentTime = 48));
  await viewer.plays(2);
  const { currentTime } = await viewer.read();
  assert(currentTime > FAR_SECONDS, `${currentTime} s`);
}

Deno.test("DASH on demand plays in Chromium and Firefox, HLS on demand in Firefox, with seeking, from partners", async () => {
  await using edge = await startEdge(["--no-demo"]);
  await makeListedFilm(join(edge.data, "vod/show"), SECONDS);
  await using proxy = startCountingProxy(edge.url, {
    "/dash": page("film.mpd", `preload="none"`),
    "/hls": page("film.m3u8", "autoplay"),
  });
  await using chromium = await openBrowser();
  await using first = await openViewer(chromium, `${proxy.url}/dash`);
  await isReady(first, "alone");
  await first.play();
  await assertPlays(first);

  // Chromium plays HLS by itself: nothing takes its list from it, on a later visit neither.
  await using own = await openViewer(chromium, `${proxy.url}/hls`);
  await own.plays(2);
  await own.reload();
  await own.plays(2);
  const src = await own.page.evaluate(() => document.querySelector("video")!.currentSrc);
  assertEquals([src, (await own.read()).mediaErrors], [`${proxy.url}/vod/show/film.m3u8`, []]);

  await using site = startForeignSite(proxy.url, { media: "vod/show/film.mpd" });
  await using far = await openViewer(chromium, site.url);
  await far.plays(2);

  if (!firefox) return;
  await using other = await openFirefox();
  const second = await other.watch(`${proxy.url}/dash`);
  await isReady(second, "sharing");
  await second.play();
  await assertPlays(second);
  assert((await second.stats())!.bytes.peers > 0);
  const foreign = await other.watch(site.url);
  await foreign.plays(2);
  const third = await other.watch(`${proxy.url}/hls`);
  await assertPlays(third);
});
