import type { ChannelState } from "../protocol/channel.ts";
import type { SwarmEvent } from "./events.ts";
import type { Station } from "./radio/station.ts";

/** Media of one channel: from its source into the live window, and out by HTTP. */
export interface ChannelOrigin {
  readonly name: string;
  readonly title: string;
  /** What the swarm has to say. */
  handle(event: SwarmEvent): void;
  /** Answers a GET or HEAD below the channel's base; `path` is relative, such as `r0/882.m4s`. */
  respond(path: string, request: Request): Promise<Response>;
  /** The bytes of a segment or an init segment that is held just now. */
  read?(path: string): Uint8Array<ArrayBuffer> | undefined;
  /** Answers a GET or HEAD of the channel as one endless stream. */
  listen(request: Request): Promise<Response>;
  /** Only where a source sends: answers PUT, POST and DELETE of `path` below the ingest address. */
  ingest?(path: string, request: Request, from: Contributor): Promise<Response>;
  /** What its source says of itself just now, such as by `ice-name` and its like. */
  words?(): SourceWords;
  /** Only of a programme: what is on now, and what then. */
  onNow?(): OnNow;
  /**
   * Only where a source sends: takes one endless stream. Resolves with the answer for the source when
   * the stream has ended.
   */
  receive?(request: Request, from: Contributor): Promise<Response>;
  /** Says what the stream plays from now on; `false` while there is none. */
  retitle?(title: string): boolean;
  stats(): OriginStats;
  /** For good. Resolves when nothing of it runs any more: no timer, no fetch, no hashing. */
  stop(): Promise<void>;
}

/** As the source has sent it: nothing is checked. */
export type SourceWords = Readonly<
  Partial<Record<"title" | "description" | "genre" | "language", string>>
>;

/** What a programme plays; what is not known is left out. */
export interface OnNow {
  readonly now?: ProgrammeItem;
  readonly next?: ProgrammeItem;
}

/** Times are ms since 1970. */
export interface ProgrammeItem {
  readonly title: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** Who sends media. */
export interface Contributor {
  /** Tells one source from another. */
  readonly id: string;
  /** Whether it takes the place of another that is on air. */
  readonly takesOver: boolean;
}

export interface OriginStats {
  readonly state: ChannelState;
  /** For people: why the state is what it is. */
  readonly detail?: string;
  /** Since when the channel is on air, interruptions that it came back from counted in, ms since 1970. */
  readonly sinceMs?: number;
  /** What the source says of itself, and of what is played. */
  readonly station?: Station & { readonly playing?: string };
  readonly window: { readonly segments: number; readonly bytes: number; readonly newest?: number };
  /** Body bytes sent. */
  readonly sent: {
    readonly segments: number;
    readonly ranges: number;
    readonly inits: number;
    readonly playlists: number;
    /** Endless ones. */
    readonly streams: number;
  };
  readonly requests: {
    readonly segments: number;
    readonly ranges: number;
    readonly inits: number;
    readonly playlists: number;
    /** Endless ones. */
    readonly streams: number;
  };
  readonly upstream?: {
    readonly requests: number;
    readonly bytes: number;
    readonly failures: number;
  };
}
