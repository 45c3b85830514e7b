import type { Container } from "../media/container.ts";
import { digest, digestList } from "../protocol/digest_list.ts";
import {
  encodeLedgerEntry,
  type LedgerEntry,
  type SoundRun,
  type StreamPlace,
} from "../protocol/ledger_entry.ts";
import { cut } from "../protocol/pieces.ts";
import { type Unit, WHOLE } from "../protocol/unit.ts";
import type { OriginEvent } from "./events.ts";
import type { LiveWindow, WindowSegment } from "./live_window.ts";

/** A complete segment as a source hands it over. Times are ms. */
export interface SourceSegment {
  readonly unit: Omit<Unit, "part">;
  readonly container: Container;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly startMs: number;
  readonly durationMs: number;
  readonly discontinuity: boolean;
  /** Where its media begins in the endless stream, if it stands there. */
  readonly stream?: StreamPlace;
  /** The sound that stands there before it. */
  readonly sound?: SoundRun;
}

/** Path of a unit below the channel's base. */
export function uriOf(
  { rendition, sequence }: Pick<Unit, "rendition" | "sequence">,
  container: Container,
): string {
  return `r${rendition}/${sequence}.${EXTENSIONS[container]}`;
}

const EXTENSIONS: Record<Container, string> = {
  fmp4: "m4s",
  ts: "ts",
  aac: "aac",
  mp3: "mp3",
  ogg: "ogg",
  webm: "webm",
};

/** Runs of media that one run of parity is spent on: with K = 8, R = 2. */
const RUNS_PER_PARITY = 4;
const MOST_PARITY_RUNS = 2;

/** R for K runs of media: in a small segment it would cost too much, and is less. */
export function parityRunsFor(runs: number): number {
  return Math.min(MOST_PARITY_RUNS, Math.floor(runs / RUNS_PER_PARITY));
}

/**
 * Cuts and hashes a segment: the ledger entry and the digest list that its root stands for, which
 * covers its parity too.
 */
export async function sealSegment(
  source: SourceSegment,
): Promise<WindowSegment> {
  const { unit, container, bytes } = source;
  const pieces = cut(bytes.length, source.durationMs);
  const parityRuns = parityRunsFor(pieces.runs);
  const digests = await digestList(bytes, pieces, parityRuns);
  const entry: LedgerEntry = {
    ...pieces,
    unit: { ...unit, part: WHOLE },
    uri: uriOf(unit, container),
    startMs: Math.round(source.startMs),
    durationMs: Math.round(source.durationMs),
    discontinuity: source.discontinuity,
    parityRuns,
    root: await digest(digests),
    ...(source.stream ? { stream: source.stream } : {}),
    ...(source.sound ? { sound: source.sound } : {}),
  };
  return { entry, bytes, digests };
}

/** Puts sealed segments into the window and tells of them. */
export function createPublisher({ channel, window, emit }: {
  channel: string;
  window: LiveWindow;
  emit: (event: OriginEvent) => void;
}): (source: SourceSegment) => Promise<LedgerEntry> {
  return async function publish(source) {
    const segment = await sealSegment(source);
    window.put(segment);
    const { entry, digests } = segment;
    emit({ type: "published", channel, entry: encodeLedgerEntry(entry), digests });
    return entry;
  };
}
