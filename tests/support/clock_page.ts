/** Reads the clock off an element on a page. */
import type { Page } from "playwright-core";
import { CLOCK_HEIGHT, CLOCK_WIDTH, readClock } from "./clock_picture.ts";
import { waitUntil } from "./wait.ts";

/**
 * Puts an element into the page and plays `src`. The page is of the origin that serves it. `autoplay` would
 * wait until Chromium believes that it can play on for ever: 3 s of a live stream.
 */
export async function playClock(page: Page, src: string): Promise<void> {
  await page.evaluate((src) => {
    document.querySelector("video")?.remove();
    const video = document.createElement("video");
    document.body.append(video);
    video.muted = true;
    video.src = src;
    // Rejected when another source takes its place.
    video.play().catch(() => {});
  }, src);
}

/** How late each of so many pictures was, ms, with some time between two of them. */
export async function seeClock(page: Page, pictures: number): Promise<number[]> {
  const delays: number[] = [];
  await waitUntil(`${pictures} pictures on ${page.url()}`, async () => {
    const late = await pictureDelay(page);
    if (late !== undefined) delays.push(late);
    return delays.length >= pictures;
  }, 30_000);
  return delays;
}

/** `undefined` without a picture that can be read. */
async function pictureDelay(page: Page): Promise<number | undefined> {
  const { pixels, atMs } = await page.evaluate(([width, height]) => {
    const video = document.querySelector("video")!;
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [width, height];
    const context = canvas.getContext("2d", { willReadFrequently: true })!;
    context.drawImage(video, 0, 0, width, height);
    const atMs = Date.now();
    const { data } = context.getImageData(0, 0, width, height);
    let pixels = "";
    for (let at = 0; at < data.length; at += 4) pixels += String.fromCharCode(data[at]!);
    return { pixels, atMs };
  }, [CLOCK_WIDTH, CLOCK_HEIGHT] as const);
  return readClock(Uint8Array.from(pixels, (pixel) => pixel.charCodeAt(0)), atMs);
}
