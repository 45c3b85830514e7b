/** One film in one page: the swarm session, the worker's requests and the element, put together. */
import {
  blockBytes,
  blockEntry,
  blockSpan,
  type FileIndex,
} from "../../edge/protocol/file_index.ts";
import { DIGEST_BYTES } from "../../edge/protocol/ledger_entry.ts";
import { HELLO_INTERVAL_MS } from "../../sw/bridge.ts";
import type { TributaryStats } from "../api.ts";
import { fetchFileIndex } from "../net/film_index.ts";
import { openSwarmSession } from "../net/swarm_session.ts";
import { createVodEngine } from "../swarm/vod/engine.ts";
import type { TagOptions } from "../tag_options.ts";
import type { UploadChoice } from "../upload_choice.ts";
import type { ChannelPlayer } from "./channel_player.ts";
import { decideConduct, DEFAULT_CAP_FACTOR, isMetered } from "./conduct.ts";
import { diagnose } from "./diagnosis.ts";
import { readElement } from "./element.ts";
import { openFilmAnswers } from "./film_answers.ts";
import { notePlace, resumePlace } from "./film_place.ts";
import { type FilmStore, openFilmStore } from "./film_store.ts";
import { loadedSeconds } from "./loaded.ts";
import { notePastWorker } from "./past_worker.ts";
import { surroundings } from "./surroundings.ts";
import type { WorkerState } from "./worker_registration.ts";

/** What an element has buffered may run down to this while it waits for partners, ms. */
const LEFT_MS = 1_000;
/** How long the worker waits past the deadline before it asks the network itself, ms: the engine gives up sooner, this is for a page that hangs. */
const GRACE_MS = 4_000;
/** An index that is being made is asked for again after this, ms. */
const INDEX_AGAIN_MS = 2_000;
/** `HTMLMediaElement.HAVE_FUTURE_DATA`: the element plays, or would if it were not paused. */
const HAVE_FUTURE_DATA = 3;
/** Of a film whose playing time is not known yet, bytes/s. */
const USUAL_RATE = 125_000;

const BEGAN_PAST = {
  state: "edge-only" as const,
  reason: "This film began to load before sharing was set up: reload the page to share it.",
};

