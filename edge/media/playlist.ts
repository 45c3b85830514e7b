/** What an HLS playlist says (RFC 8216bis §4). URIs are as they stand there, not yet resolved. */
import { CodedError } from "./coded_error.ts";
import type { Attribute } from "./playlist_attributes.ts";

export type Playlist = MediaPlaylist | MasterPlaylist;

export interface MediaPlaylist {
  readonly type: "media";
  /** EXT-X-TARGETDURATION, ms */
  readonly targetDurationMs: number;
  /** Number of the first segment. */
  readonly mediaSequence: number;
  readonly discontinuitySequence: number;
  readonly segments: readonly PlaylistSegment[];
  /** No segment will follow. */
  readonly endList: boolean;
}

export interface PlaylistSegment {
  readonly uri: string;
  readonly sequence: number;
  /** To the microsecond. */
  readonly durationMs: number;
  /** The timeline breaks before this segment. */
  readonly discontinuity: boolean;
  /** EXT-X-KEY with a method other than NONE applies. */
  readonly encrypted: boolean;
  /** EXT-X-GAP: there is nothing to fetch. */
  readonly gap: boolean;
  /** Wall-clock time of the first frame, ms since 1970; carried on from an earlier segment where only that has it. */
  readonly programDateTimeMs?: number;
  readonly byteRange?: ByteRange;
  readonly init?: InitSegment;
}

export interface InitSegment {
  readonly uri: string;
  readonly byteRange?: ByteRange;
}

/** bytes */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

export interface MasterPlaylist {
  readonly type: "master";
  /** EXT-X-STREAM-INF */
  readonly variants: readonly Variant[];
  /** EXT-X-MEDIA */
  readonly media: readonly MediaRendition[];
}

export interface Variant {
  readonly uri: string;
  readonly attributes: readonly Attribute[];
}

export interface MediaRendition {
  /** `AUDIO`, `SUBTITLES`, … */
  readonly type: string;
  readonly groupId: string;
  /** Absent where the media is inside the variant itself. */
  readonly uri?: string;
  /** All attributes but the URI. */
  readonly attributes: readonly Attribute[];
}

export class PlaylistError extends CodedError {
  declare readonly code: "playlist-not-hls" | "playlist-malformed";
  /** Counted from 1. */
  readonly line: number;

  constructor(code: "playlist-not-hls" | "playlist-malformed", line: number, message: string) {
    super(
      code,
      `Line ${line}: ${message}.`,
      code === "playlist-not-hls"
        ? "Give the address of an HLS playlist; opened in a browser or with curl it starts with #EXTM3U."
        : "Check what writes the playlist against RFC 8216, or try it with another player.",
    );
    this.line = line;
  }
}
