/** hls.js plays the packed audio that a source of Icecast becomes as HLS. */
import { assertEquals } from "@std/assert";
import { KEY, radioStage, startEncoder, TONE } from "../interop/radio_stage.ts";
import { openBrowser } from "../support/browser.ts";
import { startPlayerSite } from "../support/foreign_site.ts";

const ENCODER_SECONDS = 60;
const PLAYED_SECONDS = 3;
const SOURCES: Record<string, readonly string[]> = {
  mp3: ["-c:a", "libmp3lame", "-f", "mp3"],
  aac: ["-c:a", "aac", "-f", "adts"],
};

Deno.test("hls.js plays MP3 and AAC that were sent as to Icecast", async () => {
  await using stage = await radioStage(Object.keys(SOURCES));
  await using _source = startEncoder(
    TONE,
    ENCODER_SECONDS,
    ...Object.entries(SOURCES).map(([name, made]) => [
      ...made,
      `icecast://source:${KEY}@127.0.0.1:${stage.port}/${name}`,
    ]),
  );
  await using browser = await openBrowser();
  await using profile = await browser.profile();
  for (const name of Object.keys(SOURCES)) {
    await stage.onAir(name);
    await using site = await startPlayerSite(stage.edge.url, "hls.js", name);
    const page = await profile.tab();
    const complaints: string[] = [];
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    await page.goto(site.url);
    await page.waitForFunction((seconds) => {
      const { played } = document.querySelector("video")!;
      return played.length > 0 && played.end(played.length - 1) - played.start(0) > seconds;
    }, PLAYED_SECONDS);
    assertEquals(complaints, [], name);
    await page.close();
  }
});
