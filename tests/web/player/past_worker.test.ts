import { assertEquals } from "@std/assert";
import { EDGE_QUERY } from "../../../sw/bridge.ts";
import { notePastWorker } from "../../../web/player/past_worker.ts";
import { withScriptedResources } from "./scripted_resources.ts";

const base = "https://edge.example/live/demo/";

/** What is noted of these fetches, by a page that opens now. */
function noted(
  fetches: readonly { name: string; startMs: number; workerStart: number }[],
): Record<string, number> {
  const found: Record<string, number> = {};
  withScriptedResources((tell) => {
    const openedMs = performance.now();
    notePastWorker(base, (uri, bytes) => found[uri] = (found[uri] ?? 0) + bytes);
    tell(fetches.map(({ name, startMs, workerStart }) => ({
      name,
      workerStart,
      startTime: openedMs + startMs,
      encodedBodySize: 100,
    })));
  });
  return found;
}

Deno.test("media that the element had before the page could hear of it is counted", () => {
  const [startMs, first] = [-500, `${base}r0/1.m4s`];
  assertEquals(noted([{ name: first, startMs, workerStart: 0 }]), { "r0/1.m4s": 100 });
  // On a second visit the worker is there, and leaves a page that is being opened to the browser.
  assertEquals(noted([{ name: first, startMs, workerStart: startMs }]), { "r0/1.m4s": 100 });
});

Deno.test("after that only what goes past the worker is counted, which tells of the rest", () => {
  assertEquals(
    noted([
      { name: `${base}r0/2.m4s`, startMs: 9_000, workerStart: 9_001 },
      { name: `${base}r0/3.m4s`, startMs: 9_000, workerStart: 0 },
    ]),
    { "r0/3.m4s": 100 },
  );
});

Deno.test("playlists, the page's own ranges and other channels are not counted", () => {
  const names = [
    `${base}index.m3u8`,
    `${base}r0/1.m4s?${EDGE_QUERY}=1`,
    `${base.replace("demo", "other")}r0/1.m4s`,
    `${base}poster`,
  ];
  assertEquals(noted(names.map((name) => ({ name, startMs: 9_000, workerStart: 0 }))), {});
});
