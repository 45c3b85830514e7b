import { launch, type Page } from "puppeteer-core";
import { optionalProgram } from "./optional_program.ts";
import { installProbe } from "./probe.ts";
import { type Watcher, watching } from "./watcher.ts";

/** A headless Firefox with a profile of its own, driven by WebDriver BiDi. */
export interface Firefox extends AsyncDisposable {
  /** Opens `url` in a tab. */
  watch(url: string): Promise<FirefoxViewer>;
}

export interface FirefoxViewer extends Watcher {
  readonly page: Page;
  /** Errors that the page logged or threw. */
  readonly errors: readonly string[];
}

/** Not every machine has one. */
export const firefox: string | undefined = optionalProgram("firefox-esr") ??
  optionalProgram("firefox");

const PREFERENCES = {
  "media.autoplay.default": 0,
  // There is no multicast DNS on many machines, and Firefox leaves the loopback away.
  "media.peerconnection.ice.obfuscate_host_addresses": false,
  "media.peerconnection.ice.loopback": true,
};

/** Starts the Firefox that {@linkcode firefox} names, with `preferences` besides the usual ones. */
export async function openFirefox(
  preferences: Readonly<Record<string, unknown>> = {},
): Promise<Firefox> {
  const browser = await launch({
    browser: "firefox",
    executablePath: firefox!,
    extraPrefsFirefox: { ...PREFERENCES, ...preferences },
  });
  return {
    async watch(url) {
      const page = await browser.newPage();
      const errors: string[] = [];
      page.on("pageerror", (error) => errors.push(String(error)));
      page.on("console", (line) => {
        if (line.type() === "error") errors.push(line.text());
      });
      await page.evaluateOnNewDocument(installProbe);
      await page.goto(url, { waitUntil: "domcontentloaded" });
      return { page, errors, ...watching(async (look) => await page.evaluate(look), errors) };
    },
    [Symbol.asyncDispose]: () => browser.close(),
  };
}
