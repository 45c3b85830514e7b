import { withoutTimestamp } from "../../media/id3_timestamp.ts";
import { Mp4Error } from "../../media/mp4_boxes.ts";
import { readTracks } from "../../media/mp4_tracks.ts";
import { initUriOf } from "../../media/playlist_write.ts";
import { soundOf } from "../../media/sound_of.ts";
import type { Bytes } from "../../media/stream/bytes.ts";
import { createChangeSignal } from "../../media/stream/change_signal.ts";
import type { LineUnit } from "../../media/stream/stream_line.ts";
import { createTrackWriter, mergeInits, PICTURES, SOUND } from "../../media/stream/two_tracks.ts";
import type { Platform } from "../../platform/platform.ts";
import type { ChannelDescription, Rendition } from "../../protocol/channel.ts";
import type { LedgerEntry } from "../../protocol/ledger_entry.ts";
import type { LiveWindow } from "../live_window.ts";
import { readMediaTimes } from "../media_times.ts";
import { pause } from "../pause.ts";
import type { SourceSegment } from "../publisher.ts";
import type { ByteLine } from "./byte_line.ts";
import { createSoundBook, type Span } from "./sound_book.ts";

/** Pictures are announced so much later, ms, if their sound comes within it: most sources send the two together. */
const SOUND_WAIT_MS = 500;

/** What a main rendition announces, put on its endless line: pictures with the sound that goes with them. */
export interface ChannelLine {
  /** A segment of a rendition of sound has been announced. */
  heard(entry: LedgerEntry): void;
  /** Resolves to the place of a segment of its own; `undefined` for one that has none. */
  place(segment: SourceSegment): Promise<Placed | undefined>;
}

export interface Placed {
  /** What the ledger says of it. */
  readonly says: Pick<LedgerEntry, "stream" | "sound">;
  /** The segment has been announced. */
  announced(entry: LedgerEntry): void;
}

export function createChannelLine({ id, line, life, window, init, description, platform }: {
  /** Of the rendition. */
  id: number;
  line: ByteLine;
  life: number;
  window: Pick<LiveWindow, "byUri">;
  /** By path below the base. */
  init: (path: string) => Bytes | undefined;
  description: () => ChannelDescription | undefined;
  platform: Platform;
}): ChannelLine {
  const book = createSoundBook();
  const noted = createChangeSignal();
  /** Whether sound came in time when it was waited for last, and what is waited for now. */
  let punctual = true;
  let wanted: { readonly span: Span; readonly sinceMs: number } | undefined;

  const ownRendition = () => description()?.renditions.find((one) => one.id === id);

  function initOf(rendition: Rendition | undefined, epoch: number): Bytes | undefined {
    return rendition && init(initUriOf(rendition, epoch) ?? "");
  }

  /** Waits until there is sound that goes with it, unless it has let us wait in vain before. */
  async function untilHeard(span: Span): Promise<void> {
    if (book.reaches(span)) return;
    wanted = { span, sinceMs: platform.now() };
    if (!punctual) return;
    const waiting = new AbortController();
    const late = pause(platform, SOUND_WAIT_MS, waiting.signal).then(() => waiting.abort());
    while (!waiting.signal.aborted && !book.reaches(span)) {
      await Promise.race([noted.next(), late]);
    }
    punctual = book.reaches(span);
    waiting.abort();
  }

  async function withSound(
    { unit: { epoch, sequence }, bytes, durationMs }: SourceSegment,
    pictures: Bytes,
    sound: Rendition,
  ): Promise<Placed | undefined> {
    const span = spanOf(bytes, pictures);
    if (!span) return undefined;
    await untilHeard(span);
    const taken = book.take(span);
    const soundInit = taken && initOf(sound, taken.run.epoch);
    if (!soundInit) return undefined;
    const { run, units } = taken;
    const own: LineUnit = {
      epoch,
      sequence,
      soundEpoch: run.epoch,
      container: "fmp4",
      init: mergeInits(pictures, soundInit),
    };
    const at = line.mediaAt(own);
    const parts: Bytes[] = [];
    let end = at;
    const write = (media: Bytes, track: number) => {
      parts.push(...createTrackWriter(track, end)(media));
      end += media.length;
    };
    for (const { uri } of units) {
      const media = window.byUri(uri)?.bytes;
      if (!media) return undefined;
      write(media, SOUND);
    }
    write(bytes, PICTURES);
    return {
      says: { stream: { life, at }, sound: run },
      announced({ uri }) {
        const uris = [uri, ...units.map((one) => one.uri)];
        const read = () => uris.every((one) => window.byUri(one)) ? parts : undefined;
        line.seal(own, { durationMs, read });
      },
    };
  }

  return {
    heard({ uri, unit }) {
      const main = ownRendition();
      const sound = main && soundOf(description()!.renditions, main);
      const own = unit.rendition === sound?.id && initOf(sound, unit.epoch);
      const span = own && spanOf(window.byUri(uri)!.bytes, own);
      if (!span) return;
      book.note({ ...unit, ...span, uri });
      if (wanted && book.reaches(wanted.span)) {
        punctual = platform.now() - wanted.sinceMs <= SOUND_WAIT_MS;
        wanted = undefined;
      }
      noted.raise();
    },
    async place(segment) {
      const { container, durationMs, unit: { sequence, epoch } } = segment;
      const main = ownRendition()!;
      const sound = soundOf(description()!.renditions, main);
      const own = initOf(main, epoch);
      if (sound && !(own && hasSound(own))) {
        if (container !== "fmp4" || !own) return undefined;
        try {
          return await withSound(segment, own, sound);
        } catch (error) {
          if (error instanceof Mp4Error) return undefined;
          throw error;
        }
      }
      const alone: LineUnit = { sequence, epoch, container, ...(own ? { init: own } : {}) };
      return {
        says: { stream: { life, at: line.mediaAt(alone) } },
        announced({ uri }) {
          const read = () => {
            const bytes = window.byUri(uri)?.bytes;
            return bytes && [withoutTimestamp(bytes)];
          };
          line.seal(alone, { durationMs, read });
        },
      };
    },
  };
}

function hasSound(init: Bytes): boolean {
  try {
    return readTracks(init).some(({ kind }) => kind === "audio");
  } catch (error) {
    if (error instanceof Mp4Error) return false;
    throw error;
  }
}

/** Of a segment of one track. */
function spanOf(segment: Bytes, init: Bytes): Span | undefined {
  try {
    const tracks = readTracks(init);
    const [track] = tracks;
    const times = track && readMediaTimes(segment, track, tracks);
    if (!times) return undefined;
    const startS = times.time / track.timescale;
    return { startS, endS: startS + times.duration / track.timescale };
  } catch (error) {
    if (error instanceof Mp4Error) return undefined;
    throw error;
  }
}
