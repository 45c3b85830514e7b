/** Live DASH manifests, ISO/IEC 23009-1 §5.3, for the segments that HLS lists too. */
import { XMLBuilder } from "fast-xml-parser";

export interface MpdContent {
  /** When media time 0 was, ms since 1970. */
  readonly mediaStartMs: number;
  readonly nowMs: number;
  readonly targetDurationMs: number;
  /** Another one where the timeline breaks. */
  readonly period: string;
  readonly representations: readonly Representation[];
  /** No segment will follow. */
  readonly ended: boolean;
}

export interface Representation {
  readonly id: string;
  readonly kind: "video" | "audio";
  /** As in a CODECS attribute. */
  readonly codecs: string;
  /** bits/s */
  readonly bandwidth: number;
  readonly size?: { readonly width: number; readonly height: number };
  /** ticks per second */
  readonly timescale: number;
  /** Addresses, relative to the manifest's. */
  readonly init: string;
  /** With `$Number$` in it. */
  readonly media: string;
  /** Without holes, in order; times in ticks. */
  readonly segments: readonly {
    readonly number: number;
    readonly time: number;
    readonly duration: number;
  }[];
}

/** How far behind live a player shall stay, target durations: what HLS players do (RFC 8216 §6.3.3). */
const DELAY_TARGETS = 3;

export function writeMpd(content: MpdContent): string {
  const { representations, targetDurationMs, ended, nowMs } = content;
  const tree = {
    "?xml": { "@version": "1.0", "@encoding": "utf-8" },
    MPD: {
      "@xmlns": "urn:mpeg:dash:schema:mpd:2011",
      "@profiles": "urn:mpeg:dash:profile:isoff-live:2011",
      "@minBufferTime": seconds(targetDurationMs),
      ...(ended ? { "@type": "static", "@mediaPresentationDuration": presentationEnd(content) } : {
        "@type": "dynamic",
        "@availabilityStartTime": new Date(content.mediaStartMs).toISOString(),
        "@publishTime": new Date(nowMs).toISOString(),
        "@minimumUpdatePeriod": seconds(targetDurationMs),
        "@timeShiftBufferDepth": seconds(listedMs(representations)),
        "@suggestedPresentationDelay": seconds(DELAY_TARGETS * targetDurationMs),
      }),
      Period: {
        "@id": content.period,
        "@start": "PT0S",
        AdaptationSet: (["video", "audio"] as const).flatMap((kind) => {
          const of = representations.filter((one) => one.kind === kind);
          return of.length === 0 ? [] : [adaptationSet(kind, of)];
        }),
      },
      ...(ended ? {} : {
        UTCTiming: {
          "@schemeIdUri": "urn:mpeg:dash:utc:direct:2014",
          "@value": new Date(nowMs).toISOString(),
        },
      }),
    },
  };
  const builder = new XMLBuilder({
    ignoreAttributes: false,
    attributeNamePrefix: "@",
    suppressBooleanAttributes: false,
    suppressEmptyNode: true,
    format: true,
  });
  return builder.build(tree);
}

function adaptationSet(kind: "video" | "audio", of: readonly Representation[]) {
  return {
    "@contentType": kind,
    "@mimeType": `${kind}/mp4`,
    "@segmentAlignment": "true",
    "@startWithSAP": "1",
    Representation: of.map((one) => ({
      "@id": one.id,
      "@codecs": one.codecs,
      "@bandwidth": one.bandwidth,
      ...(one.size ? { "@width": one.size.width, "@height": one.size.height } : {}),
      SegmentTemplate: {
        "@timescale": one.timescale,
        "@initialization": one.init,
        "@media": one.media,
        "@startNumber": one.segments[0]?.number ?? 0,
        SegmentTimeline: {
          S: one.segments.map(({ time, duration }) => ({ "@t": time, "@d": duration })),
        },
      },
    })),
  };
}

/** xs:duration */
function seconds(ms: number): string {
  return `PT${ms / 1000}S`;
}

function listedMs(representations: readonly Representation[]): number {
  return Math.max(
    0,
    ...representations.map(({ segments, timescale }) =>
      segments.reduce((sum, { duration }) => sum + duration, 0) / timescale * 1000
    ),
  );
}

function presentationEnd({ representations }: MpdContent): string {
  return seconds(Math.max(
    0,
    ...representations.map(({ segments, timescale }) => {
      const last = segments.at(-1);
      return last ? (last.time + last.duration) / timescale * 1000 : 0;
    }),
  ));
}
