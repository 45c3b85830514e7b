/** The studio: from opening the page to being watched, through a crash of the edge, against others. */
import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import type { Page } from "playwright-core";
import { decodeErrors, ffmpeg } from "../edge/origin/ffmpeg.ts";
import { openBrowser, type Profile } from "../support/browser.ts";
import { startEdge } from "../support/edge_process.ts";
import { openViewer } from "../support/viewer.ts";
import { waitUntil } from "../support/wait.ts";

const KEY = "a-long-secret";
const FAKE_DEVICES = [
  "--use-fake-device-for-media-stream",
  "--use-fake-ui-for-media-stream",
];
const MINUTE_MS = 60_000;
const PATIENCE_MS = 30_000;

/** Fills in the studio's page as a person would, and presses the button. */
async function goOnAir(page: Page, key: string): Promise<void> {
  await page.getByRole("radio", { name: "360p" }).check();
  await page.getByRole("button", { name: "Camera" }).click();
  await page.locator("#screen video").waitFor();
  await page.getByLabel("Key").fill(key);
  await page.getByRole("button", { name: "Go on air" }).click();
}

async function openStudio(profile: Profile, url: string): Promise<Page> {
  const page = await profile.tab("window");
  await page.goto(`${url}/studio#cam`);
  return page;
}

const badge = (page: Page, text: string) =>
  page.locator("#badge", { hasText: text }).waitFor({ timeout: PATIENCE_MS });

Deno.test("a studio goes on air in under a minute, stays there when the edge crashes, and gives way only when told", async () => {
  await using edge = await startEdge(["--no-demo", "--ingest", `cam=${KEY}`]);
  await using browser = await openBrowser(FAKE_DEVICES);
  await using profile = await browser.profile();
  const openedMs = performance.now();
  const page = await openStudio(profile, edge.url);
  const newest = async () => (await edge.stats("cam")).window.newest ?? -1;

  await goOnAir(page, "not-the-key");
  await page.getByText("This is not the key of the channel").waitFor();
  await page.getByLabel("Key").fill(KEY);
  await page.getByRole("button", { name: "Go on air" }).click();
  await badge(page, "On air");
  await using viewer = await openViewer(browser, `${edge.url}/watch/cam`);
  await viewer.firstFrame(PATIENCE_MS);
  const tookMs = performance.now() - openedMs;
  console.log(`from opening the studio to being seen: ${(tookMs / 1_000).toFixed(1)} s`);
  assertLess(tookMs, MINUTE_MS);
  await page.locator("#viewers", { hasText: /^1$/ }).waitFor();
  assert(!(await page.locator("#upstream").innerText()).startsWith("0 "));

  const heard = await Deno.makeTempFile({ suffix: ".mp4" });
  await ffmpeg(["-i", `${edge.url}/stream/cam`, "-t", "2", "-c", "copy", heard]);
  assertEquals(await decodeErrors(heard), "", "as one stream");
  await Deno.remove(heard);

  const before = await waitUntil("segments", async () => {
    const now = await newest();
    return now >= 3 && now;
  }, PATIENCE_MS);
  await edge.restart();
  await waitUntil("back", async () => (await edge.stats("cam")).state === "on-air", PATIENCE_MS);
  const after = await newest();
  assertGreater(after, before - 1, "numbers went back");
  await badge(page, "On air");
  await viewer.plays(4);

  await using others = await browser.profile();
  const other = await openStudio(others, edge.url);
  await goOnAir(other, KEY);
  await other.getByText("Somebody else is on air here").waitFor();
  await badge(page, "On air");
  await other.getByRole("button", { name: "Take over" }).click();
  await badge(other, "On air");
  await page.getByText("Somebody else is on air here").waitFor();
  assertGreater(await newest(), after, "numbers went back");

  await other.getByRole("button", { name: "Stop" }).click();
  await waitUntil(
    "off air",
    async () => (await edge.stats("cam")).state === "off-air",
    PATIENCE_MS,
  );
});
