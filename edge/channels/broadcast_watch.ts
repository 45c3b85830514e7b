import { attribute, readAttributes } from "../media/playlist_attributes.ts";
import type { OriginEvent } from "../origin/events.ts";
import type { ChannelDescription, Rendition } from "../protocol/channel.ts";
import { decodeLedgerEntry } from "../protocol/ledger_entry.ts";

/** One rendition, as lists tell of it. */
export interface RenditionFacts {
  readonly kind: Rendition["kind"];
  readonly container: Rendition["container"];
  /** As in RFC 6381, in the order in which the source names them. */
  readonly codecs?: readonly string[];
  /** Pixels. */
  readonly width?: number;
  readonly height?: number;
  /** Frames per second. */
  readonly frameRate?: number;
  /** BCP 47 */
  readonly language?: string;
  /** Of its last segments, bit/s. */
  readonly bitrate?: number;
}

/** Learns from what an origin says what lists tell of a channel. */
export interface BroadcastWatch {
  handle(event: OriginEvent): void;
  renditions(): readonly RenditionFacts[];
  /** Of the best rendition with its sound, bit/s; `undefined` while there has been no media. */
  bitrate(): number | undefined;
}

/** Of so many segments the bitrate is the average: one may be all stillness, or all motion. */
const MEASURED_SEGMENTS = 10;

interface Measured {
  readonly bytes: number;
  readonly ms: number;
}

export function createBroadcastWatch(): BroadcastWatch {
  let description: ChannelDescription | undefined;
  const measured = new Map<number, readonly Measured[]>();

  function bitrateOf(rendition: number): number | undefined {
    const segments = measured.get(rendition) ?? [];
    const ms = segments.reduce((sum, one) => sum + one.ms, 0);
    const bytes = segments.reduce((sum, one) => sum + one.bytes, 0);
    return ms > 0 ? Math.round(bytes * 8_000 / ms) : undefined;
  }

  function highest(kind: Rendition["kind"]): number {
    const ids = description?.renditions.filter((one) => one.kind === kind) ?? [];
    return Math.max(0, ...ids.map(({ id }) => bitrateOf(id) ?? 0));
  }

  return {
    handle(event) {
      switch (event.type) {
        case "described":
          description = event.description;
          return;
        case "published": {
          const entry = decodeLedgerEntry(event.entry);
          if (!entry) return;
          const { unit: { rendition }, length, durationMs } = entry;
          const before = measured.get(rendition) ?? [];
          const next = [...before, { bytes: length, ms: durationMs }];
          measured.set(rendition, next.slice(-MEASURED_SEGMENTS));
          return;
        }
        case "state":
          return;
      }
    },
    renditions: () =>
      (description?.renditions ?? []).map((rendition) => facts(rendition, bitrateOf(rendition.id))),
    bitrate: () => highest("main") + highest("audio") || undefined,
  };
}

function facts({ kind, container, attributes }: Rendition, bitrate?: number): RenditionFacts {
  const list = readAttributes(attributes) ?? [];
  const codecs = attribute(list, "CODECS")?.split(",").map((codec) => codec.trim());
  const size = /^(\d+)x(\d+)$/.exec(attribute(list, "RESOLUTION") ?? "");
  const frameRate = Number(attribute(list, "FRAME-RATE"));
  const language = attribute(list, "LANGUAGE");
  return {
    kind,
    container,
    ...(codecs === undefined ? {} : { codecs }),
    ...(size ? { width: Number(size[1]), height: Number(size[2]) } : {}),
    ...(frameRate > 0 ? { frameRate } : {}),
    ...(language === undefined ? {} : { language }),
    ...(bitrate === undefined ? {} : { bitrate }),
  };
}
