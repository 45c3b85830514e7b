import type { TestBrowser } from "./browser.ts";
import type { EdgeProcess } from "./edge_process.ts";
import { openViewer, type Viewer, type ViewerOptions } from "./viewer.ts";
import { waitUntil } from "./wait.ts";

/** Viewers of one page, each in a profile of its own; closed together. */
export interface Crowd extends AsyncDisposable {
  readonly viewers: Viewer[];
}

/** Opens the page once per viewer, one after the other, and waits until each has a picture. */
export async function openCrowd(
  browser: TestBrowser,
  url: string,
  count: number,
  options: ViewerOptions = {},
): Promise<Crowd> {
  const viewers: Viewer[] = [];
  for (let number = 0; number < count; number++) {
    const viewer = await openViewer(browser, url, options);
    viewers.push(viewer);
    await viewer.firstFrame();
  }
  return {
    viewers,
    async [Symbol.asyncDispose]() {
      await Promise.all(viewers.map((viewer) => viewer[Symbol.asyncDispose]()));
    },
  };
}

/** Waits until `tributary.stats()` of the viewer shows at least this many partners. */
export async function hasPartners(
  viewer: Viewer,
  count: number,
  timeoutMs = 20_000,
): Promise<void> {
  await waitUntil(
    `${count} partners`,
    async () => ((await viewer.stats())?.peers ?? 0) >= count,
    timeoutMs,
  );
}

/**
 * Waits until the edge spreads each new segment by `count` members, and those of before are out of
 * the way: what is published while few inject comes from the edge, and is asked for a little later.
 * Answers the newest segment's sequence number.
 */
export async function spreads(edge: EdgeProcess, channel: string, count: number): Promise<number> {
  await waitUntil(
    `${count} injectors`,
    async () => (await edge.stats(channel)).peers.eligible >= count,
    20_000,
  );
  const { newest = -1 } = (await edge.stats(channel)).window;
  await published(edge, channel, newest + 2);
  return newest + 2;
}

/** Waits until the segment with this number is in the window. */
export async function published(
  edge: EdgeProcess,
  channel: string,
  sequence: number,
): Promise<void> {
  await waitUntil(
    `segment ${sequence}`,
    async () => ((await edge.stats(channel)).window.newest ?? -1) >= sequence,
    60_000,
  );
}

/** Media bytes that have come to the viewer from everywhere. */
export async function received(viewer: Viewer): Promise<{ all: number; peers: number }> {
  const { bytes } = (await viewer.stats())!;
  return { all: bytes.peers + bytes.edge + bytes.cache, peers: bytes.peers };
}
