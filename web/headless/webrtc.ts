/** WebRTC without a browser: node-datachannel. */
import { delay } from "@std/async/delay";
import { cleanup } from "node-datachannel";
import { RTCPeerConnection } from "node-datachannel/polyfill";

export const Connection = RTCPeerConnection as unknown as typeof globalThis.RTCPeerConnection;

/** `cleanup` tells the library's threads to end, but neither waits for them nor says when they have, ms. */
const THREADS_END_MS = 300;

/** Ends the library's threads: they would keep the process, or crash it at its end. */
export async function endWebRtc(): Promise<void> {
  cleanup();
  await delay(THREADS_END_MS);
}
