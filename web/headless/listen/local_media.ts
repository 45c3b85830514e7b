/** What a relay receives, for players on this machine: its session's media as HLS and as one endless stream. */
import { createChangeSignal } from "../../../edge/media/stream/change_signal.ts";
import { notYet } from "../../../edge/media/stream/stream_error.ts";
import type { ChannelDescription } from "../../../edge/protocol/channel.ts";
import type { LedgerEntry } from "../../../edge/protocol/ledger_entry.ts";
import type { SwarmSession } from "../../net/swarm_session.ts";
import { createLedger } from "../../player/ledger.ts";
import { createPlaylists } from "../../player/playlists.ts";
import { settledWithin } from "../../stream/settled.ts";
import { createSwarmStream } from "../../stream/swarm_stream.ts";
import type { ChannelAddress } from "../channel_address.ts";
import type { HeadlessOptions } from "../headless_session.ts";
import { createHlsAnswers } from "./hls_answers.ts";

/** How long who comes too early is kept waiting, ms. */
const PATIENCE_MS = 8_000;
/** How often the edge is asked what plays, ms. */
const TITLE_EVERY_MS = 5_000;

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
  let newestMs = now();
  let pastBytes = 0;
  let closed = false;

  const isPlayable = (entry: LedgerEntry) => session.view().online || session.hasWithoutEdge(entry);
  const stream = createSwarmStream({
    ...address,
    ledger,
    session: () => session,
    isPlayable,
    changes,
    closed: () => closed,
    titleEveryMs: TITLE_EVERY_MS,
    past: (bytes) => pastBytes += bytes,
    now,
  });
  const session = open({
    deliver: stream.units.deliver,
    decline: stream.units.decline,
    pastBytes: () => pastBytes,
    onEntry(entry) {
      ledger.add(entry);
      newestMs = now();
      stream.wantInits();
      changes.raise();
    },
    onOnline: changes.raise,
    /** Its description and its state may have changed; an init that did not come is asked for again. */
    beat() {
      stream.wantInits();
      changes.raise();
    },
  });
  const hls = createHlsAnswers({
    ledger,
    playlists: createPlaylists({ base: `/live/${address.name}/`, ledger, isPlayable }),
    units: stream.units,
    init: stream.init,
    newestMs: () => newestMs,
    now,
  });

  async function awaitMedia(): Promise<ChannelDescription> {
    const giveUpMs = now() + PATIENCE_MS;
    while (!stream.ready() && !closed && now() < giveUpMs) {
      await settledWithin(changes.next(), giveUpMs - now());
    }
    const description = stream.ready();
    if (!description) throw notYet();
    return description;
  }

  return {
    session: {
      ...session,
      totals() {
        const { received, ...totals } = session.totals();
        return { ...totals, received: { ...received, edge: received.edge + pastBytes } };
      },
    },
    ready: awaitMedia,
    live: async (path, request) => await hls(path, request, await awaitMedia()),
    async stream(request) {
      await awaitMedia();
      if (request.headers.has("Icy-MetaData")) await stream.refreshTitle();
      return await stream.answer(request);
    },
    close() {
      closed = true;
      changes.raise();
    },
  };
}
