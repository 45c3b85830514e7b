/** The page's side of the bridge by hand, for the tests of the worker alone. */
import { BRIDGE_VERSION, type PageAnswer, type WorkerMessage } from "../../../sw/bridge.ts";
import { createLivePlaylists } from "./live.ts";

/** How the page behaves toward the worker. */
export type Manner =
  | "blobs"
  /** Says nothing at all. */
  | "silent"
  /** Says that it works, and never comes to an end. */
  | "working"
  /** Answers with blob URLs that are no more. */
  | "revoked"
  /** Answers one segment and sends the next to the network, in turn. */
  | "mixed"
  /** Streams half of a body, and nothing after that. */
  | "stopping";

export interface Probe {
  manner: Manner;
  /** Segments answered to the worker. */
  answered: number;
  /** What the worker said it answered alone, by source. */
  served: Record<"edge" | "cache", { times: number; bodies: number }>;
  /** What came back on the ports. */
  done: { used: number; unused: number };
  /** Prepares the page: the worker in control, all media at hand. */
  prepare(options: { base: string; startMs: number; segments: number }): Promise<void>;
  hello(): void;
  play(base: string): void;
}

type Request = Extract<WorkerMessage, { type: "tributary:request" }>;

const video = document.querySelector("video")!;
const held = new Map<string, Blob>();
let base = "";
let playlistAt = (_nowMs: number) => "";

const probe: Probe = {
  manner: "blobs",
  answered: 0,
  served: { edge: { times: 0, bodies: 0 }, cache: { times: 0, bodies: 0 } },
  done: { used: 0, unused: 0 },
  async prepare(options) {
    base = options.base;
    playlistAt = createLivePlaylists(options.startMs, base);
    const store = base.replace("/live/demo/", "/store/");
    const names = Array.from({ length: options.segments }, (_, index) => `r0/${index}.m4s`);
    await Promise.all(names.map(async (name) => {
      held.set(base + name, await (await fetch(store + name)).blob());
    }));
    await navigator.serviceWorker.register("/sw.js");
    if (!navigator.serviceWorker.controller) {
      await new Promise((resolve) =>
        navigator.serviceWorker.addEventListener("controllerchange", resolve, { once: true })
      );
    }
  },
  hello() {
    navigator.serviceWorker.controller?.postMessage({
      type: "tributary:hello",
      version: BRIDGE_VERSION,
      base,
      cacheBytes: 64 * 2 ** 20,
    });
  },
  play(base) {
    video.src = base + "index.m3u8";
  },
};
(globalThis as unknown as { probe: Probe }).probe = probe;

navigator.serviceWorker.addEventListener("message", ({ data }: MessageEvent<WorkerMessage>) => {
  if (data.type === "tributary:request") return answer(data);
  const served = probe.served[data.from];
  served.times++;
  if (data.body?.byteLength === data.bytes) served.bodies++;
});

function answer({ url, port }: Request): void {
  if (probe.manner === "silent") return;
  const say = (word: PageAnswer) => port.postMessage(word);
  const playlist = url.endsWith(".m3u8");
  const blob = playlist
    ? new Blob([playlistAt(Date.now())], { type: "application/vnd.apple.mpegurl" })
    : held.get(url);
  if (!blob) return say({ type: "network", reason: "not held" });
  if (!playlist) probe.answered++;
  if (probe.manner === "mixed" && !playlist && probe.answered % 2 === 0) {
    return say({ type: "network", reason: "not now" });
  }
  if (probe.manner === "working") return say({ type: "working", ms: 300 });
  if (probe.manner === "stopping") return void sendHalf(blob, say);
  const blobUrl = URL.createObjectURL(blob);
  port.onmessage = ({ data }) => {
    probe.done[data.used ? "used" : "unused"]++;
    URL.revokeObjectURL(blobUrl);
  };
  const tell = () => say({ type: "blob", url: blobUrl, contentType: blob.type, cache: false });
  if (probe.manner === "revoked") revoke(blobUrl).then(tell);
  else tell();
}

/**
 * Resolves once nobody can read the URL any more. The browser's process hears of a revocation on
 * another way than of the worker's reading: told at once, the worker may still come first.
 */
async function revoke(blobUrl: string): Promise<void> {
  URL.revokeObjectURL(blobUrl);
  while (await fetch(blobUrl).then(() => true, () => false));
}

async function sendHalf(blob: Blob, say: (word: PageAnswer) => void): Promise<void> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const middle = Math.floor(bytes.length / 2);
  say({ type: "head", contentType: "video/mp4", length: bytes.length, cache: false });
  say({ type: "chunk", bytes: bytes.slice(0, 1000) });
  say({ type: "chunk", bytes: bytes.slice(1000, middle) });
}
