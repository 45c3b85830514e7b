import type { Page } from "playwright-core";
import type { Profile, TestBrowser } from "./browser.ts";
import { installProbe } from "./probe.ts";
import { type Watcher, watching } from "./watcher.ts";

/** Somebody who watches a page in a Chromium, with a stopwatch. */
export interface Viewer extends Watcher, AsyncDisposable {
  readonly page: Page;
  readonly profile: Profile;
  /** Errors that the page logged or threw. */
  readonly errors: readonly string[];
  /** Opens another tab before this one: the page is hidden and throttled as in any browser. */
  hide(): Promise<void>;
  /** Brings the tab to the front again. */
  show(): Promise<void>;
  reload(): Promise<void>;
  /** Shift and reload: without cache and without the service worker. */
  hardReload(): Promise<void>;
}

export interface ViewerOptions {
  /** A profile to watch in, for second visits and second tabs; a new one by default. */
  readonly profile?: Profile;
  /** Where in the profile's windows the page opens. */
  readonly where?: "front" | "background" | "window";
  /** What this viewer's browser does not have. */
  readonly without?: readonly ("worker" | "webrtc")[];
  /** Runs in the page before its scripts, after the probe. */
  readonly before?: () => void;
}

/** Opens `url` in a tab, in a profile of its own unless one is given. */
export async function openViewer(
  browser: TestBrowser,
  url: string,
  options: ViewerOptions = {},
): Promise<Viewer> {
  const profile = options.profile ?? await browser.profile();
  const page = await profile.tab(options.where);
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (line) => {
    if (line.type() === "error") errors.push(line.text());
  });
  await page.addInitScript(installProbe);
  if (options.without?.includes("worker")) await page.addInitScript(removeServiceWorkers);
  if (options.without?.includes("webrtc")) await page.addInitScript(removeWebRtc);
  if (options.before) await page.addInitScript(options.before);
  await page.goto(url, { waitUntil: "commit" });

  let cover: Page | undefined;
  const watcher = watching((look) => page.evaluate(look), errors);

  return {
    page,
    profile,
    errors,
    ...watcher,
    async hide() {
      cover ??= await profile.tab("front");
      await cover.bringToFront();
      await watcher.until("hidden page", (now) => now.visibility === "hidden");
    },
    async show() {
      await page.bringToFront();
      await watcher.until("visible page", (now) => now.visibility === "visible");
    },
    async reload() {
      await page.reload({ waitUntil: "commit" });
    },
    async hardReload() {
      const devtools = await page.context().newCDPSession(page);
      const navigated = page.waitForEvent("framenavigated");
      await devtools.send("Page.reload", { ignoreCache: true });
      await navigated;
      await devtools.detach();
    },
    async [Symbol.asyncDispose]() {
      await page.close();
      await cover?.close();
      if (!options.profile) await profile[Symbol.asyncDispose]();
    },
  };
}

/** As in a private window of Firefox. */
function removeServiceWorkers(): void {
  Reflect.deleteProperty(Navigator.prototype, "serviceWorker");
}

/** As with a browser that forbids WebRTC. */
function removeWebRtc(): void {
  Reflect.deleteProperty(globalThis, "RTCPeerConnection");
  Reflect.deleteProperty(globalThis, "webkitRTCPeerConnection");
  Reflect.deleteProperty(globalThis, "RTCDataChannel");
}
