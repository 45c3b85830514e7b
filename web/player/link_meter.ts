import { EDGE_QUERY } from "../../sw/bridge.ts";
import { affordable, type Transfer } from "./throughput.ts";

/** Resources that are looked at. */
const REMEMBERED = 64;

/**
 * Tells what a stream of this edge may need just now, bits a second, as Resource Timing and, before
 * there was any transfer, the browser has it (Network Information API, Chromium alone); `undefined`
 * where neither does. Only what the page itself fetches counts: an element takes what it gets at the
 * pace at which it plays.
 */
export function openLinkMeter(edge: string): () => number | undefined {
  let transfers: Transfer[] = [];
  function note(entries: PerformanceEntryList): void {
    const told = (entries as PerformanceResourceTiming[]).flatMap((one) => transferOf(one, edge));
    transfers = [...transfers, ...told].slice(-REMEMBERED);
  }
  note(performance.getEntriesByType("resource"));
  new PerformanceObserver((list) => note(list.getEntries())).observe({ type: "resource" });
  return () => affordable(transfers) ?? hint();
}

function transferOf(entry: PerformanceResourceTiming, edge: string): Transfer[] {
  const { name, responseStart, responseEnd, encodedBodySize: bytes, transferSize } = entry;
  const isOurs = name.startsWith(edge) && (name.endsWith(".js") || name.includes(`${EDGE_QUERY}=`));
  // What came out of the browser's cache was not transferred.
  if (!isOurs || transferSize < bytes) return [];
  return [{ startMs: responseStart, endMs: responseEnd, bytes }];
}

function hint(): number | undefined {
  const { connection } = navigator as Navigator & { connection?: { downlink?: number } };
  const bytes = (connection?.downlink ?? 0) * 125_000;
  return affordable([{ startMs: 0, endMs: 1_000, bytes }]);
}
