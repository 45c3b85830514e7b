import { concat } from "@std/bytes/concat";
import type { Container } from "../../edge/media/container.ts";
import { TIMESTAMP_TAG_BYTES, withoutTimestamp } from "../../edge/media/id3_timestamp.ts";
import { initUriOf } from "../../edge/media/playlist_write.ts";
import type { Bytes } from "../../edge/media/stream/bytes.ts";
import type { ChangeSignal } from "../../edge/media/stream/change_signal.ts";
import {
  goesOn,
  initBetween,
  isOneTimeline,
  type LineUnit,
  type StreamLine,
} from "../../edge/media/stream/stream_line.ts";
import {
  createInitMerger,
  createTrackWriter,
  PICTURES,
  SOUND,
} from "../../edge/media/stream/two_tracks.ts";
import type { Rendition } from "../../edge/protocol/channel.ts";
import type { LedgerEntry, StreamPlace } from "../../edge/protocol/ledger_entry.ts";
import { holdMs } from "../player/hold.ts";
import type { Ledger } from "../player/ledger.ts";
import { settled, settledWithin } from "./settled.ts";
import type { UnitReader } from "./unit_reader.ts";

/** Nobody begins further back than this, ms: what the back buffers hold. */
const OLDEST_START_MS = 60_000;
/** How long a listener waits that has heard more elsewhere than is known here, ms: for the next segment, and a little. */
const AHEAD_MS = 3_000;
/**
 * Where it is not known what a listener has in its buffer, partners have at least this long for a unit that
 * follows on another, ms, the edge's own time (`edge_fallback.ts`) counted in. They bring what has just been
 * published within that: without it, who listens as near to live as can be would have all of it from the
 * edge, and the relay have it twice.
 */
const PUSH_MS = 450;

export interface LedgerLineOptions {
  readonly ledger: Ledger;
  readonly units: Pick<UnitReader, "read">;
  /** The id of the rendition that is on the line. */
  readonly id: number;
  /** Any rendition that is described, by its id. */
  readonly rendition: (id: number) => Rendition | undefined;
  readonly init: (uri: string) => Bytes | undefined;
  /** Whether it is likely that the unit can be had. */
  readonly isPlayable: (entry: LedgerEntry) => boolean;
  /** Raised when ledger, description, state or inits have changed. */
  readonly changes: ChangeSignal;
  readonly ended: () => boolean;
  /** What a listener has in its buffer, ms, where that is known: else what came has played since it came. */
  readonly bufferMs?: () => number;
  /** ms */
  readonly now: () => number;
}

/** A unit on the line, and the track that its media becomes there, if it is another. */
interface Media {
  readonly entry: LedgerEntry;
  readonly track?: number;
}

type Streamed = LedgerEntry & { readonly stream: StreamPlace };

