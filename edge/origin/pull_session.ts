import { CodedError } from "../media/coded_error.ts";
import type { MediaPlaylist } from "../media/playlist.ts";
import type { Platform } from "../platform/platform.ts";
import { backoffMs } from "./backoff.ts";
import { pause } from "./pause.ts";
import type { RenditionPuller } from "./pull_rendition.ts";
import type { Upstream } from "./pull_upstream.ts";
import { readCatalog, singleRendition, type SourceRendition } from "./upstream_catalog.ts";
import { UpstreamError } from "./upstream_error.ts";

/** Longest wait after failures, ms: without viewers, and with some, who sit before a still picture. */
const PATIENT_CAP_MS = 30_000;
/** Still rarer than a healthy playlist is asked for. */
const WATCHED_CAP_MS = 4_000;
/** After this many failures in a row the master playlist may know another address. */
const FAILURES_BEFORE_REFRESH = 3;
/** Without a new segment for so many target durations an upstream has stalled. */
const STALLED_TARGETS = 4;
/** How often a stream that has ended is looked at again, ms. */
const ENDED_INTERVAL_MS = 30_000;

/** Whatever a playlist says, it is not asked for more often than this allows, ms. */
const MIN_TARGET_MS = 1000;

interface LoadedMedia {
  readonly playlist: MediaPlaylist;
  readonly url: string;
}

/** What a session tells of a rendition after each look at its playlist. */
export type Polled =
  | { readonly type: "media" }
  | { readonly type: "nothing-new" }
  | { readonly type: "ended" }
  | { readonly type: "failed"; readonly error: CodedError };

export interface PullSessionOptions {
  readonly url: string;
  readonly platform: Platform;
  readonly upstream: Upstream;
  /** Whether viewers are there right now. */
  readonly watched: () => boolean;
  /** The renditions that the upstream turned out to have; answers what takes their segments. */
  readonly opened: (renditions: readonly SourceRendition[]) => readonly RenditionPuller[];
  /** `rendition` is `undefined` for what is no rendition's, such as the master playlist. */
  readonly polled: (rendition: number | undefined, what: Polled) => void;
}

/** Pulls an upstream until `signal` is aborted: all renditions side by side, RFC 8216bis §6.3.4. */
export async function runPullSession(
  options: PullSessionOptions,
  signal: AbortSignal,
): Promise<void> {
  const { url, platform, upstream, polled } = options;
  let catalog: readonly SourceRendition[] = [];
  /** The upstream's one media playlist, where it was loaded to see what there is. */
  let only: LoadedMedia | undefined;

  async function loadCatalog(): Promise<void> {
    const { playlist, url: from } = await upstream.playlist(url, signal);
    if (playlist.type === "media") {
      only = { playlist, url: from };
      catalog = singleRendition(url);
    } else {
      catalog = readCatalog(playlist, from);
    }
  }

  /** Runs `look` until the session ends; it answers when to look again, ms after it began. */
  async function poll(
    rendition: number | undefined,
    look: (failures: number) => Promise<number | undefined>,
  ): Promise<void> {
    for (let failures = 0; !signal.aborted;) {
      const startedMs = platform.now();
      let waitMs: number;
      try {
        const nextMs = await look(failures);
        if (nextMs === undefined) return;
        failures = 0;
        waitMs = Math.max(0, startedMs + nextMs - platform.now());
      } catch (error) {
        if (signal.aborted) return;
        failures++;
        polled(rendition, { type: "failed", error: coded(error) });
        const capMs = options.watched() ? WATCHED_CAP_MS : PATIENT_CAP_MS;
        waitMs = backoffMs(failures, capMs, platform.random());
      }
      await pause(platform, waitMs, signal);
    }
  }

  async function follow(id: number, puller: RenditionPuller): Promise<void> {
    let newsMs = platform.now();
    await poll(id, async (failures) => {
      if (failures > 0 && failures % FAILURES_BEFORE_REFRESH === 0) await loadCatalog();
      const { playlist, url } = await loadMedia(id);
      const taken = await puller.take(playlist, url, signal);
      if (playlist.endList) {
        polled(id, { type: "ended" });
        return ENDED_INTERVAL_MS;
      }
      const targetMs = Math.max(MIN_TARGET_MS, playlist.targetDurationMs);
      if (taken > 0) {
        newsMs = platform.now();
        polled(id, { type: "media" });
        return targetMs;
      }
      const silentMs = platform.now() - newsMs;
      polled(
        id,
        silentMs > STALLED_TARGETS * targetMs
          ? { type: "failed", error: stalled(silentMs) }
          : { type: "nothing-new" },
      );
      return targetMs / 2;
    });
  }

  async function loadMedia(id: number): Promise<LoadedMedia> {
    const first = id === 0 ? only : undefined;
    only = undefined;
    if (first) return first;
    const rendition = catalog.find((one) => one.id === id);
    if (!rendition) {
      throw new UpstreamError("upstream-no-media", `The upstream no longer lists stream ${id}.`);
    }
    const { playlist, url } = await upstream.playlist(rendition.url, signal);
    if (playlist.type === "master") {
      throw new UpstreamError("upstream-no-media", "A master playlist lists another one.");
    }
    return { playlist, url };
  }

  await poll(undefined, async () => {
    await loadCatalog();
    return undefined;
  });
  if (signal.aborted) return;
  const pullers = options.opened(catalog);
  await Promise.all(pullers.map((puller, at) => follow(catalog[at]!.id, puller)));
}

/** Whatever goes wrong, the channel tries again and says so. */
function coded(error: unknown): CodedError {
  if (error instanceof CodedError) return error;
  return new CodedError("pull-failed", `${error}.`, "This is a fault of the edge: report it.");
}

function stalled(silentMs: number): UpstreamError {
  const seconds = Math.round(silentMs / 1000);
  return new UpstreamError("upstream-stalled", `No new segment has come for ${seconds} s.`);
}
