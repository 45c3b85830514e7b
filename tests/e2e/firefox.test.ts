/** Plain elements in Firefox, which has no HLS, and whose engine meets those of Chromium. */
import { assert, assertEquals } from "@std/assert";
import { KEY, radioStage, startEncoder, TONE } from "../interop/radio_stage.ts";
import { APART, apartStage } from "../interop/sound_apart_stage.ts";
import { openBrowser } from "../support/browser.ts";
import { startCountingProxy } from "../support/counting_proxy.ts";
import { startEdge } from "../support/edge_process.ts";
import { firefox, openFirefox } from "../support/firefox.ts";
import { startForeignSite } from "../support/foreign_site.ts";
import type { ProbeReading } from "../support/probe.ts";
import { openViewer } from "../support/viewer.ts";
import { waitUntil } from "../support/wait.ts";
import type { Watcher } from "../support/watcher.ts";

const ignore = firefox === undefined;

const page = (element: string) =>
  [
    "text/html",
    `<!DOCTYPE html>
      ${element}
      <script src="/tributary.js" async></script>`,
  ] as const;

async function isReady(viewer: Watcher, partners: number): Promise<void> {
  await waitUntil("a viewer that is ready", async () => {
    const stats = await viewer.stats();
    return stats?.state === (partners > 0 ? "sharing" : "alone") && stats.peers >= partners;
  }, 20_000);
}

/** Each of them has had something from partners. */
async function areFilled(...viewers: readonly Watcher[]): Promise<void> {
  await waitUntil("media from partners", async () => {
    const stats = await Promise.all(viewers.map((viewer) => viewer.stats()));
    return stats.every((one) => one && one.bytes.peers > 0);
  }, 20_000);
}

Deno.test({
  name: "radio in Firefox comes from Chromium, and Chromium's from Firefox",
  ignore,
  async fn() {
    await using stage = await radioStage(["radio"]);
    await using _source = startEncoder(TONE, 60, [
      // Of so many pieces that each of the two fetches some for both.
      ...["-c:a", "libmp3lame", "-b:a", "320k", "-f", "mp3", "-content_type", "audio/mpeg"],
      `icecast://source:${KEY}@127.0.0.1:${stage.port}/radio`,
    ]);
    await stage.onAir("radio");
    // Muted, since Firefox fails where there is nothing to hear it by.
    await using proxy = startCountingProxy(stage.edge.url, {
      "/page": page(`<audio src="/stream/radio" preload="metadata" muted></audio>`),
    });
    await using chromium = await openBrowser();
    await using other = await openFirefox();
    await using first = await openViewer(chromium, `${proxy.url}/page`);
    await isReady(first, 0);
    await first.play();
    const second = await other.watch(`${proxy.url}/page`);
    await isReady(second, 1);
    await second.play();
    await areFilled(first, second);
    await second.plays(5);
    const { mediaErrors, ended, jumps } = await second.read();
    assertEquals([mediaErrors, ended, jumps], [[], false, []]);

    const heard = await second.page.evaluate(() => {
      const audio = document.querySelector("audio")!;
      const [now, begin] = [audio.currentTime, audio.seekable.start(0)];
      audio.currentTime = begin + 1;
      return now - begin;
    });
    assert(heard > 3, "there is something to seek back to");
    await second.plays(2);
    assertEquals((await second.read()).mediaErrors, []);
  },
});

Deno.test({
  name: "a channel's HLS in Firefox and its DASH in Chromium play, and each is filled by the other",
  ignore,
  async fn() {
    await using edge = await startEdge();
    await using proxy = startCountingProxy(edge.url, {
      "/hls": page(`<video src="/live/demo/index.m3u8" autoplay muted></video>`),
      "/dash": page(`<video src="/live/demo/manifest.mpd" autoplay muted></video>`),
    });
    await using chromium = await openBrowser();
    await using other = await openFirefox();
    // On a first visit the list comes from the network; the element is loaded anew.
    await using first = await openViewer(chromium, `${proxy.url}/dash`);
    await first.plays(1);
    const second = await other.watch(`${proxy.url}/hls`);
    await second.plays(1);
    await areFilled(first, second);
    assert((await second.demoFrame())!.behindMs < 20_000);

    // On later ones the worker knows what Firefox cannot read, before the page says anything.
    const asked = proxy.requests.length;
    for (const path of ["hls", "dash"]) {
      await second.page.goto(`${proxy.url}/${path}`);
      await second.plays(1);
      assertEquals((await second.read()).mediaErrors, [], path);
    }
    const lists = proxy.requests.slice(asked).filter(({ path }) => /\.(m3u8|mpd)$/.test(path));
    assertEquals(lists, []);

    // Of another site's media Firefox asks no worker, unless the element says how.
    await using site = startForeignSite(proxy.url);
    await second.page.goto(site.url);
    await second.plays(1);
    await areFilled(second);
  },
});

function troubles({ mediaErrors, ended, jumps }: ProbeReading) {
  return { mediaErrors, ended, jumps };
}

/** Bytes of sound that Chromium has decoded; whether there is any that Firefox can decode. */
function soundOf(): number | boolean {
  const element: HTMLVideoElement & {
    webkitAudioDecodedByteCount?: number;
    mozHasAudio?: boolean;
  } = document.querySelector("video")!;
  return element.webkitAudioDecodedByteCount ?? element.mozHasAudio ?? false;
}

Deno.test({
  name: "HLS in Firefox and DASH in both play with sound that comes apart, filled by each other",
  ignore,
  async fn() {
    await using stage = await apartStage(120);
    const [hls, dash] = APART;
    const video = (list: string) => page(`<video src="/live/${list}" autoplay muted></video>`);
    await using proxy = startCountingProxy(stage.edge.url, {
      "/hls": video(`${hls}/index.m3u8`),
      "/hls-as-dash": video(`${hls}/manifest.mpd`),
      "/dash": video(`${dash}/manifest.mpd`),
    });
    await using chromium = await openBrowser();
    await using other = await openFirefox();
    for (const [inChromium, inFirefox] of [["hls-as-dash", "hls"], ["dash", "dash"]]) {
      await using first = await openViewer(chromium, `${proxy.url}/${inChromium}`);
      await first.plays(1);
      const second = await other.watch(`${proxy.url}/${inFirefox}`);
      await second.plays(1);
      await areFilled(first, second);
      const viewers = [first, second];
      const before = await Promise.all(viewers.map((viewer) => viewer.read()));
      await Promise.all(viewers.map((viewer) => viewer.plays(5)));
      const after = await Promise.all(viewers.map((viewer) => viewer.read()));
      // On a first visit the element fails on the list, and begins where the stream does, not at 0.
      assertEquals(after.map(troubles), before.map(troubles), inFirefox);
      const heard = [await first.page.evaluate(soundOf), await second.page.evaluate(soundOf)];
      assert(Number(heard[0]) > 0 && heard[1] === true, `${heard}`);
      await second.page.close();
    }
  },
});
