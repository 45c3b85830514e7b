import type { ChannelState } from "../../edge/protocol/channel.ts";
import type { TributaryState } from "../api.ts";

/** What decides how a page is doing. */
export interface Findings {
  readonly secure: boolean;
  readonly hasWorkers: boolean;
  /** Why the worker could not be registered. */
  readonly workerError: string | undefined;
  readonly controlled: boolean;
  /** The worker was there before this page, and yet does not control it: a hard reload. */
  readonly bypassed: boolean;
  readonly hasWebRtc: boolean;
  readonly everOnline: boolean;
  readonly online: boolean;
  readonly refused: string | undefined;
  /** What the edge says of the channel. */
  readonly state: ChannelState;
  /** Media of the channel has been heard of. */
  readonly hasMedia: boolean;
  readonly bufferSeconds: number;
  readonly viewers: number;
  readonly peers: number;
  readonly failedConnections: number;
  readonly uploads: boolean;
  readonly metered: boolean;
  readonly uploadOn: boolean;
  /** bytes/s */
  readonly uploadCap: number;
}

/** How a page is doing, in a word and in one sentence for people. */
export function diagnose(now: Findings): { state: TributaryState; reason: string } {
  const edgeOnly = (reason: string) => ({ state: "edge-only" as const, reason });
  if (!now.secure) {
    return edgeOnly(
      "Sharing needs HTTPS: over plain HTTP all comes from the edge.",
    );
  }
  if (!now.hasWorkers) {
    return edgeOnly("This browser has no service worker here (a private window?).");
  }
  if (now.workerError) return edgeOnly(`The service worker could not start: ${now.workerError}`);
  if (now.refused) return edgeOnly(`The edge refused this viewer: ${now.refused}`);
  if (!now.controlled) {
    return now.bypassed
      ? edgeOnly(
        "This page was hard-reloaded, which leaves the worker out; reload normally to share.",
      )
      : { state: "starting", reason: "Starting the service worker." };
  }
  if (!now.online) {
    return now.everOnline
      ? { state: "reconnecting", reason: whileAway(now) }
      : { state: "starting", reason: "Joining the swarm." };
  }
  if (!now.hasMedia) return { state: "starting", reason: whyNoMedia(now) };
  if (now.peers === 0) return { state: "alone", reason: whyAlone(now) };
  return { state: "sharing", reason: whyNotMore(now) };
}

function whileAway(now: Findings): string {
  return now.bufferSeconds > 0
    ? "The edge is away: playing what is held here and by partners."
    : "The edge is away, and all that was held is played: it goes on when the edge is back.";
}

function whyNoMedia(now: Findings): string {
  switch (now.state) {
    case "upstream-down":
      return "The source is away: there is nothing to share yet.";
    case "off-air":
      return "Nothing is on air: there is nothing to share.";
    case "idle":
    case "starting":
    case "on-air":
      return "Waiting for the channel’s first media.";
  }
}

function whyAlone(now: Findings): string {
  if (!now.hasWebRtc) return "WebRTC is blocked: only other tabs of this browser can share.";
  if (now.viewers <= 1) return "Nobody else is watching just now.";
  if (now.failedConnections > 0) {
    return "Others are watching, but no direct connection could be made (NAT or firewall).";
  }
  return "Looking for partners.";
}

function whyNotMore(now: Findings): string {
  const partners = now.peers === 1 ? "one partner" : `${now.peers} partners`;
  if (now.uploads) return `Sharing with ${partners}.`;
  if (now.metered) {
    return `Receiving from ${partners}; nothing is uploaded on a metered connection.`;
  }
  if (!now.uploadOn) return `Receiving from ${partners}; uploading is switched off.`;
  if (!now.uploadCap) return `Receiving from ${partners}; the upload cap is zero.`;
  return `Receiving from ${partners}; nothing is uploaded while the page is hidden and paused.`;
}
