import type { TestBrowser } from "../support/browser.ts";
import { openViewer, type Viewer } from "../support/viewer.ts";
import { pageStats } from "./page_stats.ts";

/** What one viewer has seen since it came, the last thing known of those that are gone. */
export interface Seen {
  /** Has not gone. */
  readonly here: boolean;
  /** From the navigation to the first frame, ms; absent before it. */
  readonly startMs?: number;
  /** Time since the first frame in which the picture moved, ms. */
  readonly playedMs: number;
  /** Time in which it stood still for want of media, ms; and for whatever reason. */
  readonly starvedMs: number;
  readonly stalledMs: number;
  /** Media bytes that have come from partners, and from the edge, as the page tells. */
  readonly peerBytes: number;
  readonly edgeBytes: number;
  readonly partners: number;
  readonly errors: number;
}

/** Viewers of one page in real Chromium. */
export interface Audience extends AsyncDisposable {
  /** One more; resolves when it has a picture, or did not get one in time. */
  join(): Promise<void>;
  /** Who came first goes, and a new one joins. */
  replace(): Promise<void>;
  /** Everyone who ever came, in the order of coming. */
  look(): Promise<readonly Seen[]>;
  /** How far the picture of each who is here is behind the wall clock that the demo's loop follows, ms. */
  behindMs(): Promise<readonly number[]>;
}

export function openAudience(browser: TestBrowser, url: string): Audience {
  const gone: Seen[] = [];
  const here: Viewer[] = [];

  async function join(): Promise<void> {
    const viewer = await openViewer(browser, url);
    here.push(viewer);
    // Whoever gets no picture is in the figures: it has played nothing.
    await viewer.firstFrame().catch(() => {});
  }
  return {
    join,
    async replace() {
      const first = here.shift()!;
      gone.push({ ...await see(first), here: false });
      await first[Symbol.asyncDispose]();
      await join();
    },
    look: async () => [...gone, ...await Promise.all(here.map(see))],
    async behindMs() {
      const frames = await Promise.all(here.map((viewer) => viewer.demoFrame()));
      return frames.flatMap((frame) => frame?.behindMs ?? []);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(here.map((viewer) => viewer[Symbol.asyncDispose]()));
    },
  };
}

async function see({ page, errors, read }: Viewer): Promise<Seen> {
  const [reading, nowMs, { peers, bytes }] = await Promise.all([
    read(),
    page.evaluate(() => performance.now()),
    pageStats(page),
  ]);
  const { firstFrameMs, stallMs, starvedMs, mediaErrors } = reading;
  return {
    here: true,
    ...(firstFrameMs === undefined ? {} : { startMs: firstFrameMs }),
    playedMs: firstFrameMs === undefined ? 0 : nowMs - firstFrameMs - stallMs,
    starvedMs,
    stalledMs: stallMs,
    peerBytes: bytes.peers,
    edgeBytes: bytes.edge,
    partners: peers,
    errors: errors.length + mediaErrors.length,
  };
}
