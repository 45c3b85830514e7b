/**
 * The script tag: `<script src="https://edge.example/tributary.js" async></script>`. Finds the media
 * elements that play a channel of the edge, and lets the viewers of each feed each other. Whatever
 * fails here, the element plays on as if the tag were not there.
 */
import type { TributaryApi, TributaryStats } from "./api.ts";
import { type ChannelPlayer, openChannelPlayer } from "./player/channel_player.ts";
import { registerWorker } from "./player/worker_registration.ts";
import { readTagOptions } from "./tag_options.ts";
import { loadUploadChoice, saveUploadChoice } from "./upload_choice.ts";

const PICTURE_WAIT_MS = 1_500;
/** A busy page is not waited for longer, ms. */
const IDLE = { timeout: 200 };

const script = document.currentScript as HTMLScriptElement | null;
if (script) whenPictured(() => start(script));

/** Nothing here is needed for the first picture: that comes first, or a second and a half passes. */
function whenPictured(begin: () => void): void {
  let begun = false;
  const once = () => {
    if (!begun) (globalThis.requestIdleCallback ?? setTimeout)(begin, IDLE);
    begun = true;
  };
  // `loadeddata` does not bubble, but it is captured.
  document.addEventListener("loadeddata", once, true);
  setTimeout(once, PICTURE_WAIT_MS);
  for (const { readyState } of document.querySelectorAll<HTMLMediaElement>("video, audio")) {
    if (readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) once();
  }
}

function start(script: HTMLScriptElement): void {
  if (globalThis.tributary) return;
  const options = readTagOptions(script.dataset, script.src, console.warn);
  const worker = registerWorker(options.worker, `${options.edge}register.js`);
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
