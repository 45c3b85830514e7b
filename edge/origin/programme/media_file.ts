/** Any file that is played, as segments of fragmented MP4 that follow from the file alone. */
import {
  ADTS,
  CustomSource,
  type EncodedPacket,
  EncodedPacketSink,
  Input,
  type InputAudioTrack,
  type InputTrack,
  type InputVideoTrack,
  MATROSKA,
  MP3,
  MP4,
  QTFF,
  WEBM,
} from "mediabunny";
import { CodedError } from "../../media/coded_error.ts";
import { type AddTrack, writeFragmented } from "./fragment_writer.ts";
import { splitFragments } from "../../media/mp4_fragments.ts";
import { withoutDates } from "../../media/mp4_dates.ts";
import type { RangedFile } from "./ranged_file.ts";

/** A file as it is put on air. Times are ms from its beginning. All reject with a `CodedError`. */
export interface MediaFile {
  readonly lengthMs: number;
  init(): Promise<Uint8Array<ArrayBuffer>>;
  /** The segment that `atMs` is in, if nothing ends before; the same for all moments within it. */
  segmentAt(atMs: number): Promise<FileSegment>;
  /** One movie fragment with what is shown and heard from `startMs` up to `endMs`. */
  fragment(span: FileSegment): Promise<Uint8Array<ArrayBuffer> | undefined>;
  close(): void;
}

export interface FileSegment {
  readonly startMs: number;
  readonly endMs: number;
}

/** Segments begin with the keyframes that are nearest to multiples of this, ms. */
const GRID_MS = 2_000;
/** As for streams: see `CUTTER_LIMITS`. */
const LONGEST_SEGMENT_MS = 30_000;
const MAX_SEGMENT_BYTES = 16 * 1024 * 1024;
/** What rounding to ms may cost, ms. */
const ROUNDING_MS = 1;

const FORMATS = [MP4, QTFF, WEBM, MATROSKA, MP3, ADTS];
/** What browsers play out of MP4. */
const VIDEO_CODECS = ["avc", "hevc", "vp9", "av1"];
const AUDIO_CODECS = ["aac", "mp3", "opus", "flac"];
const SUPPORTED =
  "Use MP4 with H.264 and AAC, which all browsers play; WebM, MP3 and AAC are taken too, " +
  "and H.265, VP9, AV1, Opus and FLAC where the browsers play them.";

/** Opens a file. Rejects with a `CodedError`. */
export async function openMediaFile(file: RangedFile): Promise<MediaFile> {
  /** What reading failed with: the library wraps it. */
  let failure: CodedError | undefined;
  const input = new Input({
    formats: FORMATS,
    source: new CustomSource({
      getSize: () => file.length,
      async read(from, to) {
        try {
          return await file.read(from, to);
        } catch (error) {
          if (error instanceof CodedError) failure = error;
          throw error;
        }
      },
    }),
  });

  /** Turns whatever the library throws into something to act on. */
  async function reading<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      const known = error instanceof CodedError ? error : failure;
      failure = undefined;
      throw known ?? broken((error as Error).message);
    }
  }

  try {
    return await reading(() => open(input, reading));
  } catch (error) {
    input.dispose();
    throw error;
  }
}

type Reading = <T>(read: () => Promise<T>) => Promise<T>;

