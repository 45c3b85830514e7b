/** One channel in one page: the swarm session, the worker's requests and the elements, put together. */
import { PLAYLIST_TYPE } from "../../edge/media/media_types.ts";
import type { LedgerEntry } from "../../edge/protocol/ledger_entry.ts";
import { HELLO_INTERVAL_MS } from "../../sw/bridge.ts";
import type { TributaryStats } from "../api.ts";
import { openSwarmSession } from "../net/swarm_session.ts";
import type { TagOptions } from "../tag_options.ts";
import type { UploadChoice } from "../upload_choice.ts";
import { decideConduct, DEFAULT_CAP_FACTOR, isMetered } from "./conduct.ts";
import { diagnose } from "./diagnosis.ts";
import { readElement } from "./element.ts";
import { holdMs } from "./hold.ts";
import { createLedger, type Ledger } from "./ledger.ts";
import { notePastWorker } from "./past_worker.ts";
import { createPlaylists } from "./playlists.ts";
import { createRecovery } from "./recovery.ts";
import type { StreamBridgeOptions } from "./stream_bridge.ts";
import { openWorkerBridge, type WorkerBridge } from "./worker_bridge.ts";
import { surroundings } from "./surroundings.ts";
import type { WorkerState } from "./worker_registration.ts";

/** How long the worker waits past the deadline before it asks the network itself, ms: the engine gives up sooner, this is for a page that hangs. */
const GRACE_MS = 8_000;
/** The same while the edge is away, when the network has nothing to give, ms: partners may still bring it. */
const AWAY_GRACE_MS = 25_000;
/** How long an element that asks again waits for a join under way, ms. */
const JOIN_MS = 1_000;
/** A playlist without news waits for the next segment, and this much longer, ms: sources are not punctual. */
const PLAYLIST_SLACK_MS = 1_000;
/** Entries that a rendition's rate is measured over: 16 s of a stream of segments of 2 s. */
const RATE_ENTRIES = 8;

export interface ChannelPlayer {
  stats(): TributaryStats;
  setUpload(choice: UploadChoice): void;
  close(): void;
}

