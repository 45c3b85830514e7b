/** The connection between studio and edge breaks, while both of them stay up. */
import { assert, assertEquals, assertGreater } from "@std/assert";
import { decodeErrors, ffprobe } from "../edge/origin/ffmpeg.ts";
import { startBreakingLine } from "../support/breaking_line.ts";
import { openBrowser } from "../support/browser.ts";
import { published } from "../support/crowd.ts";
import { listenAt } from "../support/ear.ts";
import { startEdge } from "../support/edge_process.ts";
import { openViewer } from "../support/viewer.ts";
import { waitUntil } from "../support/wait.ts";
import { badge, FAKE_DEVICES, goOnAir, KEY, openStudio, PATIENCE_MS } from "./studio_page.ts";

/** Where a stream is without a picture or sound for longer, something of it is missing, s. */
const LONGEST_STEP_S = 0.5;

/** How another source is answered that would be on air. */
async function rivalAnswered(edgeUrl: string): Promise<number> {
  const response = await fetch(`${edgeUrl}/ingest/cam/live.m3u8`, {
    method: "PUT",
    headers: { Authorization: `Basic ${btoa(`rival:${KEY}`)}` },
    body: "#EXTM3U\n#EXT-X-TARGETDURATION:2\n",
  });
  await response.body?.cancel();
  return response.status;
}

/** Throws where anything is missing in a recording of the stream. */
async function assertWhole(recording: Uint8Array): Promise<void> {
  const file = await Deno.makeTempFile({ suffix: ".mp4" });
  await Deno.writeFile(file, recording);
  assertEquals(await decodeErrors(file), "");
  const { found } = await ffprobe<{ packets: { stream_index: number; dts_time: string }[] }>(
    ["-show_entries", "packet=stream_index,dts_time", file],
  );
  await Deno.remove(file);
  const last = new Map<number, number>();
  for (const { stream_index: track, dts_time } of found.packets) {
    const time = Number(dts_time);
    const step = time - (last.get(track) ?? time);
    assert(0 <= step && step < LONGEST_STEP_S, `a step of ${step} s at ${time} s`);
    last.set(track, time);
  }
}

Deno.test("a studio whose connection breaks keeps its channel, nothing is missing, and who watches goes on", async () => {
  await using edge = await startEdge(["--no-demo", "--ingest", `cam=${KEY}`]);
  await using line = startBreakingLine(Number(new URL(edge.url).port));
  await using browser = await openBrowser(FAKE_DEVICES);
  await using profile = await browser.profile();
  const page = await openStudio(profile, `http://127.0.0.1:${line.port}`);
  const newest = async () => (await edge.stats("cam")).window.newest ?? -1;
  const isIn = (wanted: string) =>
    waitUntil(wanted, async () => (await edge.stats("cam")).state === wanted, PATIENCE_MS);

  await goOnAir(page, KEY);
  await badge(page, "On air");
  await published(edge, "cam", 3);
  await using viewer = await openViewer(browser, `${edge.url}/watch/cam`);
  await viewer.firstFrame(PATIENCE_MS);
  await using ear = await listenAt(`${edge.url}/stream/cam`);

  const before = await newest();
  await line.cut();
  await badge(page, "Interrupted");
  assertEquals(await rivalAnswered(edge.url), 409, "the channel is the studio's");
  await isIn("upstream-down");
  const during = await newest();
  await line.mend();
  await badge(page, "On air");
  await isIn("on-air");
  await waitUntil("what waited", async () => await newest() >= during + 6, PATIENCE_MS);
  assertEquals(await rivalAnswered(edge.url), 409, "the channel is the studio's again");
  assertEquals(await page.getByText("had to be left out").count(), 0);
  await viewer.plays(4);
  assertEquals((await viewer.read()).mediaErrors, []);
  const { length } = ear.heard();
  await ear.until(length + 1);
  await assertWhole(ear.heard());

  line.stall();
  await badge(page, "Interrupted");
  await line.mend();
  await badge(page, "On air");
  const after = await newest();
  assertGreater(after, before);
  await waitUntil("more of it", async () => await newest() >= after + 3, PATIENCE_MS);
  await viewer.plays(4);
  assertEquals((await viewer.read()).mediaErrors, []);
});
