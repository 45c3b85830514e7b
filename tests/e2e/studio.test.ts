/** The studio: from opening the page to being watched, through a crash of the edge, against others. */
import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { decodeErrors, ffmpeg } from "../edge/origin/ffmpeg.ts";
import { openBrowser } from "../support/browser.ts";
import { published } from "../support/crowd.ts";
import { startEdge } from "../support/edge_process.ts";
import { startPlayerSite } from "../support/foreign_site.ts";
import { openViewer } from "../support/viewer.ts";
import { waitUntil } from "../support/wait.ts";
import { badge, FAKE_DEVICES, goOnAir, KEY, openStudio, PATIENCE_MS } from "./studio_page.ts";

const CLIP = new URL("../../edge/origin/demo/clip.mp4", import.meta.url).pathname;
const MINUTE_MS = 60_000;

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

Deno.test("a screen goes on air, and sound alone", async () => {
  await using edge = await startEdge(["--no-demo", "--ingest", `cam=${KEY}`]);
  await using browser = await openBrowser(FAKE_DEVICES);
  await using profile = await browser.profile();
  const page = await openStudio(profile, edge.url);
  await page.getByLabel("Key").fill(KEY);
  for (const [quality, source] of [["360p", "Screen"], ["Sound only", "Microphone"]] as const) {
    await page.getByRole("radio", { name: quality }).check();
    await page.getByRole("button", { name: source }).click();
    await page.getByRole("button", { name: source, pressed: true }).waitFor();
    await page.getByRole("button", { name: "Go on air" }).click();
    await badge(page, "On air");
    await using viewer = await openViewer(browser, `${edge.url}/watch/cam`);
    await viewer.plays(2, PATIENCE_MS);
    const { decodedFrames } = await viewer.read();
    assertEquals(decodedFrames > 0, source === "Screen");
    assertEquals(await page.getByText("No picture is sent.").isVisible(), source !== "Screen");
    await page.bringToFront();
    await page.getByRole("button", { name: "Stop" }).click();
    await badge(page, "Off air");
  }
});

Deno.test("a file goes on air, heard by the level meter, and is watched as HLS, as DASH and as one stream", async () => {
  await using edge = await startEdge(["--no-demo", "--ingest", `cam=${KEY}`]);
  await using browser = await openBrowser(FAKE_DEVICES);
  await using profile = await browser.profile();
  const page = await openStudio(profile, edge.url);
  await page.getByRole("radio", { name: "360p" }).check();
  await page.locator("input[type=file]").setInputFiles(CLIP);
  await page.getByRole("button", { name: "File …", pressed: true }).waitFor();
  await page.getByLabel("Key").fill(KEY);
  await page.getByRole("button", { name: "Go on air" }).click();
  await badge(page, "On air");
  await page.waitForFunction(() =>
    Number(document.querySelector("[role=meter]")!.getAttribute("aria-valuenow")) > 0
  );

  // Chromium's own HLS gives up where it is listed next to nothing.
  await published(edge, "cam", 3);
  await using site = await startPlayerSite(edge.url, "dash.js", "cam");
  for (const url of [`${edge.url}/watch/cam`, `${site.url}/`]) {
    await using viewer = await openViewer(browser, url);
    await viewer.firstFrame(PATIENCE_MS);
    await viewer.plays(3);
    assertEquals((await viewer.read()).mediaErrors, [], url);
  }
  const stream = await Deno.makeTempFile({ suffix: ".mp4" });
  await ffmpeg(["-i", `${edge.url}/stream/cam`, "-t", "2", "-c", "copy", stream]);
  assertEquals(await decodeErrors(stream), "");
  await Deno.remove(stream);
});

Deno.test("a source that is given late does not push out the one that is on air", async () => {
  await using edge = await startEdge(["--no-demo", "--ingest", `cam=${KEY}`]);
  await using browser = await openBrowser(FAKE_DEVICES);
  await using profile = await browser.profile();
  const page = await openStudio(profile, edge.url);
  await page.getByRole("radio", { name: "360p" }).check();
  await page.getByRole("button", { name: "Camera" }).click();
  await page.getByRole("button", { name: "Camera", pressed: true }).waitFor();
  await page.evaluate(() => {
    const devices = navigator.mediaDevices;
    const ask = devices.getDisplayMedia.bind(devices);
    devices.getDisplayMedia = async (options) => {
      await new Promise((resolve) => addEventListener("chosen", resolve, { once: true }));
      return await ask(options);
    };
  });
  await page.getByRole("button", { name: "Screen" }).click();
  await page.getByLabel("Key").fill(KEY);
  await page.getByRole("button", { name: "Go on air" }).click();
  await badge(page, "On air");
  await page.evaluate(() => void dispatchEvent(new Event("chosen")));
  const newest = async () => (await edge.stats("cam")).window.newest ?? -1;
  const before = await newest();
  await waitUntil("more of it", async () => await newest() >= before + 3, PATIENCE_MS);
  await page.getByRole("button", { name: "Camera", pressed: true }).waitFor();
});

Deno.test("without devices, or without leave to use them, the studio says what to do", async () => {
  await using edge = await startEdge(["--no-demo", "--ingest", `cam=${KEY}`]);
  const denied = [FAKE_DEVICES[0]!, "--use-fake-ui-for-media-stream=deny"];
  for (
    const [flags, quality, button, notice] of [
      [[], "720p", "Camera", "There is no camera and no microphone"],
      [[], "Sound only", "Microphone", "There is no microphone"],
      [denied, "720p", "Camera", "The browser may not use camera and microphone"],
    ] as const
  ) {
    await using browser = await openBrowser(flags);
    await using profile = await browser.profile();
    const page = await openStudio(profile, edge.url);
    await page.getByRole("radio", { name: quality }).check();
    await page.getByRole("button", { name: button }).click();
    await page.getByRole("heading", { name: notice, exact: true }).waitFor();
    assert(await page.getByRole("button", { name: "Go on air" }).isDisabled());
  }
});

Deno.test("where a browser shares no screen, as on phones, none is offered", async () => {
  await using edge = await startEdge(["--no-demo"]);
  await using browser = await openBrowser(FAKE_DEVICES);
  await using profile = await browser.profile();
  const page = await profile.tab("window");
  await page.addInitScript("delete MediaDevices.prototype.getDisplayMedia");
  await page.goto(`${edge.url}/studio`);
  await page.getByRole("button", { name: "Camera" }).waitFor();
  assert(!await page.getByRole("button", { name: "Screen" }).isVisible());
});
