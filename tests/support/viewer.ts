import type { Page } from "playwright-core";
import type { TributaryStats } from "../../web/api.ts";
import type { Profile, TestBrowser } from "./browser.ts";
import { type DemoFrame, installProbe, type ProbeReading } from "./probe.ts";
import { waitUntil } from "./wait.ts";

/** Somebody who watches a page, with a stopwatch. */
export interface Viewer extends AsyncDisposable {
  readonly page: Page;
  readonly profile: Profile;
  /** Errors that the page logged or threw. */
  readonly errors: readonly string[];
  /** ms from the navigation's start to the first frame; waits for it. */
  firstFrame(timeoutMs?: number): Promise<number>;
  /** What the element did so far. */
  read(): Promise<ProbeReading>;
  /** Waits until the play position has moved on by `seconds` from now. */
  plays(seconds: number, timeoutMs?: number): Promise<void>;
  /** Waits for a reading that `holds`; `what` is said if it never comes. */
  until(
    what: string,
    holds: (reading: ProbeReading) => boolean,
    timeoutMs?: number,
  ): Promise<ProbeReading>;
  /** `tributary.stats()`, or `undefined` on a page without the tag. */
  stats(): Promise<TributaryStats | undefined>;
  /** The frame of the demo channel on screen; `undefined` without a picture. */
  demoFrame(): Promise<DemoFrame | undefined>;
  pause(): Promise<void>;
  play(): Promise<void>;
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

const PATIENCE_MS = 15_000;

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
  const read = () => page.evaluate(() => globalThis.window.__probe.read());
  const until: Viewer["until"] = async (what, holds, timeoutMs = PATIENCE_MS) => {
    let reading = await read();
    try {
      return await waitUntil(what, async () => {
        reading = await read();
        return holds(reading) && reading;
      }, timeoutMs);
    } catch (error) {
      throw new Error(`${(error as Error).message}\n${JSON.stringify({ ...reading, errors })}`);
    }
  };

  return {
    page,
    profile,
    errors,
    read,
    until,
    async firstFrame(timeoutMs) {
      const seen = await until("first frame", (now) => now.firstFrameMs !== undefined, timeoutMs);
      return seen.firstFrameMs!;
    },
    async plays(seconds, timeoutMs = seconds * 1000 + PATIENCE_MS) {
      const { currentTime } = await read();
      await until(
        `${seconds} s of play`,
        (now) => now.currentTime >= currentTime + seconds,
        timeoutMs,
      );
    },
    stats: () => page.evaluate(() => globalThis.window.tributary?.stats()),
    demoFrame: () => page.evaluate(() => globalThis.window.__probe.demoFrame()),
    pause: () =>
      page.evaluate(() => document.querySelector<HTMLMediaElement>("video, audio")!.pause()),
    play: () =>
      page.evaluate(() => document.querySelector<HTMLMediaElement>("video, audio")!.play()),
    async hide() {
      cover ??= await profile.tab("front");
      await cover.bringToFront();
      await until("hidden page", (now) => now.visibility === "hidden");
    },
    async show() {
      await page.bringToFront();
      await until("visible page", (now) => now.visibility === "visible");
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
