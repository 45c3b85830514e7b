import { encodeHex } from "@std/encoding";
import { retimeFragment } from "../../media/mp4_retime.ts";
import { readTracks, type Track } from "../../media/mp4_tracks.ts";
import type { Platform } from "../../platform/platform.ts";
import type { Rendition } from "../../protocol/channel.ts";
import { digest } from "../../protocol/digest_list.ts";
import type { ChannelMedia } from "../channel_media.ts";
import { trackAttributes } from "../init_keeper.ts";
import { createNumberingMemory, withUnwritten } from "../numbering_memory.ts";

const RENDITION = 0;
const LEAST_TARGET_MS = 2_000;

/** A segment of an item, with its place on the wall clock. Times are ms since 1970. */
export interface AiredSegment {
  readonly startMs: number;
  readonly endMs: number;
  /** When the item's file began: its decode times count from there. */
  readonly fileStartMs: number;
  readonly init: Uint8Array<ArrayBuffer>;
  readonly fragment: Uint8Array<ArrayBuffer>;
  readonly title: string;
}

/**
 * Takes the segments of one item after the other into the channel. All stand on one timeline, the
 * wall clock's, so that it goes on over the borders of items. Where there is a hole in it, or what
 * follows needs another init segment, the discontinuity is declared.
 */
export interface ProgrammeLane {
  take(segment: AiredSegment): Promise<void>;
  /** End of the newest segment; 0 before the first. */
  endMs(): number;
}

export async function openProgrammeLane({ name, title, platform, media }: {
  name: string;
  title: string;
  platform: Platform;
  media: ChannelMedia;
}): Promise<ProgrammeLane> {
  const memory = createNumberingMemory({ platform, channel: name, rendition: RENDITION });
  const stored = await memory.load();
  let state = stored.newest < 0 ? stored : withUnwritten(stored);
  let targetDurationMs = LEAST_TARGET_MS;
  let endMs = 0;
  let inits: Rendition["inits"] = [];
  let init: Uint8Array | undefined;
  let tracks: readonly Track[] = [];
  let attributes = "";
  let playing: string | undefined;

  /** Answers whether the timeline breaks: other media follow than were there before. */
  async function takeInit(bytes: Uint8Array<ArrayBuffer>): Promise<boolean> {
    if (bytes === init) return false;
    init = bytes;
    const initDigest: string = encodeHex(await digest(bytes));
    const same = initDigest === state.initDigest;
    if (same && inits.length > 0) return false;
    const replaces = state.initDigest !== undefined && !same;
    state = { ...state, initDigest, epoch: replaces ? state.epoch + 1 : state.epoch };
    tracks = readTracks(bytes);
    attributes = trackAttributes(bytes);
    const path = `r${RENDITION}/init-${state.epoch}.mp4`;
    media.keepInit(path, bytes);
    inits = [...needed(), { epoch: state.epoch, uri: path }];
    return replaces;
  }

  /** Those that the window still has segments of. */
  function needed(): Rendition["inits"] {
    const oldest = media.window.newest(RENDITION, Infinity)[0]?.entry.unit.epoch ?? state.epoch;
    const first = inits.findLastIndex(({ epoch }) => epoch <= oldest);
    return inits.slice(Math.max(0, first));
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
        container: "fmp4",
        attributes,
        inits,
        ...(lastDiscontinuity ? { lastDiscontinuity } : {}),
      }],
    });
  }

  return {
    endMs: () => endMs,
    async take({ startMs, endMs: nextEndMs, fileStartMs, init, fragment, title }) {
      const replaced = await takeInit(init);
      const sequence = state.newest + 1;
      const discontinuity = sequence > 0 && (replaced || startMs !== endMs);
      const before = state.lastDiscontinuity ? state.lastDiscontinuity.before + 1 : 0;
      state = {
        ...state,
        newest: sequence,
        ...(discontinuity ? { lastDiscontinuity: { sequence, before } } : {}),
      };
      await memory.save(state);
      const durationMs = nextEndMs - startMs;
      describe(durationMs);
      if (title !== playing) media.titles.set(sequence, title);
      playing = title;
      endMs = nextEndMs;
      await media.publish({
        unit: { epoch: state.epoch, rendition: RENDITION, sequence },
        container: "fmp4",
        bytes: retimeFragment(fragment, {
          // Rises, and is the same on every edge.
          sequence: Math.floor(startMs / 1000),
          decodeTime(trackId, was) {
            const timescale = tracks.find(({ id }) => id === trackId)?.timescale ?? 0;
            return was + Math.round(fileStartMs * timescale / 1000);
          },
        }),
        startMs,
        durationMs,
        discontinuity,
      });
    },
  };
}
