import type { ChannelDescription, Rendition } from "../protocol/channel.ts";
import { discontinuitySequence } from "./discontinuity_sequence.ts";

/** One segment of a media playlist to be written. Times are ms. */
export interface ListedSegment {
  /** As it shall stand in the playlist. */
  readonly uri: string;
  readonly sequence: number;
  readonly startMs: number;
  readonly durationMs: number;
  /** The timeline breaks before this segment. */
  readonly discontinuity: boolean;
  /** Init segment that it needs, as it shall stand in the playlist. */
  readonly initUri?: string;
}

export interface MediaPlaylistContent {
  readonly targetDurationMs: number;
  /** In the order of their sequence numbers. */
  readonly segments: readonly ListedSegment[];
  /** Of the rendition that is listed. */
  readonly lastDiscontinuity?: Rendition["lastDiscontinuity"];
  /** What follows on `segments` and is known, but not listed. */
  readonly unlisted?: readonly Pick<ListedSegment, "sequence" | "discontinuity">[];
  /** No segment will follow. */
  readonly endList?: boolean;
}

/**
 * A live media playlist, RFC 8216bis §4.4.3 and §4.4.4. A playlist numbers its segments without
 * holes, so what stands before a hole in the sequence numbers is left out.
 */
export function writeMediaPlaylist(content: MediaPlaylistContent): string {
  const { targetDurationMs, segments, unlisted = [], endList = false } = content;
  const from = segments.findLastIndex((one, at) => one.sequence - 1 !== segments[at - 1]?.sequence);
  const listed = segments.slice(Math.max(0, from));
  const gone = discontinuitySequence(content.lastDiscontinuity, [...listed, ...unlisted]);

  const lines = [
    "#EXTM3U",
    "#EXT-X-VERSION:7",
    "#EXT-X-INDEPENDENT-SEGMENTS",
    `#EXT-X-TARGETDURATION:${Math.ceil(targetDurationMs / 1000)}`,
    `#EXT-X-MEDIA-SEQUENCE:${listed[0]?.sequence ?? 0}`,
  ];
  if (gone > 0) lines.push(`#EXT-X-DISCONTINUITY-SEQUENCE:${gone}`);
  listed.forEach((segment, at) => {
    if (segment.discontinuity) lines.push("#EXT-X-DISCONTINUITY");
    if (segment.initUri !== undefined && segment.initUri !== listed[at - 1]?.initUri) {
      lines.push(`#EXT-X-MAP:URI="${segment.initUri}"`);
    }
    lines.push(
      `#EXT-X-PROGRAM-DATE-TIME:${new Date(segment.startMs).toISOString()}`,
      `#EXTINF:${(segment.durationMs / 1000).toFixed(3)},`,
      segment.uri,
    );
  });
  if (endList) lines.push("#EXT-X-ENDLIST");
  return lines.join("\n") + "\n";
}

/** The master playlist of a channel, RFC 8216bis §4.4.6; `resolve` turns a path below the base into a URI. */
export function writeMasterPlaylist(
  description: ChannelDescription,
  resolve: (path: string) => string,
): string {
  const lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"];
  for (const { kind, attributes, playlist } of description.renditions) {
    if (kind === "audio") lines.push(`#EXT-X-MEDIA:${attributes},URI="${resolve(playlist)}"`);
  }
  for (const { kind, attributes, playlist } of description.renditions) {
    if (kind === "main") lines.push(`#EXT-X-STREAM-INF:${attributes}`, resolve(playlist));
  }
  return lines.join("\n") + "\n";
}

/** The path of the init segment that units of `epoch` need, or `undefined` where none is needed. */
export function initUriOf(rendition: Rendition, epoch: number): string | undefined {
  return rendition.inits.filter((init) => init.epoch <= epoch)
    .sort((a, b) => b.epoch - a.epoch)[0]?.uri;
}
