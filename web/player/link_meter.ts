import { EDGE_QUERY } from "../../sw/bridge.ts";
import { affordable, type Transfer } from "./throughput.ts";

/** Resources that are looked at. */
const REMEMBERED = 64;

/** What a stream may need just now, bits a second; `undefined` where that is not known. */
export interface LinkMeter {
  /**
   * By Resource Timing. Only what the page itself fetches from the edge counts: an element takes what it
   * gets at the pace at which it plays.
   */
  measured(): number | undefined;
  /** The browser's word (Network Information API, Chromium alone), for when there was no transfer yet. */
  hint(): number | undefined;
}

export function openLinkMeter(edge: string): LinkMeter {
  let transfers: Transfer[] = [];
  function note(entries: PerformanceEntryList): void {
    const told = (entries as PerformanceResourceTiming[]).flatMap((one) => transferOf(one, edge));
    transfers = [...transfers, ...told].slice(-REMEMBERED);
  }
  note(performance.getEntriesByType("resource"));
  new PerformanceObserver((list) => note(list.getEntries())).observe({ type: "resource" });
  return { measured: () => affordable(transfers), hint };
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