/** The endless stream as the ledger numbers it; its media is read out of the swarm as it is listened to. */
export function createLedgerLine(options: LedgerLineOptions): StreamLine {
  const { ledger, units, changes, now } = options;
  const merged = createInitMerger();

  /** The units that can stand in a stream just now, in order: those whose init is here. */
  function entries(): Streamed[] {
    return ledger.rendition(options.id).filter((entry): entry is Streamed =>
      entry.stream !== undefined && unitOf(entry) !== undefined &&
      mediaOf(entry as Streamed) !== undefined
    );
  }

  const isPlayable = (entry: Streamed) =>
    mediaOf(entry)!.every((media) => options.isPlayable(media.entry));

  /** `undefined` while its init is not here, or what it needs is not what it should be. */
  function unitOf({ uri, unit: { sequence, epoch }, sound }: LedgerEntry): LineUnit | undefined {
    const rendition = options.rendition(options.id);
    if (!rendition) return undefined;
    const initUri = initUriOf(rendition, epoch);
    const unit = { sequence, epoch, container: containerOf(uri) };
    if (initUri === undefined) return unit;
    const own = options.init(initUri);
    if (!sound) return own && { ...unit, init: own };
    const soundOwn = options.rendition(sound.rendition);
    const soundInit = soundOwn && options.init(initUriOf(soundOwn, sound.epoch) ?? "");
    const init = own && soundInit && merged(own, soundInit);
    return init && { ...unit, soundEpoch: sound.epoch, init };
  }

  /** What stands on the line from its place on, in order; `undefined` where not all of it is known. */
  function mediaOf(entry: Streamed): Media[] | undefined {
    const { sound } = entry;
    if (!sound) return [{ entry }];
    const from = sound.sequence;
    const before = ledger.rendition(sound.rendition).filter(({ unit: { epoch, sequence } }) =>
      epoch === sound.epoch && from <= sequence && sequence < from + sound.count
    );
    if (before.length < sound.count) return undefined;
    return [...before.map((entry) => ({ entry, track: SOUND })), { entry, track: PICTURES }];
  }

  /** The unit that the place is in, its init or, of the newest one, after it. */
  function find({ life, at }: StreamPlace): Streamed | undefined {
    const own = entries().filter(({ stream }) => stream.life === life);
    return own.findLast((entry, index) => {
      const before = own[index - 1];
      return entry.stream.at - (before ? initBytes(before, entry) : 0) <= at;
    });
  }

  function initBytes(before: LedgerEntry, entry: LedgerEntry): number {
    return initBetween(unitOf(before)!, unitOf(entry)!)?.length ?? 0;
  }

  /** What comes after it in the ledger; `undefined` when nothing will. */
  async function after({ unit }: Streamed, signal: AbortSignal): Promise<Streamed | undefined> {
    while (!signal.aborted) {
      const next = entries().find((entry) => entry.unit.sequence > unit.sequence);
      if (next || options.ended()) return next;
      await settled(changes.next(), signal);
    }
    return undefined;
  }

  /** The media of one unit as it stands on the line, at this byte. */
  async function* read(
    { entry, track }: Media,
    at: number,
    deadlineMs: number,
    signal: AbortSignal,
  ): AsyncGenerator<Bytes, void> {
    const parts = withoutTag(units.read(entry, deadlineMs, signal));
    if (track === undefined) return yield* parts;
    const write = createTrackWriter(track, at);
    for await (const part of parts) yield* write(part);
  }

  return {
    startBefore(ms) {
      const known = entries();
      const newest = known.findLast(isPlayable);
      let found: Streamed | undefined;
      let total = 0;
      for (const entry of known.slice(0, known.indexOf(newest!) + 1).toReversed()) {
        const { startMs, stream } = entry;
        const isOfNewest = isOneTimeline(unitOf(entry)!, unitOf(newest!)!);
        if (!isOfNewest || stream.life !== newest!.stream.life) break;
        if (startMs < newest!.startMs - OLDEST_START_MS || !isPlayable(entry)) break;
        found = entry;
        // The newest is most often on its way.
        if (entry !== newest) total += entry.durationMs;
        if (total >= ms) break;
      }
      if (!found) return undefined;
      const { init, container } = unitOf(found)!;
      return { place: found.stream, container, ...(init ? { init } : {}) };
    },

    async reaches(place) {
      for (const startedMs = now();;) {
        const entry = find(place);
        if (!entry) return false;
        const length = mediaOf(entry)!.reduce((sum, media) => sum + media.entry.length, 0);
        if (place.at <= entry.stream.at + length) return isPlayable(entry);
        const leftMs = startedMs + AHEAD_MS - now();
        if (leftMs <= 0 || entry !== entries().at(-1)) return false;
        await settledWithin(changes.next(), leftMs);
      }
    },

    async *read(place, signal) {
      let { life, at } = place;
      let startedMs: number | undefined;
      let sentMs = 0;
      for (let entry = find(place); entry;) {
        const unit = unitOf(entry)!;
        const { stream, durationMs, unit: { sequence } } = entry;
        if (at < stream.at) {
          yield { bytes: unit.init!.subarray(at - stream.at), sequence };
          at = stream.at;
        }
        const playedMs = startedMs === undefined ? 0 : now() - startedMs;
        const bufferMs = Math.max(sentMs - playedMs, options.bufferMs?.() ?? 0);
        const leastMs = startedMs === undefined || options.bufferMs ? 0 : PUSH_MS;
        const deadlineMs = now() + Math.max(leastMs, holdMs(bufferMs, durationMs, false));
        let end = stream.at;
        try {
          for (const media of mediaOf(entry) ?? []) {
            if (media.entry !== entry && at >= end + media.entry.length) {
              end += media.entry.length;
              continue;
            }
            for await (const part of read(media, end, deadlineMs, signal)) {
              const bytes = part.subarray(Math.max(0, at - end));
              end += part.length;
              if (bytes.length === 0) continue;
              startedMs ??= now();
              at += bytes.length;
              yield { bytes, sequence };
            }
          }
        } catch {
          // It cannot be had: a stream with a hole in it is none.
          return;
        }
        sentMs += durationMs;
        const next = await after(entry, signal);
        if (!next || signal.aborted || !goesOn(unit, unitOf(next)!)) return;
        const from = next.stream.at - initBytes(entry, next);
        if (next.stream.life !== life) ({ life, at } = { life: next.stream.life, at: from });
        else if (from !== end) return;
        entry = next;
      }
    },
  };
}

/** The media of a unit as it stands in a stream. */
async function* withoutTag(parts: AsyncIterable<Bytes>): AsyncGenerator<Bytes, void> {
  let head: Bytes | undefined = new Uint8Array();
  for await (const part of parts) {
    if (!head) {
      yield part;
      continue;
    }
    const longer: Bytes = concat([head, part]);
    head = longer.length < TIMESTAMP_TAG_BYTES ? longer : undefined;
    if (!head) yield withoutTimestamp(longer);
  }
  if (head) yield withoutTimestamp(head);
}

/** By the ending of its URI: what a description says holds for the newest units. */
export function containerOf(uri: string): Container {
  const ending = uri.slice(uri.lastIndexOf(".") + 1);
  return ending === "m4s" ? "fmp4" : ending as Container;
}
