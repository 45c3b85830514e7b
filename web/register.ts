/** Registers the service worker and keeps it up to date. Loaded by the tag when the page has loaded. */
import { Workbox } from "workbox-window";

export async function register(url: string): Promise<void> {
  await new Workbox(url).register();
}
