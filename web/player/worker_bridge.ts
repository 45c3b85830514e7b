import { PLAYLIST_TYPE } from "../../edge/media/media_types.ts";
import type { LedgerEntry } from "../../edge/protocol/ledger_entry.ts";
import {
  BRIDGE_VERSION,
  type PageAnswer,
  type PageMessage,
  type WorkerMessage,
  type WorkerReply,
} from "../../sw/bridge.ts";
import type { TributaryStats } from "../api.ts";
import type { WrittenPlaylist } from "./playlists.ts";

/** Media types by the ending of a unit's URI. */
const MEDIA_TYPES: Readonly<Record<string, string>> = {
  m4s: "video/mp4",
  ts: "video/mp2t",
  aac: "audio/aac",
  mp3: "audio/mpeg",
};

/** How many requests of the element are remembered: of two minutes of segments of 2 s. */
const REMEMBERED = 64;

type Bytes = Uint8Array<ArrayBuffer>;

export interface BridgeOptions {
  /** Absolute URL of the channel's media, ending in a slash. */
  readonly base: string;
  readonly cacheBytes: number;
  /** Whether the browser plays HLS by itself. */
  readonly hls: boolean;
  playlist(path: string): WrittenPlaylist | undefined;
  /** How long a playlist without news is held back, ms. */
  playlistHoldMs(): number;
  entry(uri: string): LedgerEntry | undefined;
  /** Begins a demand; answers for how long the worker should wait for it, ms. */
  demand(id: number, entry: LedgerEntry): number;
  abandon(id: number): void;
  /** The worker answered without the page, with this many bytes of media. */
  served(uri: string, from: "edge" | "cache", bytes: number, body: Bytes | undefined): void;
}

/** The page's end of the contract with the worker. */
export interface WorkerBridge {
  /** To be called every `HELLO_INTERVAL_MS`. */
  hello(): void;
  /** The element has asked for this, of the page or past it. */
  asked(uri: string): void;
  /** To be called every second, where it is there. */
  beat?(): void;
  /** What it has to say that others do not know, where it is there. */
  facts?(): Partial<TributaryStats>;
  /** The ledger has news: playlists that wait for it are answered. */
  ledgerGrew(): void;
  /** The next piece of a demand, in order. */
  deliver(id: number, payload: Bytes, last: boolean): void;
  decline(id: number, reason: string): void;
  close(): void;
}

interface Open {
  readonly entry: LedgerEntry;
  readonly wants: "blob" | "stream";
  readonly answer: (message: PageAnswer) => void;
  readonly pieces: Bytes[];
  answered: boolean;
  blobUrl: string | undefined;
}