export function openChannelPlayer(
  name: string,
  element: HTMLMediaElement,
  options: TagOptions,
  worker: WorkerState,
  firstChoice: UploadChoice,
  openBridge: (
    container: ServiceWorkerContainer,
    options: StreamBridgeOptions,
  ) => WorkerBridge = openWorkerBridge,
): ChannelPlayer {
  const base = `${options.edge}live/${name}/`;
  const ledger = createLedger();
  const recovery = createRecovery(element);
  const past = { edge: 0, cache: 0 };
  let choice = firstChoice;
  let everOnline = false;
  /** Ids of the renditions that make up the stream, as last known. */
  let watched: readonly number[] = [];
  let pausedSinceMs: number | undefined;
  let nextHelloMs = 0;

  const session = openSwarmSession({
    base,
    tracker: `${options.edge.replace(/^http/, "ws")}swarm/${name}`,
    conduct: conduct(),
    Connection: globalThis.RTCPeerConnection,
    tabs: typeof BroadcastChannel === "undefined" ? undefined : `tributary:${base}`,
    status: () => {
      const { paused, hidden } = readElement(element);
      return {
        playing: !paused && worker.controlled(),
        visible: !hidden,
        uploads: conduct().upload,
      };
    },
    report: () => bytes(),
    deliver: (demand, payload, last) => bridge?.deliver(demand, payload, last),
    decline: (demand, reason) => bridge?.decline(demand, reason),
    onEntry(entry) {
      ledger.add(entry);
      bridge?.ledgerGrew();
    },
    onOnline: (online) => everOnline ||= online,
    beat,
  });

  const isPlayable = (entry: LedgerEntry) => session.view().online || session.hasWithoutEdge(entry);
  const playlists = createPlaylists({ base, ledger, isPlayable });

  const bridge = navigator.serviceWorker && openBridge(navigator.serviceWorker, {
    name,
    edge: options.edge,
    base,
    element,
    ledger,
    session,
    worker,
    isPlayable,
    cacheBytes: options.cacheBytes,
    hls: element.canPlayType(PLAYLIST_TYPE) !== "",
    entry: (uri) => ledger.byUri(uri),
    playlist(path) {
      const { description } = session.view();
      return description && playlists.write(description, path);
    },
    playlistHoldMs: () =>
      (session.view().description?.targetDurationMs ?? JOIN_MS) + PLAYLIST_SLACK_MS,
    demand(id, entry) {
      playlists.demanded(entry);
      const { bufferSeconds } = readElement(element);
      const heldMs = holdMs(bufferSeconds * 1000, entry.durationMs, hasChoice());
      session.demand(id, entry, performance.now() + heldMs);
      return heldMs + (session.view().online ? GRACE_MS : AWAY_GRACE_MS);
    },
    abandon: (id) => session.abandon(id),
    served(uri, from, count, body) {
      past[from] += count;
      const entry = ledger.byUri(uri);
      if (entry && body) session.hold(entry, body);
    },
  });
  notePastWorker(base, (uri, count) => {
    past.edge += count;
    bridge?.asked(uri);
  });

  function conduct() {
    return decideConduct({
      controlled: worker.controlled(),
      pausedForMs: pausedSinceMs && performance.now() - pausedSinceMs,
      hidden: document.hidden,
      metered: isMetered(navigator),
      uploadAllowed: options.upload && choice.on,
      uploadCap: uploadCap(),
    });
  }

  function hasChoice(): boolean {
    const renditions = session.view().description?.renditions ?? [];
    return renditions.filter(({ kind }) => kind === "main").length > 1;
  }

  function uploadCap(): number {
    return choice.cap ?? options.uploadCap ?? DEFAULT_CAP_FACTOR * streamRate(ledger, watched);
  }

  function beat(): void {
    const nowMs = performance.now();
    if (!readElement(element).paused) pausedSinceMs = undefined;
    else pausedSinceMs ??= nowMs;
    const { renditions } = session.totals();
    if (renditions.length > 0) watched = renditions;
    session.setConduct(conduct());
    recovery.tick(session.view().online, nowMs);
    if (nowMs >= nextHelloMs) {
      nextHelloMs = nowMs + HELLO_INTERVAL_MS;
      bridge?.hello();
    }
    bridge?.beat?.();
    element.dispatchEvent(new CustomEvent("tributary:stats", { detail: stats(), bubbles: true }));
  }

  function changed(): void {
    beat();
    session.tellStatus();
  }
  for (const event of ["play", "pause"]) element.addEventListener(event, changed);
  document.addEventListener("visibilitychange", changed);

  function bytes() {
    const { received, uploaded } = session.totals();
    return {
      peers: received.peers,
      edge: received.edge + past.edge,
      cache: past.cache,
      uploaded,
    };
  }

  function stats(): TributaryStats {
    const view = session.view();
    const count = bytes();
    const all = count.peers + count.edge + count.cache;
    const { partners } = session.totals();
    const active = conduct().upload;
    const { bufferSeconds } = readElement(element);
    return {
      peers: partners,
      viewers: view.viewers,
      bytes: count,
      offload: all === 0 ? 0 : 1 - count.edge / all,
      bufferSeconds,
      ...diagnose({
        ...view,
        ...surroundings(worker),
        hasMedia: ledger.newest() !== undefined,
        bufferSeconds,
        everOnline,
        peers: partners,
        uploads: active,
        uploadOn: options.upload && choice.on,
        uploadCap: uploadCap(),
      }),
      upload: { on: options.upload && choice.on, active, capBytesPerSecond: uploadCap() },
      ...bridge?.facts?.(),
    };
  }

  return {
    stats,
    setUpload(next) {
      choice = next;
      changed();
    },
    close() {
      for (const event of ["play", "pause"]) element.removeEventListener(event, changed);
      document.removeEventListener("visibilitychange", changed);
      bridge?.close();
      session.close();
    },
  };
}

/** bytes/s of these renditions together, from the last entries of each; of the newest one where none is named. */
function streamRate(ledger: Ledger, renditions: readonly number[]): number {
  const newest = ledger.newest();
  const ids = renditions.length > 0 || !newest ? renditions : [newest.unit.rendition];
  return ids.reduce((sum, id) => sum + rate(ledger.rendition(id).slice(-RATE_ENTRIES)), 0);
}

function rate(entries: readonly LedgerEntry[]): number {
  const seconds = entries.reduce((sum, entry) => sum + entry.durationMs, 0) / 1000;
  return seconds > 0 ? entries.reduce((sum, entry) => sum + entry.length, 0) / seconds : 0;
}
