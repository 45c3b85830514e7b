/** What a relay receives, for players on this machine: its session's media as HLS and as one endless stream. */
import { initUriOf } from "../../../edge/media/playlist_write.ts";
import { createChangeSignal } from "../../../edge/media/stream/change_signal.ts";
import { answerStream, type StreamServed } from "../../../edge/media/stream/stream_answer.ts";
import { notYet } from "../../../edge/media/stream/stream_error.ts";
import type { ChannelDescription, Rendition } from "../../../edge/protocol/channel.ts";
import type { SwarmSession } from "../../net/swarm_session.ts";
import { createLedger } from "../../player/ledger.ts";
import { createPlaylists } from "../../player/playlists.ts";
import type { ChannelAddress } from "../channel_address.ts";
import type { HeadlessOptions } from "../headless_session.ts";
import { createHlsAnswers } from "./hls_answers.ts";
import { createInitStore } from "./init_store.ts";
import { createLedgerLine } from "./ledger_line.ts";
import { settledWithin } from "./settled.ts";
import { createSongWatch } from "./song_watch.ts";
import { createUnitReader } from "./unit_reader.ts";

/** How long who comes too early is kept waiting, ms. */
const PATIENCE_MS = 8_000;

export interface LocalMedia {
  /** What came past the engine counts in its totals. */
  readonly session: SwarmSession;
  /** Resolves when there is something to play. Throws a `CodedError` when there is nothing for long. */
  ready(): Promise<ChannelDescription>;
  /** GET and HEAD of a path below `/live/CHANNEL/`. Throws a `CodedError`. */
  live(path: string, request: Request): Promise<Response>;
  /** GET and HEAD of `/stream/CHANNEL`. Throws a `CodedError`. */
  stream(request: Request): Promise<Response>;
  /** Ends all streams. The session goes on. */
  close(): void;
}

type Callbacks = Pick<
  HeadlessOptions,
  "deliver" | "decline" | "onEntry" | "onOnline" | "beat" | "pastBytes"
>;

/** Opens a session by `open`, and hears what it has to say. */
export function openLocalMedia(
  address: ChannelAddress,
  open: (callbacks: Required<Callbacks>) => SwarmSession,
): LocalMedia {
  const now = () => performance.now();
  const ledger = createLedger();
  const changes = createChangeSignal();
  const inits = createInitStore(address.base, changes.raise);
  const units = createUnitReader({ base: address.base, session: () => session });
  let newestMs = now();
  let closed = false;

  const session = open({
    deliver: units.deliver,
    decline: units.decline,
    pastBytes: units.pastBytes,
    onEntry(entry) {
      ledger.add(entry);
      newestMs = now();
      wantInits();
      changes.raise();
    },
    onOnline: changes.raise,
    /** Its description and its state may have changed; an init that did not come is asked for again. */
    beat() {
      wantInits();
      changes.raise();
    },
  });

  function wantInits(): void {
    const { description } = session.view();
    const named = description?.renditions.flatMap(({ inits }) => inits.map(({ uri }) => uri)) ?? [];
    inits.keep(new Set(named));
    for (const rendition of description?.renditions ?? []) {
      const epochs = new Set(ledger.rendition(rendition.id).map(({ unit }) => unit.epoch));
      for (const epoch of epochs) {
        const uri = initUriOf(rendition, epoch);
        if (uri !== undefined) inits.want(uri);
      }
    }
  }

  const isPlayable: Parameters<typeof createPlaylists>[0]["isPlayable"] = (entry) =>
    session.view().online || session.hasWithoutEdge(entry);
  const ended = () => closed || session.view().state === "off-air";
  const main = (): Rendition | undefined =>
    session.view().description?.renditions.find(({ kind }) => kind === "main");

  const hls = createHlsAnswers({
    ledger,
    playlists: createPlaylists({ base: `/live/${address.name}/`, ledger, isPlayable }),
    units,
    init: inits.get,
    newestMs: () => newestMs,
    now,
  });
  const songs = createSongWatch({
    stats: `${address.edge}api/channels/${address.name}/stats`,
    next: () => (ledger.rendition(main()?.id ?? 0).at(-1)?.unit.sequence ?? -1) + 1,
    now,
  });
  const served: StreamServed = {
    get title() {
      return session.view().description?.title ?? address.name;
    },
    line: createLedgerLine({
      ledger,
      units,
      rendition: main,
      init: inits.get,
      isPlayable,
      changes,
      ended,
      now,
    }),
    description: () => session.view().description,
    station: () => ({}),
    titleAt: songs.titleAt,
    ended,
    problem: () => undefined,
    count() {},
  };

  /** Whether there is something to begin with. */
  function isReady(): boolean {
    const { description, backlog } = session.view();
    const needed = description?.renditions.map(({ id }) => id) ?? [];
    return backlog === 0 && needed.length > 0 && needed.every((id) => {
      const newest = ledger.rendition(id).at(-1);
      const init = newest && initUriOf(renditionOf(description!, id), newest.unit.epoch);
      return newest !== undefined && (init === undefined || inits.get(init) !== undefined);
    });
  }

  async function awaitMedia(): Promise<ChannelDescription> {
    const giveUpMs = now() + PATIENCE_MS;
    while (!isReady() && !closed && now() < giveUpMs) {
      await settledWithin(changes.next(), giveUpMs - now());
    }
    const { description } = session.view();
    if (!description || !isReady()) throw notYet();
    return description;
  }

  return {
    session: {
      ...session,
      totals() {
        const { received, ...totals } = session.totals();
        return { ...totals, received: { ...received, edge: received.edge + units.pastBytes() } };
      },
    },
    ready: awaitMedia,
    live: async (path, request) => await hls(path, request, await awaitMedia()),
    async stream(request) {
      await awaitMedia();
      if (request.headers.has("Icy-MetaData")) await songs.refresh();
      return await answerStream(request, served);
    },
    close() {
      closed = true;
      changes.raise();
    },
  };
}

function renditionOf({ renditions }: ChannelDescription, id: number): Rendition {
  return renditions.find((one) => one.id === id)!;
}
