import {
  openSwarmSession,
  type SwarmSession,
  type SwarmSessionOptions,
} from "../net/swarm_session.ts";
import type { ChannelAddress } from "./channel_address.ts";

/** What differs between those who take part without a page; callbacks that are not given do nothing. */
export interface HeadlessOptions
  extends
    Pick<SwarmSessionOptions, "conduct">,
    Partial<Pick<SwarmSessionOptions, "deliver" | "decline" | "onEntry" | "onOnline" | "beat">> {
  readonly Connection: typeof RTCPeerConnection;
  /** Media bytes that came from the edge past the engine. */
  readonly pastBytes?: () => number;
}

/** Takes part in a channel's swarm without a page, as one that is in sight and plays. */
export function openHeadlessSession(
  { base, tracker }: Pick<ChannelAddress, "base" | "tracker">,
  { pastBytes = () => 0, ...options }: HeadlessOptions,
): SwarmSession {
  const session = openSwarmSession({
    base,
    tracker,
    tabs: undefined,
    status: () => ({ playing: true, visible: true, uploads: options.conduct.upload }),
    report() {
      const { received, uploaded } = session.totals();
      return { peers: received.peers, edge: received.edge + pastBytes(), cache: 0, uploaded };
    },
    deliver() {},
    decline() {},
    onEntry() {},
    onOnline() {},
    beat() {},
    ...options,
  });
  return session;
}
