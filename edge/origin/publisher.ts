import type { Container } from "../media/container.ts";
import { digest, digestList } from "../protocol/digest_list.ts";
import { encodeLedgerEntry, type LedgerEntry } from "../protocol/ledger_entry.ts";
import { cut, MAX_RUNS } from "../protocol/pieces.ts";
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
}

const EXTENSIONS: Record<Container, string> = { fmp4: "m4s", ts: "ts", aac: "aac", mp3: "mp3" };

/**
 * Cuts and hashes a segment: the ledger entry and the digest list that its root stands for, which
 * covers `wantedParityRuns` too, or as many as there is room for.
 */
export async function sealSegment(
  source: SourceSegment,
  wantedParityRuns = 0,
): Promise<WindowSegment> {
  const { unit, container, bytes } = source;
  const pieces = cut(bytes.length);
  const parityRuns = Math.min(wantedParityRuns, MAX_RUNS - pieces.runs);
  const digests = await digestList(bytes, pieces, parityRuns);
  const entry: LedgerEntry = {
    ...pieces,
    unit: { ...unit, part: WHOLE },
    uri: `r${unit.rendition}/${unit.sequence}.${EXTENSIONS[container]}`,
    startMs: Math.round(source.startMs),
    durationMs: Math.round(source.durationMs),
    discontinuity: source.discontinuity,
    parityRuns,
    root: await digest(digests),
  };
  return { entry, bytes, digests };
}

/** Puts sealed segments into the window and tells of them. */
export function createPublisher({ channel, window, emit, parityRuns = 0 }: {
  channel: string;
  window: LiveWindow;
  emit: (event: OriginEvent) => void;
  /** Runs of parity that every segment gets, at most 24. */
  parityRuns?: number;
}): (source: SourceSegment) => Promise<void> {
  return async function publish(source) {
    const segment = await sealSegment(source, parityRuns);
    window.put(segment);
    const { entry, digests } = segment;
    emit({ type: "published", channel, entry: encodeLedgerEntry(entry), digests });
  };
}
