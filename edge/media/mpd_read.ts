/** DASH manifests (ISO/IEC 23009-1 §5.3) as far as live encoders write them, read as HLS playlists. */
import { XMLParser, XMLValidator } from "fast-xml-parser";
import * as v from "valibot";
import { CodedError } from "./coded_error.ts";
import type { MasterPlaylist, MediaPlaylist, PlaylistSegment } from "./playlist.ts";
import type { Attribute } from "./playlist_attributes.ts";

/** What a manifest says, as a master playlist and one media playlist for each representation. */
export interface Manifest {
  /** Its URIs are those of `media`: names only, nothing lies there. */
  readonly master: MasterPlaylist;
  readonly media: readonly { readonly uri: string; readonly playlist: MediaPlaylist }[];
}

export class MpdError extends CodedError {
  constructor(code: "mpd-malformed" | "mpd-unsupported", message: string) {
    super(
      code,
      message,
      "Write it as ffmpeg -f dash does: one period, a SegmentTemplate with a SegmentTimeline, MP4.",
    );
  }
}

const text = v.string();
const count = v.pipe(v.string(), v.regex(/^\d{1,15}$/), v.transform(Number));
const Timeline = v.object({
  S: v.array(v.object({
    t: v.optional(count),
    d: v.pipe(count, v.minValue(1)),
    r: v.optional(count, "0"),
  })),
});
const Template = v.object({
  timescale: v.optional(v.pipe(count, v.minValue(1)), "1"),
  presentationTimeOffset: v.optional(count, "0"),
  startNumber: v.optional(count, "1"),
  initialization: text,
  media: text,
  SegmentTimeline: Timeline,
});
const Representation = v.object({
  id: text,
  bandwidth: v.optional(count, "0"),
  codecs: v.optional(text),
  mimeType: v.optional(text),
  width: v.optional(count),
  height: v.optional(count),
  SegmentTemplate: v.optional(Template),
});
const AdaptationSet = v.object({
  contentType: v.optional(text),
  mimeType: v.optional(text),
  codecs: v.optional(text),
  lang: v.optional(text),
  SegmentTemplate: v.optional(Template),
  Representation: v.array(Representation),
});
const Mpd = v.object({
  MPD: v.object({
    type: v.optional(text, "static"),
    availabilityStartTime: v.optional(text),
    Period: v.pipe(
      v.array(v.object({ start: v.optional(text), AdaptationSet: v.array(AdaptationSet) })),
      v.length(1),
    ),
  }),
});

const LISTS = ["Period", "AdaptationSet", "Representation", "S"];
/** Of all representations together, more than a day of segments of a second: a manifest must not make us count for long. */
const MAX_SEGMENTS = 100_000;
/** Longer than any server takes, characters. */
const MAX_URI = 2_000;

/** Reads a manifest. Throws `MpdError`, nothing else. */
export function readMpd(source: string): Manifest {
  const { type, availabilityStartTime, Period: [period] } = parse(source).MPD;
  const startMs = (availabilityStartTime ? Date.parse(availabilityStartTime) : NaN) +
    duration(period!.start ?? "PT0S");
  let left = MAX_SEGMENTS;
  const spend = (segments: number) => {
    left -= segments;
    if (left < 0) throw unsupported("The manifest lists too many segments");
  };
  const streams = period!.AdaptationSet.flatMap((set) =>
    set.Representation.map((representation): Stream => {
      const template = representation.SegmentTemplate ?? set.SegmentTemplate;
      const mimeType = representation.mimeType ?? set.mimeType ?? "";
      if (!template) {
        throw unsupported(`Representation ${representation.id} has no SegmentTemplate`);
      }
      if (!/^(video|audio)\/mp4$/.test(mimeType)) {
        throw unsupported(`Representation ${representation.id} is ${mimeType || "of no type"}`);
      }
      return {
        ...representation,
        kind: mimeType.startsWith("video") ? "video" : "audio",
        codecs: representation.codecs ?? set.codecs,
        language: set.lang === "und" ? undefined : set.lang,
        uri: `${encodeURIComponent(representation.id)}.m3u8`,
        playlist: mediaPlaylist(representation, template, {
          startMs,
          endList: type === "static",
          spend,
        }),
      };
    })
  );
  return { master: masterPlaylist(streams), media: streams };
}

interface Stream extends Omit<v.InferOutput<typeof Representation>, "codecs"> {
  readonly kind: "video" | "audio";
  readonly codecs: string | undefined;
  readonly language: string | undefined;
  readonly uri: string;
  readonly playlist: MediaPlaylist;
}

function parse(source: string): v.InferOutput<typeof Mpd> {
  const valid = XMLValidator.validate(source);
  if (valid !== true) {
    const { line, msg } = valid.err;
    throw new MpdError("mpd-malformed", `Line ${line} of the manifest is no XML (${msg})`);
  }
  let tree: unknown;
  try {
    tree = new XMLParser({
      ignoreAttributes: false,
      attributeNamePrefix: "",
      parseAttributeValue: false,
      removeNSPrefix: true,
      processEntities: false,
      isArray: (name) => LISTS.includes(name),
    }).parse(source);
  } catch (error) {
    throw new MpdError("mpd-malformed", `The manifest is no XML (${(error as Error).message}).`);
  }
  const result = v.safeParse(Mpd, tree);
  if (result.success) return result.output;
  const issue = result.issues[0];
  const where = v.getDotPath(issue) ?? "MPD";
  throw new MpdError("mpd-malformed", `${where} of the manifest is not as it should be.`);
}

