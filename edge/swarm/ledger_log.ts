import { decodeLedgerEntry, type LedgerEntry } from "../protocol/ledger_entry.ts";
import { encodeLedgerFrame } from "../protocol/ledger_frame.ts";
import { unitKey } from "../protocol/unit.ts";

/** A unit of media as the origin published it. */
export interface PublishedUnit {
  readonly entry: LedgerEntry;
  /** 16 bytes a piece. */
  readonly digests: Uint8Array;
  /** The ledger frame for all who are to inject nothing; encoded once for everyone. */
  readonly frame: Uint8Array<ArrayBuffer>;
  readonly publishedMs: number;
}

export interface LedgerLog {
  /** Answers `undefined` where `entry` is not an encoded ledger entry. */
  publish(entry: Uint8Array, digests: Uint8Array, nowMs: number): PublishedUnit | undefined;
  /** What a newcomer needs, oldest first. */
  recent(nowMs: number): PublishedUnit[];
}

/** The ledger of the last `logMs`, at most `logEntries` entries. A unit that is published again replaces itself. */
export function createLedgerLog(
  { logMs, logEntries }: { readonly logMs: number; readonly logEntries: number },
): LedgerLog {
  const units = new Map<string, PublishedUnit>();

  function forget(nowMs: number): void {
    for (const [key, unit] of units) {
      if (units.size <= logEntries && nowMs - unit.publishedMs <= logMs) break;
      units.delete(key);
    }
  }

  return {
    publish(encoded, digests, nowMs) {
      const entry = decodeLedgerEntry(encoded);
      if (!entry) return undefined;
      const frame = encodeLedgerFrame({ entry, inject: [], digests });
      const unit: PublishedUnit = { entry, digests, frame, publishedMs: nowMs };
      const key = unitKey(entry.unit);
      units.delete(key);
      units.set(key, unit);
      forget(nowMs);
      return unit;
    },
    recent(nowMs) {
      forget(nowMs);
      return [...units.values()];
    },
  };
}
