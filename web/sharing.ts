/**
 * Finds the media elements of the page that play a channel of the edge, and lets the viewers of each
 * feed each other. Loaded by the tag once there is a picture. Whatever fails here, the element plays
 * on as if the tag were not there.
 */
import type { TributaryApi, TributaryStats } from "./api.ts";
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
  let choice = loadUploadChoice();

  function attach(): void {
    for (const element of document.querySelectorAll<HTMLMediaElement>(options.elements)) {
      const name = channelOf(element, options.edge) ?? options.channel;
      if (name && !players.has(name)) {
        players.set(name, openChannelPlayer(name, element, options, worker, choice));
      }
    }
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
  });
  // Out of the back-forward cache the page is as it was, but everyone has forgotten it.
  addEventListener("pageshow", ({ persisted }) => persisted && attach());
}

/** The channel that an element's address names on this edge. */
function channelOf(element: HTMLMediaElement, edge: string): string | undefined {
  const { src } = element.querySelector("source") ?? element;
  const url = element.currentSrc || element.src || src;
  if (!url.startsWith(`${edge}live/`)) return undefined;
  return url.slice(edge.length).split("/")[1];
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
