import { decodeLedgerEntry, type LedgerEntry } from "../../../edge/protocol/ledger_entry.ts";
import type { OriginEvent } from "../../../edge/origin/events.ts";

/** Collects what an origin says and waits for what it shall say. */
export function createEventLog() {
  const events: OriginEvent[] = [];
  let waiting: (() => void)[] = [];

  function entries(rendition?: number): LedgerEntry[] {
    return events.flatMap((event) =>
      event.type === "published" ? [decodeLedgerEntry(event.entry)!] : []
    ).filter((entry) => rendition === undefined || entry.unit.rendition === rendition);
  }

  return {
    events,
    entries,
    emit(event: OriginEvent): void {
      events.push(event);
      const wake = waiting;
      waiting = [];
      wake.forEach((one) => one());
    },
    /** Resolves once `condition` holds; it is looked at after every event. */
    async until(condition: () => boolean): Promise<void> {
      while (!condition()) await new Promise<void>((resolve) => waiting.push(resolve));
    },
    published(count: number, rendition?: number): Promise<void> {
      return this.until(() => entries(rendition).length >= count);
    },
    descriptions: () => events.flatMap((one) => one.type === "described" ? [one.description] : []),
    states: () => events.flatMap((one) => one.type === "state" ? [one.state] : []),
    lastDetail: () => events.findLast((one) => one.type === "state")?.detail,
  };
}
