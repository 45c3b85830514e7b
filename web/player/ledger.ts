import type { LedgerEntry } from "../../edge/protocol/ledger_entry.ts";

/** Entries older than this, against the newest, are forgotten, ms: twice the back buffer. */
const KEPT_MS = 120_000;

/** The ledger of a channel as this page knows it: the units in order, for playlists and by URI. */
export interface Ledger {
  add(entry: LedgerEntry): void;
  byUri(uri: string): LedgerEntry | undefined;
  /** The units of a rendition by sequence, ascending. */
  rendition(id: number): readonly LedgerEntry[];
  newest(): LedgerEntry | undefined;
}

export function createLedger(): Ledger {
  const uris = new Map<string, LedgerEntry>();
  const renditions = new Map<number, LedgerEntry[]>();
  let newest: LedgerEntry | undefined;
  return {
    add(entry) {
      if (uris.has(entry.uri)) return;
      uris.set(entry.uri, entry);
      const entries = renditions.get(entry.unit.rendition) ?? [];
      renditions.set(entry.unit.rendition, entries);
      const after = entries.findLastIndex((one) => one.unit.sequence < entry.unit.sequence);
      entries.splice(after + 1, 0, entry);
      while (entries[0]!.startMs < entries.at(-1)!.startMs - KEPT_MS) {
        uris.delete(entries.shift()!.uri);
      }
      if (!newest || entry.startMs >= newest.startMs) newest = entry;
    },
    byUri: (uri) => uris.get(uri),
    rendition: (id) => renditions.get(id) ?? [],
    newest: () => newest,
  };
}