async function open(input: Input, reading: Reading): Promise<MediaFile> {
  if (!(await input.canRead())) throw unsupported("The file is of no kind that is known here");
  const video = await input.getPrimaryVideoTrack();
  const audio = await input.getPrimaryAudioTrack();
  const leading = video ?? audio;
  if (!leading) throw unsupported("The file has neither pictures nor sound");
  const tracks: readonly (InputVideoTrack | InputAudioTrack)[] = [video, audio]
    .filter((track) => track !== null);
  for (const track of tracks) await checkCodec(track);
  const firstS = await leading.getFirstTimestamp();
  // A film's last picture tells; sound is as long as its header says, or read through.
  const endS = await (video ?? undefined)?.computeDuration() ??
    await leading.getDurationFromMetadata() ?? await leading.computeDuration();
  const lengthMs = Math.ceil((endS - firstS) * 1000);
  if (lengthMs <= 0) throw broken("it has no length");

  const sink = new EncodedPacketSink(leading);
  const toMs = (s: number) => Math.round((s - firstS) * 1000);
  const toS = (ms: number) => ms / 1000 + firstS;
  const boundaries = new Map<number, Promise<number>>();

  /** Where the segment begins that comes nearest to the grid, ms. */
  async function findBoundary(number: number): Promise<number> {
    const gridMs = number * GRID_MS;
    if (gridMs <= 0) return 0;
    if (gridMs >= lengthMs) return lengthMs;
    const options = { metadataOnly: true };
    const before = await sink.getKeyPacket(toS(gridMs + ROUNDING_MS), options) ??
      await sink.getFirstKeyPacket(options);
    const after = before && await sink.getNextKeyPacket(before, options);
    const beforeMs = before ? Math.max(0, toMs(before.timestamp)) : 0;
    const afterMs = after ? Math.min(lengthMs, toMs(after.timestamp)) : lengthMs;
    return gridMs - beforeMs <= afterMs - gridMs ? beforeMs : afterMs;
  }

  function boundary(number: number): Promise<number> {
    const known = boundaries.get(number) ?? findBoundary(number);
    boundaries.set(number, known);
    known.catch(() => boundaries.delete(number));
    return known;
  }

  async function segmentAt(atMs: number): Promise<FileSegment> {
    let number = Math.floor(atMs / GRID_MS);
    while (await boundary(number) > atMs) number--;
    while (await boundary(number + 1) <= atMs) number++;
    const span = { startMs: await boundary(number), endMs: await boundary(number + 1) };
    if (span.endMs - span.startMs > LONGEST_SEGMENT_MS) throw rareKeyframes();
    return span;
  }

  /** The packets of a track in a span, in the order of decoding, their times counted from the file's begin. */
  async function* packets(
    track: InputTrack,
    { startMs, endMs }: FileSegment,
  ): AsyncGenerator<EncodedPacket> {
    const own = new EncodedPacketSink(track);
    const beginS = toS(startMs);
    const leads = track === leading;
    const at = leads ? toS(startMs + ROUNDING_MS) : beginS;
    let packet = await (leads ? own.getKeyPacket(at) : own.getPacket(at));
    // Nothing is at the very beginning.
    if (startMs === 0) packet ??= await own.getFirstKeyPacket();
    if (leads && !packet) throw broken(`it ends before ${startMs / 1000} s`);
    let bytes = 0;
    for (; packet; packet = await own.getNextPacket(packet)) {
      const ms = (packet.timestamp - firstS) * 1000;
      if (ms >= endMs - ROUNDING_MS) return;
      // Sound that began before belongs to the segment before, or is only there to be decoded.
      if (!leads && packet.timestamp < beginS - ROUNDING_MS / 1000) continue;
      // What does not end with the file would overlap what comes next.
      const lasts = track.isAudioTrack() && endMs >= lengthMs ? packet.duration * 1000 : 0;
      if (lasts > 0 && ms + lasts > endMs + ROUNDING_MS) return;
      bytes += packet.byteLength;
      if (bytes > MAX_SEGMENT_BYTES) throw tooLarge();
      yield packet.clone({ timestamp: Math.max(0, packet.timestamp - firstS) });
    }
  }

  async function write(span: FileSegment, most?: number) {
    const written: AddTrack[] = [];
    for (const track of tracks) {
      written.push({
        track,
        packets: limited(packets(track, span), most),
      });
    }
    return splitFragments(await writeFragmented(written));
  }

  return {
    lengthMs,
    init: () =>
      reading(async () => {
        const { init } = await write(await segmentAt(0), 1);
        return withoutDates(init);
      }),
    segmentAt: (atMs) => reading(() => segmentAt(atMs)),
    fragment: (span) =>
      reading(async () => {
        const { fragments } = await write(span);
        return fragments[0]?.slice();
      }),
    close: () => input.dispose(),
  };
}

async function* limited<T>(all: AsyncIterable<T>, most = Infinity): AsyncGenerator<T> {
  let count = 0;
  for await (const one of all) {
    if (count++ >= most) return;
    yield one;
  }
}

async function checkCodec(track: InputVideoTrack | InputAudioTrack): Promise<void> {
  const codec = await track.getCodec();
  const known = track.isVideoTrack() ? VIDEO_CODECS : AUDIO_CODECS;
  if (codec !== null && known.includes(codec)) return;
  const name = codec ?? `${await track.getInternalCodecId() ?? "an unknown codec"}`;
  const kind = track.isVideoTrack() ? "pictures" : "sound";
  throw unsupported(`The file's ${kind} are coded as ${name}`.replace("sound are", "sound is"));
}

function unsupported(what: string): CodedError {
  return new CodedError("unsupported-media", `${what}.`, SUPPORTED);
}

function broken(why: string): CodedError {
  return new CodedError(
    "file-broken",
    `The file cannot be read (${why.replace(/\.$/, "")}).`,
    "Play it from its address in a player, and make it again if it does not.",
  );
}

function rareKeyframes(): CodedError {
  return new CodedError(
    "keyframes-too-rare",
    `There is no keyframe for more than ${LONGEST_SEGMENT_MS / 1000} seconds.`,
    "Make the file with a keyframe every 2 seconds (ffmpeg: -g, in frames).",
  );
}

function tooLarge(): CodedError {
  return new CodedError(
    "segment-too-large",
    `A segment has more than ${MAX_SEGMENT_BYTES} bytes.`,
    "Make the file with more keyframes, or with a lower bitrate.",
  );
}
