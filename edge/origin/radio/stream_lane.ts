import { encodeHex } from "@std/encoding";
import type { Cut } from "../../media/cutting/cutter.ts";
import { readOggTitle } from "../../media/cutting/ogg_comments.ts";
import type { StreamFormat } from "../../media/cutting/stream_format.ts";
import { withTimestamp } from "../../media/id3_timestamp.ts";
import type { Platform } from "../../platform/platform.ts";
import type { Rendition } from "../../protocol/channel.ts";
import { digest } from "../../protocol/digest_list.ts";
import type { ChannelMedia } from "../channel_media.ts";
import { trackAttributes } from "../init_keeper.ts";
import { createNumberingMemory, type Remembered, withUnwritten } from "../numbering_memory.ts";

/** The only rendition of a continuous stream. */
const RENDITION = 0;
/** Init segments of earlier epochs that the window may still need: songs in Ogg have one each. */
const KEPT_INITS = 32;
const LEAST_TARGET_MS = 1_000;

/** Takes the cuts of one stream into the channel, and numbers them. */
export interface StreamLane {
  /** Resolves when the cut is announced. */
  take(cut: Cut): Promise<void>;
  /** Tells of what there is of the segment that comes next, to those who listen without segments. */
  grow(bytes: Uint8Array): void;
  /** The number of the segment that comes next. */
  next(): number;
}

export interface StreamLaneOptions {
  readonly name: string;
  readonly title: string;
  readonly format: StreamFormat;
  readonly platform: Platform;
  readonly media: ChannelMedia;
}

/** Opens a lane whose units follow on those that the channel had. */
export async function openStreamLane(
  { name, title, format, platform, media }: StreamLaneOptions,
): Promise<StreamLane> {
  const memory = createNumberingMemory({ platform, channel: name, rendition: RENDITION });
  let state = following(await memory.load(), newestIn(media));
  let targetDurationMs = LEAST_TARGET_MS;
  let attributes = "";
  /** How far the stream has come since its beginning, and where that is on the wall clock, ms. */
  let positionMs = 0;
  let endMs = endIn(media);
  /** Whether the next unit breaks the timeline. */
  let breaks = state.newest >= 0;
  let epochUsed = false;
  let init: Uint8Array<ArrayBuffer> | undefined;
  /** Bytes of the next segment that are told of. */
  let grown = 0;

  const before = media.description()?.renditions ?? [];
  const same = before.length === 1 && before[0]!.container === format;
  let inits: Rendition["inits"] = same ? before[0]!.inits : [];
  if (!same) media.window.clear();

  /** Songs in Ogg bring new headers each. */
  async function takeInit(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const initDigest: string = encodeHex(await digest(bytes));
    if (epochUsed) {
      state = { ...state, epoch: state.epoch + 1 };
      breaks = true;
      epochUsed = false;
    }
    state = { ...state, initDigest };
    init = bytes;
    if (format === "fmp4") attributes = trackAttributes(bytes);
    const path = `r${RENDITION}/init-${state.epoch}.${format === "fmp4" ? "mp4" : format}`;
    media.keepInit(path, bytes);
    inits = [...inits.slice(1 - KEPT_INITS), { epoch: state.epoch, uri: path }];
    const song = format === "ogg" ? readOggTitle(bytes) : undefined;
    if (song !== undefined) media.titles.set(state.newest + 1, song);
  }

  async function takeSegment(bytes: Uint8Array<ArrayBuffer>, durationMs: number): Promise<void> {
    const sequence = state.newest + 1;
    const discontinuity = breaks;
    const before = state.lastDiscontinuity ? state.lastDiscontinuity.before + 1 : 0;
    state = {
      ...state,
      newest: sequence,
      ...(discontinuity ? { lastDiscontinuity: { sequence, before } } : {}),
    };
    await memory.save(state);
    describe(durationMs);
    const startMs = positionMs === 0 ? Math.max(endMs, platform.now() - durationMs) : endMs;
    const packed = format === "mp3" || format === "aac";
    const begin = positionMs;
    positionMs += durationMs;
    endMs = startMs + durationMs;
    breaks = false;
    epochUsed = true;
    grown = 0;
    await media.publish({
      unit: { epoch: state.epoch, rendition: RENDITION, sequence },
      container: format,
      bytes: packed ? withTimestamp(bytes, begin) : bytes,
      startMs,
      durationMs,
      discontinuity,
    });
  }

  function describe(durationMs: number): void {
    // A playlist counts in whole seconds, and rounds (RFC 8216bis §4.4.3.1).
    targetDurationMs = Math.max(targetDurationMs, Math.round(durationMs / 1000) * 1000);
    const { lastDiscontinuity } = state;
    media.describe({
      name,
      title,
      base: `/live/${name}/`,
      targetDurationMs,
      master: false,
      renditions: [{
        id: RENDITION,
        kind: "main",
        playlist: "index.m3u8",
        container: format,
        attributes,
        inits,
        ...(lastDiscontinuity ? { lastDiscontinuity } : {}),
      }],
    });
  }

  return {
    take: (cut) =>
      cut.type === "init" ? takeInit(cut.bytes) : takeSegment(cut.bytes, cut.durationMs),
    grow(bytes) {
      if (bytes.length <= grown) return;
      const of = { sequence: state.newest + 1, epoch: state.epoch, container: format };
      const unit = { ...of, ...(init ? { init } : {}) };
      media.grow(RENDITION, unit, Uint8Array.from(bytes.subarray(grown)));
      grown = bytes.length;
    },
    next: () => state.newest + 1,
  };
}

/** A new epoch after what was stored, or after what is in the window, which is newer. */
function following(stored: Remembered, newest: number | undefined): Remembered {
  if (newest === undefined && stored.newest < 0) return stored;
  const base = newest === undefined
    ? withUnwritten(stored)
    : { ...stored, newest: Math.max(stored.newest, newest) };
  return { ...base, epoch: stored.epoch + 1, offset: 0 };
}

function newestIn({ window }: ChannelMedia): number | undefined {
  return window.newest(RENDITION, 1)[0]?.entry.unit.sequence;
}

/** Nothing of a stream may begin before this, ms since 1970. */
function endIn({ window }: ChannelMedia): number {
  const newest = window.newest(RENDITION, 1)[0]?.entry;
  return newest ? newest.startMs + newest.durationMs : 0;
}
