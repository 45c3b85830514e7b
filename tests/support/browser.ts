import { type BrowserContext, chromium, type Page } from "playwright-core";
import { startChild } from "./child.ts";
import { requireChromium } from "./chromium.ts";

/** A headless Chromium with the throttling of hidden tabs that people's browsers have. */
export interface TestBrowser extends AsyncDisposable {
  /** A new viewer's profile: cookies, caches and workers of its own. */
  profile(): Promise<Profile>;
}

export interface Profile extends AsyncDisposable {
  /**
   * Opens a tab in front, so that the one before it in the same window becomes hidden
   * (`document.visibilityState`), or in the background, or in a window of its own.
   */
  tab(where?: "front" | "background" | "window"): Promise<Page>;
}

const FLAGS = [
  "--headless",
  "--remote-debugging-port=0",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-quic",
  "--no-first-run",
  "--no-default-browser-check",
  "--password-store=basic",
  "--mute-audio",
  "--window-size=1280,800",
  "--autoplay-policy=no-user-gesture-required",
  "--disable-features=WebRtcHideLocalIpsWithMdns",
];

/**
 * Starts Chromium with `args` after the usual flags.
 *
 * Playwright gives every page of its own contexts an emulated focus, which keeps hidden tabs visible
 * and unthrottled. Pages of the default context are spared with `noDefaults`, and pages of contexts
 * that playwright did not make count as such: so profiles are made over the DevTools protocol.
 */
export async function openBrowser(args: readonly string[] = []): Promise<TestBrowser> {
  const executable = await requireChromium();
  const folder = await Deno.makeTempDir({ prefix: "tributary-chromium-" });
  const child = startChild(executable, [
    ...FLAGS,
    `--user-data-dir=${folder}`,
    ...args,
    "about:blank",
  ]);
  const close = async () => {
    await child.end("SIGTERM");
    await Deno.remove(folder, { recursive: true });
  };
  try {
    const [address] = await child.printed(/ws:\/\/\S+\/devtools\/browser\/\S+/, 20_000);
    const browser = await chromium.connectOverCDP(address, { noDefaults: true });
    const devtools = await browser.newBrowserCDPSession();
    const pages = browser.contexts()[0]!;
    let opening: Promise<unknown> = Promise.resolve();

    const profile = async (): Promise<Profile> => {
      const { browserContextId } = await devtools.send("Target.createBrowserContext", {});
      return {
        tab(where = "front") {
          // One after the other, since a new page does not say who asked for it.
          const opened = opening.then(() =>
            nextPage(pages, () =>
              devtools.send("Target.createTarget", {
                url: "about:blank",
                browserContextId,
                ...(where === "background" ? { background: true } : {}),
                ...(where === "window" ? { newWindow: true } : {}),
              }))
          );
          opening = opened.catch(() => {});
          return opened;
        },
        async [Symbol.asyncDispose]() {
          await devtools.send("Target.disposeBrowserContext", { browserContextId });
        },
      };
    };
    return {
      profile,
      async [Symbol.asyncDispose]() {
        await browser.close();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function nextPage(context: BrowserContext, open: () => Promise<unknown>): Promise<Page> {
  const [page] = await Promise.all([context.waitForEvent("page"), open()]);
  return page;
}
