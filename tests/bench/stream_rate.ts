import type { EdgeProcess } from "../support/edge_process.ts";
import { waitUntil } from "../support/wait.ts";

/** Segments of the demo's loop, after which it begins anew. */
const LOOP_SEGMENTS = 12;
const LOOP_MS = 24_000;

/** The demo channel's mean rate, from the lengths of the newest loop of its segments; bytes/ms. */
export async function demoRate(edge: EdgeProcess): Promise<number> {
  const newest = await waitUntil("a loop of segments", async () => {
    const { window } = await edge.stats("demo");
    return window.segments >= LOOP_SEGMENTS && window.newest;
  }, 2 * LOOP_MS);
  let bytes = 0;
  for (let back = 0; back < LOOP_SEGMENTS; back++) {
    const { headers } = await fetch(`${edge.url}/live/demo/r0/${newest - back}.m4s`, {
      method: "HEAD",
    });
    bytes += Number(headers.get("content-length"));
  }
  return bytes / LOOP_MS;
}