/** `startMs` is `NaN` where the manifest has no wall clock; `spend` is told of segments before they are made. */
function mediaPlaylist(
  representation: v.InferOutput<typeof Representation>,
  template: v.InferOutput<typeof Template>,
  { startMs, endList, spend }: {
    startMs: number;
    endList: boolean;
    spend: (segments: number) => void;
  },
): MediaPlaylist {
  const { timescale, presentationTimeOffset, startNumber } = template;
  const init = { uri: fill(template.initialization, representation, 0, 0) };
  const segments: PlaylistSegment[] = [];
  let time = 0;
  for (const { t = time, d, r } of template.SegmentTimeline.S) {
    spend(r + 1);
    time = t;
    for (let repeat = 0; repeat <= r; repeat++, time += d) {
      const sequence = startNumber + segments.length;
      const atMs = startMs + (time - presentationTimeOffset) / timescale * 1000;
      segments.push({
        uri: fill(template.media, representation, sequence, time),
        sequence,
        durationMs: d / timescale * 1000,
        discontinuity: false,
        encrypted: false,
        gap: false,
        init,
        ...(Number.isNaN(atMs) ? {} : { programDateTimeMs: atMs }),
      });
    }
  }
  return {
    type: "media",
    targetDurationMs: Math.max(0, ...segments.slice(-64).map(({ durationMs }) => durationMs)),
    mediaSequence: startNumber,
    discontinuitySequence: 0,
    segments,
    endList,
  };
}

/** Fills in a template, ISO/IEC 23009-1 §5.3.9.4.4. Throws `MpdError`. */
function fill(
  template: string,
  { id, bandwidth }: { id: string; bandwidth: number },
  number: number,
  time: number,
): string {
  const values: Record<string, string | number> = {
    RepresentationID: id,
    Bandwidth: bandwidth,
    Number: number,
    Time: time,
  };
  const filled = template.replace(
    /\$(?:(\w+)(?:%0(\d{1,2})d)?)?\$/g,
    (all, name?: string, width = "1") => {
      if (all === "$$") return "$";
      const value = values[name ?? ""];
      return value === undefined ? all : String(value).padStart(Number(width), "0");
    },
  );
  if (filled.length > MAX_URI) throw unsupported("The manifest has an address of no use");
  return filled;
}

function masterPlaylist(streams: readonly Stream[]): MasterPlaylist {
  const audio = streams.filter(({ kind }) => kind === "audio");
  const video = streams.filter(({ kind }) => kind === "video");
  const main = video.length > 0 ? video : audio;
  const beside = video.length > 0 ? audio : [];
  const beyond = beside[0];
  return {
    type: "master",
    variants: main.map(({ uri, bandwidth, codecs, width, height }) => ({
      uri,
      attributes: [
        plain("BANDWIDTH", `${bandwidth + (beyond?.bandwidth ?? 0)}`),
        ...codecsAttribute([codecs, ...(beyond ? [beyond.codecs] : [])]),
        ...(width && height ? [plain("RESOLUTION", `${width}x${height}`)] : []),
        ...(beyond ? [quoted("AUDIO", AUDIO_GROUP)] : []),
      ],
    })),
    media: beside.map(({ uri, id, language }, at) => ({
      type: "AUDIO",
      groupId: AUDIO_GROUP,
      uri,
      attributes: [
        plain("TYPE", "AUDIO"),
        quoted("GROUP-ID", AUDIO_GROUP),
        quoted("NAME", language ?? id),
        ...(language === undefined ? [] : [quoted("LANGUAGE", language)]),
        plain("DEFAULT", at === 0 ? "YES" : "NO"),
        plain("AUTOSELECT", "YES"),
      ],
    })),
  };
}

const AUDIO_GROUP = "audio";

/** Nothing where one is not known. */
function codecsAttribute(codecs: readonly (string | undefined)[]): Attribute[] {
  return codecs.includes(undefined) ? [] : [quoted("CODECS", codecs.join(","))];
}

function plain(name: string, value: string): Attribute {
  return { name, value, quoted: false };
}

/** A quoted string holds no quotes and no line ends, RFC 8216bis §4.2. */
function quoted(name: string, value: string): Attribute {
  return { name, value: value.replace(/["\r\n]/g, ""), quoted: true };
}

/** An xs:duration without years and months, ms. */
function duration(value: string): number {
  const match = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(value);
  if (!match) throw new MpdError("mpd-malformed", `${value.slice(0, 40)} is no duration.`);
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
  return (((days! * 24 + hours!) * 60 + minutes!) * 60 + seconds!) * 1000;
}

function unsupported(message: string): MpdError {
  return new MpdError("mpd-unsupported", `${message}.`);
}
