import type { ChannelOrigin } from "../origin/channel_origin.ts";
import type { OriginEvent } from "../origin/events.ts";
import type { Platform } from "../platform/platform.ts";

/** Where the media of a channel comes from: what a channel is made of when the edge starts. */
export interface ChannelSource {
  readonly name: string;
  /** For people. */
  readonly title: string;
  /** Its picture among the built files; one is drawn for channels without. */
  readonly poster?: string;
  /** What a source must show to go on air here; absent where nobody can. */
  readonly key?: string;
  open(context: { platform: Platform; emit: (event: OriginEvent) => void }): ChannelOrigin;
}
