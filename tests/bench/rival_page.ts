/**
 * In a page: plays the playlist that the video names in `data-playlist` with hls.js and
 * p2p-media-loader, which meets others at the tracker in `data-tracker`; with `data-tuned` set up for
 * a latency of 6 s, else as it comes.
 */
import Hls from "hls.js";
import { HlsJsP2PEngine } from "p2p-media-loader-hlsjs";
import type { RivalStats } from "./page_stats.ts";

const video = document.querySelector("video")!;
const { playlist, tracker, tuned } = video.dataset;
const peers = new Set<string>();
const bytes = { peers: 0, edge: 0 };
globalThis.rival = { stats: (): RivalStats => ({ peers: peers.size, bytes: { ...bytes } }) };

const Player = HlsJsP2PEngine.injectMixin(Hls);
const hls = new Player({
  ...(tuned === undefined ? {} : { liveSyncDurationCount: 3 }),
  p2p: {
    core: {
      announceTrackers: [tracker!],
      // All are on one machine.
      rtcConfig: { iceServers: [] },
      ...(tuned === undefined ? {} : { highDemandTimeWindow: 2 }),
    },
  },
});
hls.p2pEngine.addEventListener("onPeerConnect", ({ peerId }) => peers.add(peerId));
hls.p2pEngine.addEventListener("onPeerClose", ({ peerId }) => peers.delete(peerId));
hls.p2pEngine.addEventListener("onChunkDownloaded", (count, source) => {
  bytes[source === "p2p" ? "peers" : "edge"] += count;
});
hls.on(Hls.Events.ERROR, (_, { fatal, details }) => {
  if (fatal) console.error(`hls.js: ${details}`);
});
hls.attachMedia(video);
hls.loadSource(playlist!);
