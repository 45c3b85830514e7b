import { type Container, sniffContainer } from "../media/container.ts";
import type { MediaPlaylist, PlaylistSegment } from "../media/playlist.ts";
import type { Rendition } from "../protocol/channel.ts";
import { createInitKeeper, trackAttributes } from "./init_keeper.ts";
import { type NumberingMemory, type Remembered, withUnwritten } from "./numbering_memory.ts";
import type { SourceSegment } from "./publisher.ts";
import { resolveUri, type Upstream } from "./pull_upstream.ts";
import type { SegmentClock } from "./segment_clock.ts";
import { advance, judge, restart, upstreamNewest } from "./sequence_map.ts";
import { createSkipper } from "./skipper.ts";
import type { SourceRendition } from "./upstream_catalog.ts";
import { UpstreamError } from "./upstream_error.ts";

/** What a viewer who comes first gets at once, segments. */
const BACKLOG_SEGMENTS = 3;
/** Init segments of earlier epochs that the window may still need. */
const KEPT_INITS = 3;

/** Brings the segments of one media playlist over, and numbers them. */
export interface RenditionPuller {
  /** Begins, or goes on after a pause: of the next playlist only the end is taken. */
  resume(source: SourceRendition): void;
  /** The source counts from a new beginning, as the next playlist does. */
  restart(): void;
  /** What was published last: its address as it stands in the playlist, and our number. */
  newest(): { readonly uri: string; readonly sequence: number } | undefined;
  /** Takes what is new in a playlist that was loaded from `url`; answers how many segments that was. */
  take(playlist: MediaPlaylist, url: string, signal: AbortSignal): Promise<number>;
}

export interface RenditionPullerOptions {
  readonly id: number;
  readonly now: () => number;
  readonly upstream: Upstream;
  readonly memory: NumberingMemory;
  readonly clock: SegmentClock;
  /** Keeps an init segment under its path below the channel's base. */
  readonly keepInit: (path: string, bytes: Uint8Array<ArrayBuffer>) => void;
  /** Called with every segment, in order. */
  readonly publish: (pulled: Pulled, signal: AbortSignal) => Promise<void>;
}

/** A segment, and what is known of its rendition by now. */
export interface Pulled {
  readonly segment: SourceSegment;
  readonly rendition: Omit<Rendition, "playlist">;
  readonly targetDurationMs: number;
}

/** What a segment is taken from. */
interface From {
  readonly playlist: MediaPlaylist;
  readonly url: string;
  /** When the segment starts, ms since 1970. */
  readonly startMs: number;
  readonly signal: AbortSignal;
}

