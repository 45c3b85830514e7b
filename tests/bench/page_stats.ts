import type { Page } from "playwright-core";

/** What p2p-media-loader's events tell, summed up by `rival_page.ts`. */
export interface RivalStats {
  /** Connected partners. */
  readonly peers: number;
  /** Media bytes received. */
  readonly bytes: { readonly peers: number; readonly edge: number };
}

declare global {
  var rival: { stats(): RivalStats } | undefined;
}

/** What the page says itself of partners and bytes, ours or the rival's; nothing for a plain element. */
export async function pageStats(page: Page): Promise<RivalStats> {
  const told = await page.evaluate(() => (globalThis.tributary ?? globalThis.rival)?.stats());
  return { peers: told?.peers ?? 0, bytes: told?.bytes ?? { peers: 0, edge: 0 } };
}
