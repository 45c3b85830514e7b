/** A viewer without a browser: takes part as a page does, and plays on a virtual element. */
import type { LedgerEntry } from "../../edge/protocol/ledger_entry.ts";
import { isDigestListOf, isPieceOf } from "../../edge/protocol/digest_list.ts";
import { pieceCount, pieceSpan } from "../../edge/protocol/pieces.ts";
import type { EngineTotals } from "../swarm/engine.ts";
import type { ChannelAddress } from "./channel_address.ts";
import { openHeadlessSession } from "./headless_session.ts";
import { createVirtualElement, type Playback } from "./virtual_element.ts";

/** An element asks again this long after an answer that failed, ms. */
const RETRY_MS = 500;

type Bytes = Uint8Array<ArrayBuffer>;

/** All figures are since the join. */
export interface ViewerTotals extends Omit<EngineTotals, "renditions"> {
  readonly playback: Playback;
  /** Bytes given to the element that are not what the ledger names, by a check after the engine's own. */
  readonly badBytes: number;
  /** Those that could not be checked, for want of a digest list. */
  readonly uncheckedBytes: number;
}

export interface HeadlessViewer {
  totals(): ViewerTotals;
  close(): void;
}

export interface HeadlessViewerOptions {
  /** bytes/s */
  readonly uploadCap: number;
  readonly Connection: typeof RTCPeerConnection;
  /** The digest list of a unit as the edge has it: not by way of the swarm, which is what is checked. */
  readonly digests: (entry: LedgerEntry) => Promise<Uint8Array | undefined>;
}

/** Watches the first main rendition of a channel; checks every byte that its element gets once more. */
export function openHeadlessViewer(
  address: ChannelAddress,
  { uploadCap, Connection, digests }: HeadlessViewerOptions,
): HeadlessViewer {
  const now = () => performance.now();
  const element = createVirtualElement(now());
  const network = new AbortController();
  let asked: { readonly demand: number; readonly entry: LedgerEntry; body: Bytes[] } | undefined;
  let lastDemand = 0;
  let pastBytes = 0;
  const doubted = { badBytes: 0, uncheckedBytes: 0 };

  const session = openHeadlessSession(address, {
    conduct: { prefetch: "played", inject: true, upload: true, uploadCap },
    Connection,
    pastBytes: () => pastBytes,
    onEntry(entry) {
      if (entry.unit.rendition !== mainRendition()) return;
      element.list(entry, now());
      // The engine hears of the entry after us.
      queueMicrotask(ask);
    },
    deliver(demand, payload, last) {
      if (asked?.demand !== demand) return;
      asked.body.push(payload);
      element.piece(now());
      if (last) complete(asked.entry, asked.body);
    },
    decline(demand) {
      if (asked?.demand === demand) fetchWhole(asked.entry);
    },
    beat: ask,
  });

  function mainRendition(): number | undefined {
    return session.view().description?.renditions.find(({ kind }) => kind === "main")?.id;
  }

  function ask(): void {
    if (session.view().backlog > 0) return;
    const next = element.next(now());
    if (!next) return;
    asked = { demand: ++lastDemand, entry: next.entry, body: [] };
    session.demand(asked.demand, next.entry, next.deadlineMs);
  }

  /** As the worker does with what the page cannot answer. */
  async function fetchWhole(entry: LedgerEntry): Promise<void> {
    try {
      const response = await fetch(address.base + entry.uri, { signal: network.signal });
      const body = new Uint8Array(await response.arrayBuffer());
      if (response.ok) {
        pastBytes += body.length;
        session.hold(entry, body);
        return complete(entry, [body]);
      }
      asked = undefined;
      if (response.status !== 404 && response.status !== 410) return retryLater();
      element.gone(now());
      ask();
    } catch {
      if (network.signal.aborted) return;
      asked = undefined;
      retryLater();
    }
  }

  function retryLater(): void {
    setTimeout(() => {
      if (network.signal.aborted) return;
      element.failed(now());
      ask();
    }, RETRY_MS);
  }

  function complete(entry: LedgerEntry, body: readonly Bytes[]): void {
    asked = undefined;
    element.complete(now());
    check(entry, body);
    ask();
  }

  async function check(entry: LedgerEntry, body: readonly Bytes[]): Promise<void> {
    const list = await digests(entry);
    if (!list || !await isDigestListOf(list, entry.root)) {
      doubted.uncheckedBytes += entry.length;
      return;
    }
    const whole = new Uint8Array(await new Blob([...body]).arrayBuffer());
    for (let index = 0; index < pieceCount(entry); index++) {
      const { from, to } = pieceSpan(entry, index);
      if (!await isPieceOf(whole.subarray(from, to), list, index)) doubted.badBytes += to - from;
    }
  }

  return {
    totals() {
      const { received, ...totals } = session.totals();
      return {
        ...totals,
        received: { peers: received.peers, edge: received.edge + pastBytes },
        ...doubted,
        playback: element.playback(now()),
      };
    },
    close() {
      network.abort();
      session.close();
    },
  };
}
