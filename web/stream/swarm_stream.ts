/** The endless stream of a channel, `/stream/CHANNEL`, read out of the swarm: for a relay's players, and for elements. */
import { initUriOf } from "../../edge/media/playlist_write.ts";
import type { Bytes } from "../../edge/media/stream/bytes.ts";
import type { ChangeSignal } from "../../edge/media/stream/change_signal.ts";
import { answerStream, type StreamServed } from "../../edge/media/stream/stream_answer.ts";
import type { StreamLine } from "../../edge/media/stream/stream_line.ts";
import type { ChannelDescription } from "../../edge/protocol/channel.ts";
import type { LedgerEntry } from "../../edge/protocol/ledger_entry.ts";
import type { SwarmSession } from "../net/swarm_session.ts";
import type { Ledger } from "../player/ledger.ts";
import { createInitStore } from "./init_store.ts";
import { createLedgerLine } from "./ledger_line.ts";
import { createSongWatch } from "./song_watch.ts";
import { createUnitReader, type UnitReader } from "./unit_reader.ts";

export interface SwarmStreamOptions {
  readonly name: string;
  /** Absolute URL of what the edge tells of the channel. */
  readonly stats: string;
  /** Absolute URL of the channel's media, ending in a slash. */
  readonly base: string;
  readonly ledger: Ledger;
  readonly session: () => Pick<SwarmSession, "view" | "demand" | "abandon" | "hold">;
  /** Whether it is likely that the unit can be had. */
  readonly isPlayable: (entry: LedgerEntry) => boolean;
  /** Raised when ledger, description or state may have changed, and here when an init has come. */
  readonly changes: ChangeSignal;
  readonly closed: () => boolean;
  /** Called with the bytes of what came from the edge past the engine. */
  readonly past: (bytes: number) => void;
  /** How often the edge may be asked what plays, ms. */
  readonly titleEveryMs: number;
  /** What the one listener has in its buffer, ms, where that is known. */
  readonly bufferMs?: () => number;
  /** Called with the rendition and the number of the unit whose media goes out. */
  readonly reading?: (rendition: number, sequence: number) => void;
  /** ms */
  readonly now: () => number;
}

export interface SwarmStream {
  readonly units: UnitReader;
  /** By path below the base. */
  init(uri: string): Bytes | undefined;
  /** To be called when there is a new entry, and every second. */
  wantInits(): void;
  /** What there is to begin with; `undefined` while there is nothing. */
  ready(): ChannelDescription | undefined;
  /** Asks the edge what plays, if it was not asked just now. */
  refreshTitle(): Promise<void>;
  /** What plays in the unit with this number, as far as it is known. */
  titleAt(sequence: number): string;
  /** GET and HEAD of `/stream/CHANNEL`. Throws a `CodedError`. */
  answer(request: Request): Promise<Response>;
}

export function createSwarmStream(options: SwarmStreamOptions): SwarmStream {
  const { name, stats, base, ledger, session, isPlayable, changes, now } = options;
  const inits = createInitStore(base, changes.raise);
  const units = createUnitReader({ base, session, past: options.past });
  const ended = () => options.closed() || session().view().state === "off-air";
  const main = () => renditions().find(({ kind }) => kind === "main");
  const songs = createSongWatch({
    stats,
    everyMs: options.titleEveryMs,
    next: () => (ledger.rendition(main()?.id ?? 0).at(-1)?.unit.sequence ?? -1) + 1,
    now,
  });
  const renditions = () => session().view().description?.renditions ?? [];
  /** Of the main renditions, by their ids. */
  const lines = new Map<number, StreamLine>();

  function lineOf(id: number): StreamLine {
    const line = lines.get(id) ?? openLine(id);
    lines.set(id, line);
    return line;
  }

  function openLine(id: number): StreamLine {
    const line = createLedgerLine({
      id,
      ledger,
      units,
      rendition: (id) => renditions().find((one) => one.id === id),
      init: inits.get,
      isPlayable,
      changes,
      ended,
      ...(options.bufferMs ? { bufferMs: options.bufferMs } : {}),
      now,
    });
    return {
      ...line,
      async *read(place, signal) {
        for await (const part of line.read(place, signal)) {
          options.reading?.(id, part.sequence);
          yield part;
        }
      },
    };
  }

  const served: StreamServed = {
    get title() {
      return session().view().description?.title ?? name;
    },
    line: lineOf,
    units: ledger.rendition,
    description: () => session().view().description,
    station: () => ({}),
    titleAt: songs.titleAt,
    ended,
    problem: () => undefined,
    count() {},
  };

  return {
    units,
    init: inits.get,
    wantInits() {
      inits.keep(new Set(renditions().flatMap(({ inits }) => inits.map(({ uri }) => uri))));
      for (const rendition of renditions()) {
        const epochs = new Set(ledger.rendition(rendition.id).map(({ unit }) => unit.epoch));
        for (const epoch of epochs) {
          const uri = initUriOf(rendition, epoch);
          if (uri !== undefined) inits.want(uri);
        }
      }
    },
    ready() {
      const { description, backlog } = session().view();
      const needed = renditions();
      const isReady = backlog === 0 && needed.length > 0 && needed.every((rendition) => {
        const newest = ledger.rendition(rendition.id).at(-1);
        const init = newest && initUriOf(rendition, newest.unit.epoch);
        return newest !== undefined && (init === undefined || inits.get(init) !== undefined);
      });
      return isReady ? description : undefined;
    },
    refreshTitle: songs.refresh,
    titleAt: songs.titleAt,
    answer: (request) => answerStream(request, served),
  };
}