export function createRenditionPuller(options: RenditionPullerOptions): RenditionPuller {
  const { id, now, upstream, memory, clock } = options;
  const initKeeper = createInitKeeper(upstream);
  const skipper = createSkipper();
  let state: Remembered | undefined;
  let resumed = true;
  /** Our highest number since this process began: what the window has. */
  let published = -1;
  /** Whether the current epoch has segments. */
  let epochUsed = true;
  /** The upstream's newest segment that we published. */
  let last: PlaylistSegment | undefined;
  let behindSinceMs: number | undefined;
  let restarted = false;
  let discontinuity = false;
  let inits: Rendition["inits"] = [];
  let kind: Rendition["kind"] = "main";
  let attributes = "";

  function raiseEpoch(next: Remembered): Remembered {
    epochUsed = false;
    discontinuity = true;
    return next;
  }

  /** What in the playlist is still to be taken; `undefined` for an old copy. */
  function news(playlist: MediaPlaylist, known: Remembered): PlaylistSegment[] | undefined {
    const first = playlist.mediaSequence;
    const listed = { first, last: first + playlist.segments.length - 1 };
    const behindMs = behindSinceMs === undefined ? 0 : now() - behindSinceMs;
    const verdict = restarted || (last && isContradicted(last, playlist))
      ? "restarted"
      : judge(known, listed, behindMs, playlist.targetDurationMs);
    switch (verdict) {
      case "behind":
        behindSinceMs ??= now();
        return undefined;
      case "restarted": {
        const from = Math.max(first, listed.last - BACKLOG_SEGMENTS + 1);
        const base = published < 0 ? withUnwritten(known) : known;
        state = raiseEpoch({ ...known, ...restart(base, from) });
        initKeeper.forget();
        clock.restart();
        behindSinceMs = last = undefined;
        restarted = false;
        return playlist.segments.slice(-BACKLOG_SEGMENTS);
      }
      case "goes-on": {
        behindSinceMs = undefined;
        const done = published < 0 ? -1 : upstreamNewest(known);
        const fresh = playlist.segments.filter(({ sequence }) => sequence > done);
        if (!resumed) return fresh;
        const skipped = fresh.slice(0, -BACKLOG_SEGMENTS);
        if (published >= 0 && skipped.some((one) => one.discontinuity)) discontinuity = true;
        return fresh.slice(-BACKLOG_SEGMENTS);
      }
    }
  }

  /** Makes the epoch right for the segment's init segment. */
  async function takeInit(segment: PlaylistSegment, base: string, signal: AbortSignal) {
    if (!segment.init) return;
    const init = await initKeeper.fetch(segment.init, base, signal);
    const known = state!;
    if (attributes === "") attributes = trackAttributes(init.bytes);
    if (init.digest === known.initDigest && inits.length > 0) return;
    const replaces = known.initDigest !== undefined && init.digest !== known.initDigest;
    const next = { ...known, initDigest: init.digest };
    state = replaces && epochUsed ? raiseEpoch({ ...next, epoch: next.epoch + 1 }) : next;
    const path = `r${id}/init-${state.epoch}.mp4`;
    options.keepInit(path, init.bytes);
    inits = [...inits.slice(1 - KEPT_INITS), { epoch: state.epoch, uri: path }];
  }

  async function takeSegment(segment: PlaylistSegment, from: From): Promise<void> {
    const { playlist, url, signal, startMs } = from;
    if (segment.encrypted) {
      throw new UpstreamError("upstream-encrypted", "The upstream's segments are encrypted.");
    }
    await takeInit(segment, url, signal);
    const bytes = await upstream.bytes(resolveUri(segment.uri, url), segment.byteRange, signal);
    const container = checkedContainer(bytes, segment);
    const sequence = segment.sequence + state!.offset;
    const breaks = discontinuity || segment.discontinuity;
    const next: Remembered = {
      ...state!,
      ...advance(state!, segment.sequence),
      ...(breaks ? { lastDiscontinuity: following(state!.lastDiscontinuity, sequence) } : {}),
    };
    await memory.save(next);
    const { epoch, lastDiscontinuity } = next;
    await options.publish({
      segment: {
        unit: { epoch, rendition: id, sequence },
        container,
        bytes,
        startMs,
        durationMs: segment.durationMs,
        discontinuity: breaks,
      },
      rendition: {
        id,
        kind,
        container,
        attributes,
        inits,
        ...(lastDiscontinuity ? { lastDiscontinuity } : {}),
      },
      targetDurationMs: playlist.targetDurationMs,
    }, signal);
    state = next;
    last = segment;
    published = sequence;
    epochUsed = true;
    discontinuity = false;
  }

  return {
    resume(source) {
      resumed = true;
      kind = source.kind;
      attributes = source.attributes;
      initKeeper.forget();
    },
    restart: () => void (restarted = true),
    newest: () => restarted || !last ? undefined : { uri: last.uri, sequence: published },
    async take(playlist, url, signal) {
      state ??= await memory.load();
      const segments = news(playlist, state) ?? [];
      const starts = clock.place(segments);
      let taken = 0;
      for (const [at, segment] of segments.entries()) {
        signal.throwIfAborted();
        const missing = segment.gap || await skipper.attempt(
          segment.sequence,
          () => takeSegment(segment, { playlist, url, signal, startMs: starts[at]! }),
        );
        if (missing) {
          state = { ...state, ...advance(state, segment.sequence) };
          discontinuity ||= segment.discontinuity;
        } else taken++;
      }
      if (segments.length > 0) resumed = false;
      return taken;
    },
  };
}

/** The discontinuity after `last`, before the unit with this number. */
function following(
  last: Rendition["lastDiscontinuity"],
  sequence: number,
): Rendition["lastDiscontinuity"] {
  return { sequence, before: last ? last.before + 1 : 0 };
}

/** Whether a playlist has another segment under the number of `known`: it counts from a new beginning. */
function isContradicted(known: PlaylistSegment, playlist: MediaPlaylist): boolean {
  const same = playlist.segments.find(({ sequence }) => sequence === known.sequence);
  if (!same) return false;
  const [was, is] = [known.programDateTimeMs, same.programDateTimeMs];
  const moved = was !== undefined && is !== undefined &&
    Math.abs(was - is) > playlist.targetDurationMs;
  return moved || fileName(same.uri) !== fileName(known.uri);
}

/** Folders and queries may hold tokens that change. */
function fileName(uri: string): string {
  return uri.replace(/[?#].*$/s, "").replace(/^.*\//s, "");
}

function checkedContainer(bytes: Uint8Array, segment: PlaylistSegment): Container {
  const container = sniffContainer(bytes);
  if (!container || (container === "fmp4" && !segment.init)) {
    const what = container ? "is MP4 without an init segment" : "is no media";
    throw new UpstreamError("upstream-not-media", `Segment ${segment.sequence} ${what}.`);
  }
  return container;
}
