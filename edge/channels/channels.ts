import type { ChannelOrigin } from "../origin/channel_origin.ts";
import { CodedError } from "../media/coded_error.ts";
import type { Platform } from "../platform/platform.ts";
import type { ChannelDescription } from "../protocol/channel.ts";
import type { SwarmLimits } from "../swarm/limits.ts";
import { type ChannelStats, channelStats } from "./channel_stats.ts";
import type { ChannelSource } from "./source.ts";
import { createSwarmHost, type SwarmHost } from "./swarm_host.ts";

/** One channel: its origin and its swarm. */
export interface Channel {
  readonly origin: ChannelOrigin;
  readonly swarm: SwarmHost;
  /** Its picture among the built files, if it has one. */
  readonly poster?: string;
  /** As in `ChannelSource`. */
  readonly key?: string;
  stats(): ChannelStats;
}

export interface Channels {
  get(name: string): Channel | undefined;
  list(): Channel[];
  /** Resolves when nothing of them runs any more; sockets are sent away at once. */
  stop(): Promise<void>;
}

export interface ChannelsOptions {
  readonly platform: Platform;
  readonly limits?: Partial<SwarmLimits>;
}

/** Opens the channels of this edge: what is on it, by name. */
export function openChannels(
  sources: readonly ChannelSource[],
  options: ChannelsOptions,
): Channels {
  const channels = new Map<string, Channel>();
  for (const source of sources) {
    if (channels.has(source.name)) {
      throw new CodedError(
        "duplicate-channel",
        `Two channels are called ${source.name}.`,
        "Give one of them another name.",
      );
    }
    channels.set(source.name, openChannel(source, options));
  }
  return {
    get: (name) => channels.get(name),
    list: () => [...channels.values()],
    async stop() {
      for (const { swarm } of channels.values()) swarm.stop();
      await Promise.all([...channels.values()].map(({ origin }) => origin.stop()));
    },
  };
}

/**
 * Ties origin and swarm together. Every event is cloned on its way, as it would be between two
 * processes: nothing but serialisable messages can pass.
 */
function openChannel(source: ChannelSource, { platform, limits }: ChannelsOptions): Channel {
  const swarm = createSwarmHost({
    platform,
    channel: undescribed(source),
    ...(limits ? { limits } : {}),
    emit: (event) => origin.handle(structuredClone(event)),
  });
  const origin = source.open({ platform, emit: (event) => swarm.handle(structuredClone(event)) });
  return {
    origin,
    swarm,
    ...(source.poster === undefined ? {} : { poster: source.poster }),
    ...(source.key === undefined ? {} : { key: source.key }),
    stats: () => channelStats(source, origin.stats(), swarm.stats()),
  };
}

/** What is known of a channel whose media has not been seen yet. */
function undescribed({ name, title }: ChannelSource): ChannelDescription {
  const base = `/live/${name}/`;
  return { name, title, base, targetDurationMs: 0, master: false, renditions: [] };
}
