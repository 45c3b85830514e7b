/** The studio's page, as a person uses it. */
import type { Page } from "playwright-core";
import type { Profile } from "../support/browser.ts";

/** Of the channel `cam`. */
export const KEY = "a-long-secret";
export const FAKE_DEVICES = [
  "--use-fake-device-for-media-stream",
  "--use-fake-ui-for-media-stream",
];
export const PATIENCE_MS = 30_000;

/** Fills in the studio's page, and presses the button. */
export async function goOnAir(page: Page, key: string): Promise<void> {
  await page.getByRole("radio", { name: "360p" }).check();
  await page.getByRole("button", { name: "Camera" }).click();
  await page.locator("#screen video").waitFor();
  await page.getByLabel("Key").fill(key);
  await page.getByRole("button", { name: "Go on air" }).click();
}

export async function openStudio(profile: Profile, url: string): Promise<Page> {
  const page = await profile.tab("window");
  await page.goto(`${url}/studio#cam`);
  return page;
}

/** Resolves when the state that the page shows is this one. */
export const badge = (page: Page, text: string): Promise<void> =>
  page.locator("#badge", { hasText: text }).waitFor({ timeout: PATIENCE_MS });
