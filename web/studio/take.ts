/**
 * Encodes, and cuts into segments. With it come mediabunny and an encoder for AAC, so it is loaded
 * when somebody goes on air.
 */
import {
  BufferTarget,
  canEncodeAudio,
  CmafOutputFormat,
  type EncodedPacket,
  getFirstEncodableVideoCodec,
  HlsOutputFormat,
  MediaStreamAudioTrackSource,
  MediaStreamVideoTrackSource,
  Output,
  PathedTarget,
  type Target,
} from "mediabunny";
import { readPlaylist } from "../../edge/media/playlist_read.ts";
import { type Quality } from "./quality.ts";
import type { Segment } from "./segment_queue.ts";

/** Length of a segment and distance of key frames, s: as of the other sources here. */
const SEGMENT_SECONDS = 2;
const MOST_FRAMES_PER_SECOND = 30;
/**
 * A picture that stood still for longer before a key frame is a break in the timeline, s: a busy
 * machine skips frames. Chromium's HLS fails for good where media is missing between two segments
 * ("Loaded ranges conflict with media time") unless the playlist says so.
 */
const BREAK_SECONDS = 0.25;

/** One run of the encoders: one init segment, one timeline. */
export interface Take {
  /** Resolves when the last segment has been handed over. */
  stop(): Promise<void>;
}

export interface TakeOptions {
  readonly stream: MediaStream;
  readonly quality: Quality;
  /** Of its init segment. */
  readonly initName: string;
  /** Whether its first segment goes on from nothing. */
  readonly discontinuity: boolean;
  readonly emit: (segment: Segment) => void;
  /** An encoder gave up. */
  readonly failed: (error: unknown) => void;
}

/** Throws if this browser can encode nothing that browsers play. */
export async function startTake(options: TakeOptions): Promise<Take> {
  const { stream, quality, initName, emit, failed } = options;
  let { discontinuity } = options;
  const files = new Map<number, Uint8Array<ArrayBuffer>>();
  let init: Uint8Array<ArrayBuffer> | undefined;
  let beganMs = 0;
  /** Where the next segment starts, and where the picture breaks, s since the take began. */
  let start = 0;
  let breaks: number[] = [];
  let emitted = 0;

  const output = new Output({
    format: new HlsOutputFormat({
      segmentFormat: new CmafOutputFormat(),
      targetDuration: SEGMENT_SECONDS,
      live: true,
      maxLiveSegmentCount: 3,
      onInit: (target) => void (init = written(target)),
      onSegment: (target, { n }) => void files.set(n, written(target)),
      // How long a segment is stands in the playlist alone.
      onPlaylist(text) {
        const playlist = readPlaylist(text);
        if (playlist.type !== "media") return;
        for (const { sequence, durationMs } of playlist.segments) {
          const bytes = files.get(sequence + 1);
          if (!bytes || sequence < emitted) continue;
          const end = start + durationMs / 1_000;
          // Sound may begin a little before the picture.
          discontinuity ||= breaks.some((at) => at < end - BREAK_SECONDS);
          breaks = breaks.filter((at) => at >= end - BREAK_SECONDS);
          emit({
            init: { name: initName, bytes: init! },
            bytes,
            startMs: beganMs + Math.round(1_000 * start),
            durationMs,
            discontinuity,
          });
          files.delete(sequence + 1);
          start = end;
          discontinuity = false;
          emitted = sequence + 1;
        }
      },
    }),
    target: new PathedTarget("master.m3u8", () => new BufferTarget()),
  });

  const [picture] = stream.getVideoTracks();
  if (picture && quality.picture) {
    let endSeconds = 0;
    const track = picture as MediaStreamVideoTrack;
    const source = await pictureSource(track, quality.picture, ({ type, timestamp, duration }) => {
      if (type === "key" && timestamp > endSeconds + BREAK_SECONDS) breaks.push(timestamp);
      endSeconds = timestamp + duration;
    });
    source.errorPromise.catch(failed);
    output.addVideoTrack(source);
  }
  const [sound] = stream.getAudioTracks();
  if (sound) {
    await provideAac();
    const source = new MediaStreamAudioTrackSource(sound as MediaStreamAudioTrack, {
      codec: "aac",
      bitrate: quality.sound.bitsPerSecond,
    });
    source.errorPromise.catch(failed);
    output.addAudioTrack(source);
  }
  await output.start();
  beganMs = Date.now();
  return { stop: () => output.finalize() };
}

async function pictureSource(
  track: MediaStreamVideoTrack,
  { lines, bitsPerSecond }: NonNullable<Quality["picture"]>,
  encoded: (packet: EncodedPacket) => void,
): Promise<MediaStreamVideoTrackSource> {
  // The first of these that the browser encodes; all players know the first, most the others.
  const codec = await getFirstEncodableVideoCodec(["avc", "vp9", "av1"]);
  if (codec === null) throw new Error("This browser encodes neither H.264 nor VP9 nor AV1.");
  const { width = lines, height = lines, frameRate = MOST_FRAMES_PER_SECOND } = track.getSettings();
  const shorter = Math.min(lines, width, height);
  return new MediaStreamVideoTrackSource(track, {
    codec,
    bitrate: bitsPerSecond,
    onEncodedPacket: encoded,
    keyFrameInterval: SEGMENT_SECONDS,
    // A phone that is turned, a window that is shared and made larger.
    sizeChangeBehavior: "contain",
    transform: width < height ? { width: shorter } : { height: shorter },
  }, { frameRate: Math.min(frameRate || MOST_FRAMES_PER_SECOND, MOST_FRAMES_PER_SECOND) });
}

/** AAC is what every player knows; browsers without an encoder for it are given one. */
async function provideAac(): Promise<void> {
  if (await canEncodeAudio("aac")) return;
  const { registerAacEncoder } = await import("@mediabunny/aac-encoder");
  registerAacEncoder();
}

function written(target: Target): Uint8Array<ArrayBuffer> {
  return new Uint8Array((target as BufferTarget).buffer!);
}
