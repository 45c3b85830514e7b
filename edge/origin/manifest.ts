import { readTracks, type Track } from "../media/mp4_tracks.ts";
import { type Representation, writeMpd } from "../media/mpd_write.ts";
import { attribute, readAttributes } from "../media/playlist_attributes.ts";
import { initUriOf } from "../media/playlist_write.ts";
import type { ChannelDescription, Rendition } from "../protocol/channel.ts";
import type { LiveWindow, WindowSegment } from "./live_window.ts";
import { mediaTimes } from "./media_times.ts";
import { listedSegments } from "./rendition_playlist.ts";

export interface ManifestSource {
  readonly window: LiveWindow;
  /** By path. */
  readonly inits: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  readonly description: ChannelDescription;
  readonly nowMs: number;
  readonly ended: boolean;
}

interface Listed {
  readonly representation: Representation;
  readonly newest: WindowSegment;
}

/**
 * A channel as a live DASH manifest; `undefined` while there is nothing to list, or where a rendition
 * is not fragmented MP4. It lists what follows the newest break of the timeline.
 */
export function channelManifest(source: ManifestSource): string | undefined {
  const listed = source.description.renditions.map((rendition) => listOf(rendition, source));
  const first = listed[0];
  if (!first || listed.includes(undefined)) return undefined;
  const { newest, representation: { segments, timescale } } = first;
  return writeMpd({
    mediaStartMs: newest.entry.startMs - Math.round(segments.at(-1)!.time / timescale * 1000),
    nowMs: source.nowMs,
    targetDurationMs: source.description.targetDurationMs,
    period: `${newest.entry.unit.epoch}`,
    representations: listed.map((one) => one!.representation),
    ended: source.ended,
  });
}

function listOf(
  rendition: Rendition,
  { window, inits, description }: ManifestSource,
): Listed | undefined {
  const segments = unbroken(
    window.newest(rendition.id, listedSegments(description.targetDurationMs)),
  );
  const newest = segments.at(-1);
  const init = newest && initUriOf(rendition, newest.entry.unit.epoch);
  const initBytes = init === undefined ? undefined : inits.get(init);
  if (!newest || init === undefined || !initBytes) return undefined;
  const tracks = readTracks(initBytes);
  const track = tracks.find(({ kind }) => kind === "video") ?? tracks[0];
  const times = segments.map((segment) => track && mediaTimes(segment, track, tracks));
  if (!track || times.includes(undefined)) return undefined;
  const attributes = readAttributes(rendition.attributes) ?? [];
  const bits = segments.reduce((sum, { bytes }) => sum + bytes.length * 8, 0);
  const ms = segments.reduce((sum, { entry }) => sum + entry.durationMs, 0);
  return {
    newest,
    representation: {
      id: `r${rendition.id}`,
      kind: track.kind === "video" ? "video" : "audio",
      codecs: codecsOf(tracks) ?? attribute(attributes, "CODECS") ?? "",
      bandwidth: Math.round(bits / ms * 1000),
      ...(track.size ? { size: track.size } : {}),
      timescale: track.timescale,
      init,
      media: newest.entry.uri.replace(/\d+(\.\w+)$/, "$Number$$$1"),
      segments: segments.map(({ entry }, at) => ({ number: entry.unit.sequence, ...times[at]! })),
    },
  };
}

/** What follows the last break or hole. */
function unbroken(segments: readonly WindowSegment[]): readonly WindowSegment[] {
  const from = segments.findLastIndex(({ entry }, at) =>
    entry.discontinuity || segments[at - 1]?.entry.unit.sequence !== entry.unit.sequence - 1
  );
  return segments.slice(Math.max(0, from));
}

function codecsOf(tracks: readonly Track[]): string | undefined {
  const codecs = tracks.map(({ codec }) => codec);
  return codecs.includes(undefined) ? undefined : codecs.join(",");
}
