import type { ChannelOrigin, OriginStats } from "../origin/channel_origin.ts";
import type { ByteReport } from "../protocol/messages.ts";
import type { SwarmStats } from "../swarm/io.ts";

/** What `/api/channels/CHANNEL/stats` answers. */
export interface ChannelStats extends Pick<OriginStats, "state" | "window"> {
  readonly name: string;
  readonly title: string;
  readonly detail?: string;
  readonly sinceMs?: number;
  /** As in `OriginStats`; absent while a source has said nothing. */
  readonly station?: NonNullable<OriginStats["station"]>;
  /** Peers in the swarm, which is everyone who watches with the tag. */
  readonly viewers: number;
  readonly peers: {
    readonly joined: number;
    /** Those that can inject just now. */
    readonly eligible: number;
  };
  /** Bytes of media as the viewers reported them since the edge started. */
  readonly bytes: Readonly<ByteReport>;
  /** 1 − segment bytes that the edge sent / segment bytes that viewers received; 0 … 1. */
  readonly offload: number;
  /** Body bytes that the edge sent, and in how many answers. */
  readonly edge: Pick<OriginStats, "sent" | "requests">;
  /** Copies of a segment that the edge sends into the swarm, average of the last 90 s. */
  readonly injectedCopies: number;
  /** Runs given to injectors since the edge started. */
  readonly injectedRuns: number;
  readonly upstream?: NonNullable<OriginStats["upstream"]>;
}

export function channelStats(
  { name, title }: Pick<ChannelOrigin, "name" | "title">,
  origin: OriginStats,
  swarm: SwarmStats,
): ChannelStats {
  const { state, detail, sinceMs, station, window, sent, requests, upstream } = origin;
  return {
    name,
    title,
    state,
    ...(detail === undefined ? {} : { detail }),
    ...(sinceMs === undefined ? {} : { sinceMs }),
    ...(station && Object.keys(station).length > 0 ? { station } : {}),
    viewers: swarm.joined,
    peers: { joined: swarm.joined, eligible: swarm.eligible },
    bytes: swarm.bytes,
    offload: offload(sent, swarm.bytes),
    edge: { sent, requests },
    injectedCopies: swarm.injectedCopies,
    injectedRuns: swarm.injectedRuns,
    window,
    ...(upstream ? { upstream } : {}),
  };
}

/** Viewers without the tag make the edge send what nobody reports: the share is then 0, not below. */
function offload(sent: OriginStats["sent"], received: Readonly<ByteReport>): number {
  const all = received.peers + received.edge + received.cache;
  if (all === 0) return 0;
  return Math.max(0, 1 - (sent.segments + sent.ranges) / all);
}
