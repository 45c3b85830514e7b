import type { CodedError } from "../../media/coded_error.ts";
import type { Platform } from "../../platform/platform.ts";
import { asCoded } from "./as_coded.ts";
import type { LengthOf } from "./air.ts";
import type { Item } from "./schedule.ts";

/**
 * How long the files of a programme are. What was measured once stays in the store, so that a file
 * which goes missing keeps its time, and everything after it too.
 */
export interface Lengths {
  readonly of: LengthOf;
  /** Whether it is known of all of these, or that it cannot be known. */
  known(items: readonly Item[]): boolean;
  /** Measures those of which it is not known. Never rejects. */
  measure(items: readonly Item[], signal: AbortSignal): Promise<void>;
  /** A file turned out to be so long. */
  note(item: Item, lengthMs: number): Promise<void>;
}

/** A file that could not be read is tried again after so long, ms. */
const RETRY_MS = 60_000;
const AT_ONCE = 4;

export function createLengths({ platform, name, measureFile, failed }: {
  platform: Platform;
  /** Of the channel. */
  name: string;
  /** Rejects with a `CodedError`. */
  measureFile: (item: Item, signal: AbortSignal) => Promise<number>;
  failed: (item: Item, error: CodedError) => void;
}): Lengths {
  const { store } = platform;
  const lengths = new Map<string, number>();
  const failures = new Map<string, number>();
  const keyOf = ({ url }: Item) => ["channels", name, "length", url];

  function isOpen(item: Item): boolean {
    if (item.durationMs !== undefined || lengths.has(item.url)) return false;
    const failedMs = failures.get(item.url);
    return failedMs === undefined || platform.now() - failedMs >= RETRY_MS;
  }

  async function find(item: Item, signal: AbortSignal): Promise<void> {
    try {
      const stored = await store.get<number>(keyOf(item));
      if (stored !== undefined) lengths.set(item.url, stored);
      else await note(item, await measureFile(item, signal));
      failures.delete(item.url);
    } catch (error) {
      if (signal.aborted) return;
      failures.set(item.url, platform.now());
      failed(item, asCoded(error));
    }
  }

  async function note(item: Item, lengthMs: number): Promise<void> {
    if (lengths.get(item.url) === lengthMs) return;
    lengths.set(item.url, lengthMs);
    await store.set(keyOf(item), lengthMs);
  }

  return {
    of: ({ durationMs, url }) => durationMs ?? lengths.get(url) ?? 0,
    known: (items) => !items.some((item) => isOpen(item) && !failures.has(item.url)),
    async measure(items, signal) {
      const open = [...new Map(items.filter(isOpen).map((item) => [item.url, item])).values()];
      const workers = Array.from({ length: AT_ONCE }, async () => {
        for (let item = open.shift(); item && !signal.aborted; item = open.shift()) {
          await find(item, signal);
        }
      });
      await Promise.all(workers);
    },
    note,
  };
}
