import type { ChannelState } from "../protocol/channel.ts";
import type { RenditionFacts } from "./broadcast_watch.ts";
import type { ProgrammeItem } from "../origin/channel_origin.ts";
import type { RecordingState } from "./recorder.ts";
import type { Channel } from "./channels.ts";
import type { ChannelInfo } from "./channel_info.ts";
import { addressOf } from "./watch_key.ts";

/** One channel in the directory, as `/api/channels` tells of it. */
export interface ChannelEntry {
  readonly name: string;
  readonly title: string;
  readonly description?: string;
  readonly genre?: string;
  /** BCP 47 */
  readonly language?: string;
  readonly visibility: NonNullable<ChannelInfo["visibility"]>;
  readonly state: ChannelState;
  /** For people: why the state is what it is. */
  readonly detail?: string;
  /** Peers in the swarm. */
  readonly viewers: number;
  /** Since when it is on air, short interruptions counted in, ms since 1970. */
  readonly sinceMs?: number;
  /** Of the best rendition with its sound, bit/s. */
  readonly bitrate?: number;
  readonly renditions: readonly RenditionFacts[];
  /** Of a programme: what is on, and what comes then. */
  readonly now?: ProgrammeItem;
  readonly next?: ProgrammeItem;
  /** What plays, as the source says, while it is on air. */
  readonly playing?: string;
  /** Whether sources go on air here with a key: broadcasts begin and end. */
  readonly ingest: boolean;
  /** Where it is recorded: what becomes of the broadcast that is on air. */
  readonly recording?: RecordingState;
  /** Paths on this edge; of a private channel with its key. */
  readonly watch: string;
  readonly playlist: string;
  readonly stream: string;
  /** The one of these two that elements and players play. */
  readonly media: string;
  readonly poster: string;
  /** One picture of what is on air just now, as an MP4; absent where the channel has one of its own. */
  readonly still?: string;
}

/** What stands for the channel in other paths. */
export function addressIn({ watch }: ChannelEntry): string {
  return watch.slice("/watch/".length);
}

/** HLS has no Ogg and no WebM, and browsers' own HLS has no packed audio (RFC 8216bis §3.1.4). */
function isEndlessOnly({ kind, container }: RenditionFacts): boolean {
  return kind === "main" && container !== "fmp4" && container !== "ts";
}

export function channelEntry(channel: Channel): ChannelEntry {
  const { name, title, state, detail, viewers, sinceMs, station } = channel.stats();
  const { visibility = "public", ...words } = channel.info();
  const address = addressOf(channel);
  const [playlist, stream] = [`/live/${address}/index.m3u8`, `/stream/${address}`];
  const bitrate = channel.broadcast.bitrate();
  const renditions = channel.broadcast.renditions();
  const pictured = channel.poster !== undefined || channel.owner.hasPicture();
  const stills = state === "on-air" && renditions.some(({ container }) => container === "fmp4");
  return {
    name,
    ...words,
    title,
    visibility,
    state,
    ...(detail === undefined ? {} : { detail }),
    viewers,
    ...(sinceMs === undefined ? {} : { sinceMs }),
    ...(bitrate === undefined ? {} : { bitrate }),
    renditions,
    ...channel.origin.onNow?.(),
    ...(state === "on-air" && station?.playing !== undefined ? { playing: station.playing } : {}),
    ingest: channel.key !== undefined,
    ...(channel.recorder ? { recording: channel.recorder.state() } : {}),
    watch: `/watch/${address}`,
    playlist,
    stream,
    media: renditions.some(isEndlessOnly) ? stream : playlist,
    poster: `/live/${address}/poster`,
    ...(stills && !pictured ? { still: `/live/${address}/still.mp4` } : {}),
  };
}