export function openWorkerBridge(
  container: ServiceWorkerContainer,
  options: BridgeOptions,
): WorkerBridge {
  const { base } = options;
  const open = new Map<number, Open>();
  /** What the element has asked for, so knows of; and playlists that wait for something newer. */
  const asked = new Set<string>();
  const held = new Set<(late: boolean) => void>();
  let lastDemand = 0;

  function tell(message: PageMessage): void {
    container.controller?.postMessage(message);
  }
  function hello(): void {
    const { cacheBytes, hls } = options;
    tell({ type: "tributary:hello", version: BRIDGE_VERSION, base, cacheBytes });
    tell({ type: "tributary:plays", hls });
  }

  function onMessage({ data }: MessageEvent<WorkerMessage>): void {
    if (data?.type === "tributary:served") {
      if (!data.url.startsWith(base)) return;
      const body = data.body && new Uint8Array(data.body);
      bridge.asked(pathOf(data.url));
      options.served(pathOf(data.url), data.from, data.bytes, body);
    } else if (
      data?.type === "tributary:request" && data.version === BRIDGE_VERSION &&
      data.url.startsWith(base)
    ) {
      onRequest(data);
    }
  }

  function onRequest({ url, wants, port }: Extract<WorkerMessage, { type: "tributary:request" }>) {
    const path = pathOf(url);
    const answer = (message: PageAnswer) => port.postMessage(message);
    if (path.endsWith(".m3u8")) return onPlaylist(path, wants, port, answer);
    bridge.asked(path);
    const entry = options.entry(path);
    if (!entry) return answer({ type: "network", reason: "not in the ledger" });
    const id = ++lastDemand;
    open.set(id, { entry, wants, answer, pieces: [], answered: false, blobUrl: undefined });
    port.onmessage = ({ data }: MessageEvent<WorkerReply>) => {
      if (data.type !== "done") return;
      const blobUrl = open.get(id)?.blobUrl;
      if (blobUrl) URL.revokeObjectURL(blobUrl);
      if (open.delete(id)) options.abandon(id);
      port.close();
    };
    const waitMs = options.demand(id, entry);
    if (open.get(id)?.answered === false) answer({ type: "working", ms: waitMs });
  }

  /**
   * Answers with news only: an element that asks again before it plays, and is told of no segment
   * that it does not have, fails for good (Chromium 156, DEMUXER_ERROR_COULD_NOT_PARSE).
   */
  function onPlaylist(
    path: string,
    wants: "blob" | "stream",
    port: MessagePort,
    answer: (message: PageAnswer) => void,
  ) {
    const folder = base + path.slice(0, path.lastIndexOf("/") + 1);
    function answered(late: boolean): boolean {
      const playlist = options.playlist(path);
      if (!playlist) {
        // An element that has media already asks again: it can wait for the ledger, and must not be
        // told what it knows.
        if (!late && asked.size > 0) return false;
        answer({ type: "network", reason: "no ledger yet" });
        return true;
      }
      const { text, newest } = playlist;
      if (!late && newest !== undefined && asked.has(newest)) return false;
      // Player libraries compare URIs as they are written, and the edge writes relative ones.
      const written = wants === "stream" ? text.replaceAll(folder, "") : text;
      const url = URL.createObjectURL(new Blob([written], { type: PLAYLIST_TYPE }));
      port.onmessage = () => {
        URL.revokeObjectURL(url);
        port.close();
      };
      answer({ type: "blob", url, contentType: PLAYLIST_TYPE, cache: false });
      return true;
    }
    if (answered(false)) return;
    const holdMs = options.playlistHoldMs();
    answer({ type: "working", ms: holdMs });
    const retry = (late: boolean) => {
      if (!held.has(retry) || !answered(late)) return;
      held.delete(retry);
      clearTimeout(timer);
    };
    const timer = setTimeout(retry, holdMs, true);
    held.add(retry);
  }

  container.addEventListener("message", onMessage);
  container.addEventListener("controllerchange", hello);
  // Messages queue until a page that sets no `onmessage` says that it is ready.
  container.startMessages();
  hello();

  const bridge: WorkerBridge = {
    hello,
    asked(uri) {
      asked.add(uri);
      if (asked.size > REMEMBERED) asked.delete(asked.values().next().value!);
    },
    ledgerGrew() {
      for (const retry of held) retry(false);
    },
    deliver(id, payload, last) {
      const demand = open.get(id);
      if (!demand) return;
      if (demand.wants === "stream") stream(demand, payload, last);
      else if (demand.pieces.push(payload) && last) finish(demand);
    },
    decline(id, reason) {
      open.get(id)?.answer({ type: "network", reason });
      open.delete(id);
    },
    close() {
      for (const retry of held) retry(true);
      container.removeEventListener("message", onMessage);
      container.removeEventListener("controllerchange", hello);
      tell({ type: "tributary:bye", base });
    },
  };
  return bridge;

  function stream(demand: Open, bytes: Bytes, last: boolean): void {
    const { length } = demand.entry;
    if (!demand.answered) {
      demand.answered = true;
      demand.answer({ type: "head", contentType: mediaType(demand.entry), length, cache: true });
    }
    demand.answer({ type: "chunk", bytes });
    if (last) demand.answer({ type: "end" });
  }

  function finish(demand: Open): void {
    demand.answered = true;
    const contentType = mediaType(demand.entry);
    demand.blobUrl = URL.createObjectURL(new Blob(demand.pieces, { type: contentType }));
    demand.answer({ type: "blob", url: demand.blobUrl, contentType, cache: true });
  }

  function pathOf(url: string): string {
    return url.slice(base.length).split(/[?#]/, 1)[0]!;
  }
}

function mediaType(entry: LedgerEntry): string {
  return MEDIA_TYPES[entry.uri.split(".").at(-1)!] ?? "video/mp4";
}
