/**
 * Everything that can go wrong in mid-stream, on a page of the edge or of another site, at a first
 * visit, a later one or after a hard reload: each a fault that a viewer must not notice.
 */
import { assert, assertEquals } from "@std/assert";
import { openBrowser, type TestBrowser } from "../support/browser.ts";
import { type CountingProxy, startCountingProxy } from "../support/counting_proxy.ts";
import { hasPartners } from "../support/crowd.ts";
import { startEdge } from "../support/edge_process.ts";
import { startForeignSite } from "../support/foreign_site.ts";
import { joinHeadless } from "../support/headless_peer.ts";
import { openViewer, type Viewer } from "../support/viewer.ts";

export const SITES = ["same-origin", "cross-origin"] as const;
export const VISITS = ["first visit", "second visit", "hard reload"] as const;
export const FAULTS = ["page silent", "partner gone", "edge slow", "piece bad"] as const;
export type Site = (typeof SITES)[number];
export type Visit = (typeof VISITS)[number];
export type Fault = (typeof FAULTS)[number];

/** What a viewer may be starved of by one fault, ms. */
const STARVED_MS = 250;
const SILENT_MS = 3_000;
const SLOW_MS = 1_200;

/** The world of one run: an edge behind a proxy, a foreign site, one browser. */
export interface Stage extends AsyncDisposable {
  readonly edge: string;
  readonly proxy: CountingProxy;
  readonly browser: TestBrowser;
  readonly pages: Readonly<Record<Site, string>>;
}

export async function setStage(): Promise<Stage> {
  const stack = new AsyncDisposableStack();
  const edge = stack.use(await startEdge());
  const proxy = stack.use(startCountingProxy(edge.url));
  const foreign = stack.use(startForeignSite(proxy.url));
  const browser = stack.use(await openBrowser());
  return {
    edge: proxy.url,
    proxy,
    browser,
    pages: { "same-origin": `${proxy.url}/watch/demo`, "cross-origin": `${foreign.url}/` },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Opens the page as this kind of visit, playing. */
export async function visit(stage: Stage, site: Site, kind: Visit): Promise<Viewer> {
  const viewer = await openViewer(stage.browser, stage.pages[site]);
  await viewer.plays(2);
  if (kind === "first visit") return viewer;
  await viewer.page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  if (kind === "second visit") await viewer.reload();
  else await viewer.hardReload();
  await viewer.plays(2);
  const state = (await viewer.stats())?.state;
  assertEquals(state === "edge-only", kind === "hard reload", `the page is ${state}`);
  return viewer;
}

/** Lets one thing go wrong under a playing viewer and asserts that the picture goes on. */
export async function survive(stage: Stage, viewer: Viewer, kind: Visit, fault: Fault) {
  // After a hard reload no worker is in charge: there are partners, but nothing plays by them.
  const shares = kind !== "hard reload";
  const before = await viewer.read();
  switch (fault) {
    case "page silent":
      await viewer.page.evaluate((ms) => {
        const until = performance.now() + ms;
        while (performance.now() < until);
      }, SILENT_MS);
      break;
    case "partner gone": {
      const partner = await joinHeadless(stage.edge, "demo");
      try {
        await partner.until(
          "a working partner",
          ({ partners, uploaded }) => shares ? uploaded > 0 : partners > 0,
        );
      } finally {
        await partner.vanish();
      }
      break;
    }
    case "edge slow":
      stage.proxy.treat = ({ class: kind }) =>
        kind === "segment" || kind === "range" ? { delayMs: SLOW_MS } : "pass";
      await viewer.plays(5);
      stage.proxy.treat = () => "pass";
      break;
    case "piece bad": {
      await using liar = await joinHeadless(stage.edge, "demo", { lies: true });
      if (shares) await hasPartners(viewer, 1);
      await viewer.plays(8);
      if (shares) {
        await liar.until("a lie", ({ uploaded }) => uploaded > 0);
        await liar.until("the end of the liar", ({ partners }) => partners === 0);
      }
      break;
    }
  }
  await viewer.plays(4);
  const after = await viewer.read();
  assertEquals(after.mediaErrors, before.mediaErrors);
  const starvedMs = after.starvedMs - before.starvedMs;
  assert(starvedMs <= STARVED_MS, `starved for ${starvedMs} ms`);
}
