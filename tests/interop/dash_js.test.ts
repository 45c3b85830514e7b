/** dash.js in Chromium plays what ffmpeg sends as DASH, with the tag on its page. */
import { assert, assertEquals } from "@std/assert";
import { openBrowser } from "../support/browser.ts";
import { startPlayerSite } from "../support/foreign_site.ts";
import { openViewer } from "../support/viewer.ts";
import { startFfmpeg } from "./ffmpeg_source.ts";
import { onAir, stage } from "./ingest_stage.ts";

const SECONDS = 22;
const SOURCE = ["-f", "dash", "-seg_duration", "2", "-window_size", "5", "-method", "PUT"];

Deno.test("dash.js plays a channel that ffmpeg sends as DASH, and the tag shares it", async () => {
  await using scene = await stage();
  await using _source = startFfmpeg(SECONDS, [...SOURCE, `${scene.byPath}/live.mpd`]);
  await onAir(scene);
  await using site = await startPlayerSite(scene.edge.url, "dash.js", "cam");
  await using browser = await openBrowser();
  await using viewer = await openViewer(browser, `${site.url}/`);
  await viewer.firstFrame();
  await viewer.plays(8);
  const { mediaErrors } = await viewer.read();
  assertEquals([mediaErrors, viewer.errors], [[], []]);
  const stats = await viewer.stats();
  assert(stats && stats.bytes.edge > 0, "the tag knows the channel");
});
