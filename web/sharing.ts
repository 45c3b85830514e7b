/**
 * Finds the media elements of the page that play a channel of the edge, and lets the viewers of each
 * feed each other. Loaded by the tag once there is a picture. Whatever fails here, the element plays
 * on as if the tag were not there.
 */
import type { TributaryApi, TributaryStats } from "./api.ts";
import { PLAYLIST_TYPE } from "../edge/media/media_types.ts";
import { type ChannelPlayer, openChannelPlayer } from "./player/channel_player.ts";
import { registerWorker } from "./player/worker_registration.ts";
import { readTagOptions } from "./tag_options.ts";
import { loadUploadChoice, saveUploadChoice } from "./upload_choice.ts";

/** Begins, as the attributes of the tag `script` say. */
export function share(script: HTMLScriptElement): void {
  if (globalThis.tributary) return;
  const options = readTagOptions(script.dataset, script.src, console.warn);
  const worker = registerWorker(options.worker);
  const players = new Map<string, ChannelPlayer>();
  /** What plays by a part that comes when it is needed: what is being attached, or is. */
  const lazy = new Set<string>();
  let choice = loadUploadChoice();

  function attach(): void {
    for (const element of document.querySelectorAll<HTMLMediaElement>(options.elements)) {
      const film = filmOf(element, options.edge);
      if (film && /\.(m3u8|mpd)$/.test(film)) attachList(film, element);
      else if (film) attachFilm(film, element);
      const stream = pathBelow(`${options.edge}stream/`, element) ??
        listedIn(element, options.edge);
      if (stream) attachStream(stream, element);
      const name = film || stream ? undefined : channelOf(element, options.edge) ?? options.channel;
      if (name && !players.has(name)) {
        players.set(name, openChannelPlayer(name, element, options, worker, choice));
      }
    }
  }
  async function attachList(path: string, element: HTMLMediaElement): Promise<void> {
    const key = `vod/${path}`;
    if (lazy.has(key)) return;
    lazy.add(key);
    // Where it does not come the element plays what it can, as without the tag.
    const part = await loadListedFilm().catch(() => undefined);
    await part?.playListed(element, options.edge).catch(() => {});
    attach();
  }
  async function attachFilm(path: string, element: HTMLMediaElement): Promise<void> {
    const key = `vod/${path}`;
    if (lazy.has(key)) return;
    lazy.add(key);
    // Where it does not come the film plays as without the tag.
    const player = await loadFilmPlayer().catch(() => undefined);
    if (!player || !lazy.has(key)) return;
    players.set(key, player.openFilmPlayer(path, element, options, worker, choice));
  }
  async function attachStream(name: string, element: HTMLMediaElement): Promise<void> {
    const key = `stream/${name}`;
    if (lazy.has(key)) return;
    lazy.add(key);
    const part = await loadStreamBridge().catch(() => undefined);
    if (!part || !lazy.has(key)) return;
    const player = openChannelPlayer(name, element, options, worker, choice, part.openStreamBridge);
    players.set(key, player);
  }
  function choose(next: Partial<typeof choice>): void {
    choice = { ...choice, ...next };
    saveUploadChoice(choice);
    for (const player of players.values()) player.setUpload(choice);
  }

  globalThis.tributary = {
    stats: () => players.values().next().value?.stats() ?? NOTHING,
    setUpload: (on) => choose({ on }),
    setUploadCap: (cap) => choose({ cap }),
  } satisfies TributaryApi;

  if (document.readyState === "loading") addEventListener("DOMContentLoaded", attach);
  else attach();
  addEventListener("pagehide", () => {
    for (const player of players.values()) player.close();
    players.clear();
    lazy.clear();
  });
  // Out of the back-forward cache the page is as it was, but everyone has forgotten it.
  addEventListener("pageshow", ({ persisted }) => persisted && attach());
}

function loadStreamBridge(): Promise<typeof import("./player/stream_bridge.ts")> {
  const module = new URL("stream_bridge.js", import.meta.url).href;
  return import(module);
}

function loadListedFilm(): Promise<typeof import("./player/listed_film.ts")> {
  const module = new URL("listed_film.js", import.meta.url).href;
  return import(module);
}

function loadFilmPlayer(): Promise<typeof import("./player/film_player.ts")> {
  // A variable, so that it is not bundled in here: see `build.ts`.
  const module = new URL("film_player.js", import.meta.url).href;
  return import(module);
}

/** The channel that an element's address names on this edge. */
function channelOf(element: HTMLMediaElement, edge: string): string | undefined {
  return pathBelow(`${edge}live/`, element)?.split("/")[0];
}

/**
 * The channel whose list an element's address is, where the browser cannot read it: instead of it the
 * worker gives the endless stream.
 */
function listedIn(element: HTMLMediaElement, edge: string): string | undefined {
  const path = pathBelow(`${edge}live/`, element) ?? "";
  const [, name, ending] = /^([^/]+)\/.+\.(mpd|m3u8)$/.exec(path) ?? [];
  return ending === "mpd" || !element.canPlayType(PLAYLIST_TYPE) ? name : undefined;
}

/** The path of the film that an element's address names on this edge. */
function filmOf(element: HTMLMediaElement, edge: string): string | undefined {
  return pathBelow(`${edge}vod/`, element);
}

function pathBelow(folder: string, element: HTMLMediaElement): string | undefined {
  const { src } = element.querySelector("source") ?? element;
  const url = element.currentSrc || element.src || src;
  return url.startsWith(folder) ? url.slice(folder.length).split(/[?#]/)[0] : undefined;
}

const NOTHING: TributaryStats = {
  peers: 0,
  viewers: 0,
  bytes: { peers: 0, edge: 0, cache: 0, uploaded: 0 },
  offload: 0,
  bufferSeconds: 0,
  state: "edge-only",
  reason: "No media element of this page plays a channel of this edge.",
  upload: { on: false, active: false, capBytesPerSecond: 0 },
};
