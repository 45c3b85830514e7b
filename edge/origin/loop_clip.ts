import {
  type FragmentedFile,
  readTrackFragments,
  splitFragments,
  type TrackFragment,
} from "../media/mp4_fragments.ts";
import { retimeFragment } from "../media/mp4_retime.ts";
import { readTracks, type Track } from "../media/mp4_tracks.ts";
import { CodedError } from "../media/coded_error.ts";

/** A clip that joins its own end, as segments that go on for ever. */
export interface LoopClip {
  readonly init: Uint8Array<ArrayBuffer>;
  /** Every segment is this long, ms. */
  readonly segmentMs: number;
  /** For EXT-X-STREAM-INF. */
  readonly attributes: string;
  /**
   * Segment `sequence` of the endless stream, which covers the Unix times from
   * `sequence × segmentMs` on; decode times count from 1970. The same bytes on every call.
   */
  segment(sequence: number): Uint8Array<ArrayBuffer>;
}

/**
 * Takes a fragmented MP4 for an endless loop. All its tracks must last the same whole number of
 * milliseconds, and its fragments must share that evenly. Throws `CodedError`.
 */
export function openLoopClip(file: Uint8Array): LoopClip {
  const { init, fragments } = splitFragments(file);
  const tracks = readTracks(init);
  const timings = fragments.map((fragment) => readTrackFragments(fragment, tracks));
  const loopMs = loopDuration(tracks, timings);
  const segmentMs = loopMs / fragments.length;
  if (!Number.isInteger(segmentMs)) {
    throw notLoopable(`${fragments.length} fragments do not share ${loopMs} ms evenly`);
  }
  const loopTicks = new Map(
    tracks.map((track) => [track.id, ticksOf(track, timings)] as const),
  );
  return {
    init: init.slice(),
    segmentMs,
    attributes: describeLoop({ init, fragments }, tracks, timings, segmentMs),
    segment(sequence) {
      const loop = Math.floor(sequence / fragments.length);
      return retimeFragment(fragments[sequence % fragments.length]!, {
        sequence,
        decodeTime: (trackId, was) => loop * loopTicks.get(trackId)! + was,
      });
    },
  };
}

function ticksOf(track: Track, timings: readonly TrackFragment[][]): number {
  return timings.flat().filter((one) => one.trackId === track.id)
    .reduce((sum, one) => sum + one.duration, 0);
}

/** ms */
function loopDuration(tracks: readonly Track[], timings: readonly TrackFragment[][]): number {
  const [first = 0, ...others] = tracks.map((track) =>
    ticksOf(track, timings) * 1000 / track.timescale
  );
  if (!Number.isInteger(first) || first === 0 || others.some((other) => other !== first)) {
    throw notLoopable(`its tracks last ${[first, ...others].join(" and ")} ms`);
  }
  return first;
}

function describeLoop(
  { fragments }: FragmentedFile,
  tracks: readonly Track[],
  timings: readonly TrackFragment[][],
  segmentMs: number,
): string {
  const rates = fragments.map((fragment) => Math.ceil(fragment.length * 8000 / segmentMs));
  const average = rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  const list = [
    `BANDWIDTH=${Math.max(...rates)}`,
    `AVERAGE-BANDWIDTH=${Math.ceil(average)}`,
  ];
  const codecs = tracks.flatMap(({ codec }) => codec === undefined ? [] : [codec]);
  if (codecs.length === tracks.length) list.push(`CODECS="${codecs.join(",")}"`);
  const video = tracks.find((track) => track.kind === "video");
  if (video?.size) {
    const frames = timings.flat().filter((one) => one.trackId === video.id)
      .reduce((sum, one) => sum + one.samples, 0);
    const rate = frames * 1000 / (segmentMs * fragments.length);
    list.push(`RESOLUTION=${video.size.width}x${video.size.height}`);
    list.push(`FRAME-RATE=${rate.toFixed(3)}`);
  }
  return list.join(",");
}

function notLoopable(what: string): CodedError {
  return new CodedError(
    "clip-not-loopable",
    `The clip cannot be looped: ${what}.`,
    "Make all tracks equally long, in fragments of equal length.",
  );
}