/** `path` is that of the film below the edge's `/vod/`. */
export function openFilmPlayer(
  path: string,
  element: HTMLMediaElement,
  options: TagOptions,
  worker: WorkerState,
  firstChoice: UploadChoice,
): ChannelPlayer {
  const base = `${options.edge}vod/`;
  const url = base + path;
  /**
   * What came past the engine, bytes; `began`: what the element plays began past the worker, and then
   * has loaded so many bytes as far as it shows.
   */
  const past = { edge: 0, loaded: 0, began: element.readyState > 0 && !worker.controlledFirst() };
  let choice = firstChoice;
  let index: FileIndex | undefined;
  let store: FilmStore | undefined;
  /** Demands that wait for what is in the store. */
  const waiting = new Set<number>();
  let everOnline = false;
  let pausedSinceMs: number | undefined;
  let nextHelloMs = 0;
  let sound = true;
  let place = { seconds: 0, plays: false };
  let nextIndexMs = Infinity;
  /** Up to which byte the element has what it asked for last; `undefined` while it has asked nothing here. */
  let reachedByte: number | undefined;

  const session = openSwarmSession({
    base,
    tracker: `${options.edge.replace(/^http/, "ws")}swarm/vod/${path}`,
    conduct: conduct(),
    createEngine: (engine) => createVodEngine(engine),
    Connection: globalThis.RTCPeerConnection,
    tabs: typeof BroadcastChannel === "undefined" ? undefined : `tributary:${url}`,
    status: () => {
      const { paused, hidden } = readElement(element);
      return {
        playing: !paused && worker.controlled(),
        visible: !hidden,
        uploads: conduct().upload,
      };
    },
    report: () => bytes(),
    deliver: (demand, payload) => answers?.deliver(demand, payload),
    decline: (demand, reason) => answers?.decline(demand, reason),
    onEntry: () => {},
    onOnline(online) {
      everOnline ||= online;
      // The edge sends everyone away whose film has changed.
      if (online) loadIndex();
    },
    onWhole: ({ offset = 0 }, pieces) => answers?.keep(offset, pieces),
    beat,
  });

  const answers = navigator.serviceWorker && openFilmAnswers(navigator.serviceWorker, {
    url,
    cacheBytes: options.cacheBytes,
    isPast: () => past.began,
    index: () => index,
    silenceMs: () => holdMs() + GRACE_MS,
    async demand(id, { unit, offset = 0 }, pieces, behind) {
      const deadlineMs = performance.now() + holdMs() + (behind * 1000) / rate();
      waiting.add(id);
      await store?.take(offset);
      if (waiting.delete(id)) {
        session.handle({ type: "range", demand: id, unit, pieces, deadlineMs });
      }
    },
    abandon(id) {
      waiting.delete(id);
      session.abandon(id);
    },
    given({ from, to }) {
      reachedByte = to;
      if (from === to) tellPosition();
    },
    served(count, at, body) {
      past.edge += count;
      if (!body) return;
      reachedByte = at + body.length;
      keepBlocks(at, body);
    },
  });
  notePastWorker(url, (_, count) => past.edge += count);

  async function loadIndex(): Promise<void> {
    nextIndexMs = Infinity;
    const [found, stored] = await Promise.all([
      fetchFileIndex(url),
      openFilmStore(url, keepBlocks),
    ]);
    if (found === "later") nextIndexMs = performance.now() + INDEX_AGAIN_MS;
    if (typeof found === "string") return;
    const before = index?.file.epoch;
    const isNew = before !== found.file.epoch;
    index = found;
    if (isNew && before !== undefined) answers?.giveUp();
    session.handle({ type: "file", index, from: 0 });
    if (!isNew) return;
    // What is kept is given on as if this page had got it; what the element asks for comes first.
    store = stored;
    stored.takeAll();
  }

  /** Whole blocks that came past the engine are for partners too. */
  async function keepBlocks(at: number, body: Uint8Array<ArrayBuffer>): Promise<void> {
    if (!index) return;
    const { file, roots } = index;
    for (let block = Math.ceil(at / blockBytes(file));; block++) {
      const { from, to } = blockSpan(file, block);
      if (from >= to || to > at + body.length) return;
      const root = roots.subarray(block * DIGEST_BYTES, (block + 1) * DIGEST_BYTES);
      await session.hold(blockEntry(file, block, root), body.slice(from - at, to - at));
    }
  }

  /** How long the element can wait for what it asks for, ms. */
  function holdMs(): number {
    const { bufferSeconds } = readElement(element);
    return element.seeking ? 0 : Math.max(0, bufferSeconds * 1000 - LEFT_MS);
  }

  /** bytes/s */
  function rate(): number {
    const { duration } = element;
    return index && duration > 0 && duration < Infinity ? index.file.length / duration : USUAL_RATE;
  }

  /** What the element has is not wanted again: for the engine the film plays from where that ends. */
  function tellPosition(): void {
    if (reachedByte === undefined) return;
    const moving = element.paused ? 0 : rate() * element.playbackRate;
    session.handle({ type: "position", rendition: 0, offset: reachedByte, rate: moving });
  }

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

  function uploadCap(): number {
    return choice.cap ?? options.uploadCap ?? DEFAULT_CAP_FACTOR * rate();
  }

  function beat(): void {
    const nowMs = performance.now();
    if (!readElement(element).paused) pausedSinceMs = undefined;
    else pausedSinceMs ??= nowMs;
    session.setConduct(conduct());
    tellPosition();
    recover();
    if (nowMs >= nextIndexMs) loadIndex();
    if (nowMs >= nextHelloMs) {
      nextHelloMs = nowMs + HELLO_INTERVAL_MS;
      answers?.hello();
      leavePlace();
    }
    element.dispatchEvent(new CustomEvent("tributary:stats", { detail: stats(), bubbles: true }));
  }

  /** The element has the beginning of what it plays. */
  function began(): void {
    past.began ||= !worker.controlled();
    answers?.hello();
  }

  /**
   * Begins anew at a place. Without the fragment Chromium (156) remembers of the address whether its
   * bytes were the network's or made by the worker, and takes no others (see `sw/film.ts`).
   */
  function beginAt(seconds: number): void {
    past.edge = edgePast();
    past.loaded = 0;
    past.began = false;
    // The worker has to know before the element asks.
    answers?.hello();
    element.src = `${(element.currentSrc || element.src).split("#")[0]}#t=${seconds}`;
  }

  function leavePlace(): void {
    if (options.resume) notePlace(url, element);
  }

  /** An element that nobody has played yet may as well begin through the worker; the browser has cached what it has. */
  function loadAgain(): void {
    const { played, paused, autoplay, currentTime } = element;
    if (past.began && paused && !autoplay && played.length === 0 && currentTime === start) {
      beginAt(start);
    }
  }

  /** Brings back an element that gave up, at the place where it was: once, until it has played again. */
  function recover(): void {
    if (!element.error) {
      place = { seconds: element.currentTime, plays: !element.paused };
      sound ||= element.readyState >= HAVE_FUTURE_DATA;
      return;
    }
    if (!sound) return;
    sound = false;
    beginAt(place.seconds);
    // Autoplay may be forbidden; then the viewer presses play, as after any load.
    if (place.plays) element.play().catch(() => {});
  }

  function changed(): void {
    leavePlace();
    beat();
    session.tellStatus();
  }
  for (const event of ["play", "pause"]) element.addEventListener(event, changed);
  element.addEventListener("loadedmetadata", began);
  document.addEventListener("visibilitychange", changed);
  const start = options.resume ? resumePlace(url, element) : 0;
  if (past.began) onControlled(loadAgain);

  /**
   * Resource Timing tells of a response when it has ended, and nothing of one that was broken off: of an
   * element that is left to the browser its buffer tells more.
   */
  function edgePast(): number {
    if (past.began && index) {
      past.loaded = Math.max(past.loaded, Math.round(loadedSeconds(element) * rate()));
    }
    return Math.max(past.edge, past.loaded);
  }

  function bytes() {
    const { received, uploaded } = session.totals();
    return { peers: received.peers, edge: received.edge + edgePast(), cache: 0, uploaded };
  }

  function stats(): TributaryStats {
    const view = session.view();
    const count = bytes();
    const all = count.peers + count.edge;
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
        state: "starting",
        hasMedia: index !== undefined,
        bufferSeconds,
        everOnline,
        peers: partners,
        uploads: active,
        uploadOn: options.upload && choice.on,
        uploadCap: uploadCap(),
      }),
      ...(past.began && worker.controlled() ? BEGAN_PAST : {}),
      upload: { on: options.upload && choice.on, active, capBytesPerSecond: uploadCap() },
    };
  }

  return {
    stats,
    setUpload(next) {
      choice = next;
      changed();
    },
    close() {
      leavePlace();
      for (const event of ["play", "pause"]) element.removeEventListener(event, changed);
      element.removeEventListener("loadedmetadata", began);
      document.removeEventListener("visibilitychange", changed);
      answers?.close();
      session.close();
    },
  };
}

function onControlled(then: () => void): void {
  const container = navigator.serviceWorker as ServiceWorkerContainer | undefined;
  if (container?.controller) then();
  else container?.addEventListener("controllerchange", then, { once: true });
}
