import type { LedgerEntry } from "../../edge/protocol/ledger_entry.ts";
import { cut } from "../../edge/protocol/pieces.ts";
import { type Unit, WHOLE } from "../../edge/protocol/unit.ts";

export const SEGMENT_MS = 2_000;

export type EntryChanges = Partial<Omit<LedgerEntry, "unit">> & Partial<Unit>;

/** Segment n of rendition 0 is `r0/n.m4s` and starts at n × 2 s; what `changes` says is otherwise. */
export function entryOf(sequence: number, changes: EntryChanges = {}): LedgerEntry {
  const { epoch = 1, rendition = 0, part = WHOLE, ...rest } = changes;
  return {
    ...cut(rest.length ?? 100_000),
    unit: { epoch, rendition, sequence, part },
    uri: `r${rendition}/${sequence}.m4s`,
    startMs: sequence * SEGMENT_MS,
    durationMs: SEGMENT_MS,
    discontinuity: false,
    parityRuns: 0,
    root: new Uint8Array(16),
    ...rest,
  };
}
