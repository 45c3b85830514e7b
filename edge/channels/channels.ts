import type { ChannelOrigin } from "../origin/channel_origin.ts";
import { CodedError } from "../media/coded_error.ts";
import type { Platform } from "../platform/platform.ts";
import type { ChannelDescription } from "../protocol/channel.ts";
import type { SwarmLimits } from "../swarm/limits.ts";
import { type BroadcastWatch, createBroadcastWatch } from "./broadcast_watch.ts";
import { type ChannelInfo, mergeInfo } from "./channel_info.ts";
import { type ChannelStats, channelStats } from "./channel_stats.ts";
import { createInfoKeeper, type InfoKeeper } from "./info_keeper.ts";
import { createRecorder, type Recorder } from "./recorder.ts";
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
  /** What its owner has said of it. */
  readonly owner: InfoKeeper;
  readonly broadcast: BroadcastWatch;
  readonly recorder?: Recorder;
  /** What people are told of it: the owner's words before the source's. */
  info(): ChannelInfo & { readonly title: string };
  stats(): ChannelStats;
}

export interface Channels {
  /** Resolves when it is known what their owners have said of them. Never rejects. */
  readonly loaded: Promise<unknown>;
  get(name: string): Channel | undefined;
  list(): Channel[];
  /** Resolves when nothing of them runs any more; sockets are sent away at once. */
  stop(): Promise<void>;
}

export interface ChannelsOptions {
  readonly platform: Platform;
  readonly limits?: Partial<SwarmLimits>;
  /** Names of channels that are recorded. */
  readonly record?: readonly string[];
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
    loaded: Promise.all([...channels.values()].map(({ owner }) => owner.loaded)),
    get: (name) => channels.get(name),
    list: () => [...channels.values()],
    async stop() {
      for (const { swarm } of channels.values()) swarm.stop();
      await Promise.all([...channels.values()].map(({ origin }) => origin.stop()));
      await Promise.all([...channels.values()].map(({ recorder }) => recorder?.stop()));
    },
  };
}

/** Those that lists name: the others are for whoever has their name or their address. */
export function listed(channels: Channels): Channel[] {
  return channels.list().filter(({ info }) => (info().visibility ?? "public") === "public");
}

/**
 * Ties origin and swarm together. Every event is cloned on its way, as it would be between two
 * processes: nothing but serialisable messages can pass.
 */
function openChannel(
  source: ChannelSource,
  { platform, limits, record }: ChannelsOptions,
): Channel {
  const owner = createInfoKeeper(platform, source.name, {
    owned: source.key !== undefined,
    locked: () => swarm.sendAway(),
  });
  const swarm = createSwarmHost({
    platform,
    channel: undescribed(source),
    ...(limits ? { limits } : {}),
    emit: (event) => origin.handle(structuredClone(event)),
  });
  const broadcast = createBroadcastWatch();
  const recorder = platform.files && record?.includes(source.name)
    ? createRecorder(source.name, platform, platform.files, (path) => origin.read?.(path))
    : undefined;
  const origin = source.open({
    platform,
    emit(event) {
      swarm.handle(structuredClone(event));
      broadcast.handle(event);
      // Films are for everyone.
      if (event.type !== "published" || owner.watchKey() === undefined) recorder?.handle(event);
    },
  });
  const info = () => ({ title: source.title, ...mergeInfo(owner.info(), origin.words?.() ?? {}) });
  return {
    origin,
    swarm,
    ...(source.poster === undefined ? {} : { poster: source.poster }),
    ...(source.key === undefined ? {} : { key: source.key }),
    owner,
    broadcast,
    ...(recorder ? { recorder } : {}),
    info,
    stats: () =>
      channelStats({ name: source.name, title: info().title }, origin.stats(), swarm.stats()),
  };
}

/** What is known of a channel whose media has not been seen yet. */
function undescribed({ name, title }: ChannelSource): ChannelDescription {
  const base = `/live/${name}/`;
  return { name, title, base, targetDurationMs: 0, master: false, renditions: [] };
}
