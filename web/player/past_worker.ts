import { EDGE_QUERY } from "../../sw/bridge.ts";

const MEDIA = /\.(m4[asv]|mp4|ts|aac|mp3|webm|mkv|og[agv]|opus|flac|wav)$/;

/**
 * Notes media that elements fetched before this page could hear of it from the worker, or past the
 * worker, so that the page knows of it and its figures are honest. Resource Timing tells, for other
 * origins only if they allow it.
 */
export function notePastWorker(base: string, note: (uri: string, bytes: number) => void): void {
  const openedMs = performance.now();
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as PerformanceResourceTiming[]) {
      const told = entry.workerStart > 0 && entry.startTime > openedMs;
      if (told || !entry.name.startsWith(base)) continue;
      const url = new URL(entry.name);
      if (MEDIA.test(url.pathname) && !url.searchParams.has(EDGE_QUERY)) {
        note(url.href.slice(base.length), entry.encodedBodySize);
      }
    }
  }).observe({ type: "resource", buffered: true });
}
