/** A plain element, without the tag, plays the endless streams of sources of Icecast from the edge. */
import { assertEquals } from "@std/assert";
import { KEY, PICTURE, radioStage, startEncoder } from "../interop/radio_stage.ts";
import { openBrowser } from "../support/browser.ts";

const ENCODER_SECONDS = 60;
const PLAYED_SECONDS = 3;
/** Not so easily compressed that the browser's buffer takes long to fill. */
const NOISE = ["-re", "-f", "lavfi", "-i", "anoisesrc=amplitude=0.1:sample_rate=48000"];
const VP8 = ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "100k"];
const SOURCES: Record<string, readonly string[]> = {
  mp3: ["-c:a", "libmp3lame", "-f", "mp3"],
  aac: ["-c:a", "aac", "-f", "adts"],
  vorbis: ["-c:a", "libvorbis", "-f", "ogg"],
  opus: ["-c:a", "libopus", "-f", "ogg"],
  webm: ["-map", "1:v", ...VP8, "-g", "20", "-c:a", "libopus", "-f", "webm"],
};
const ADDRESSES = Object.keys(SOURCES).map((name) => `/stream/${name}`);

Deno.test("Chromium plays MP3, AAC, Vorbis, Opus and WebM from /stream", async () => {
  await using stage = await radioStage(Object.keys(SOURCES));
  await using _source = startEncoder(
    [...NOISE, ...PICTURE],
    ENCODER_SECONDS,
    ...Object.entries(SOURCES).map(([name, made]) => [
      ...["-map", "0:a", ...made, "-content_type", "application/octet-stream"],
      `icecast://source:${KEY}@127.0.0.1:${stage.port}/${name}`,
    ]),
  );
  await Promise.all(Object.keys(SOURCES).map((name) => stage.onAir(name)));
  await using browser = await openBrowser();
  await using profile = await browser.profile();
  const page = await profile.tab();
  await page.goto(`${stage.edge.url}/healthz`);
  const played = await page.evaluate(async ([addresses, seconds]) => {
    const play = (address: string) =>
      new Promise<string>((resolve) => {
        const element = document.createElement("video");
        document.body.append(element);
        const done = (what: string) => {
          element.removeAttribute("src");
          element.load();
          resolve(`${address} ${what}`);
        };
        element.onerror = () => done(element.error?.message ?? "fails");
        element.ontimeupdate = () => element.currentTime >= seconds && done("plays");
        setTimeout(() => done(`stands at ${element.currentTime}`), 12_000);
        element.src = address;
        element.play().catch(() => {});
      });
    return await Promise.all(addresses.map(play));
  }, [ADDRESSES, PLAYED_SECONDS] as const);
  assertEquals(played, ADDRESSES.map((address) => `${address} plays`));
});
