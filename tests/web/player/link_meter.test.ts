import { assertEquals } from "@std/assert";
import { openLinkMeter } from "../../../web/player/link_meter.ts";

const edge = "https://edge.example/";
const of = (path: string, changes = {}) => ({
  name: `${edge}${path}`,
  responseStart: 0,
  responseEnd: 1_000,
  encodedBodySize: 125_000,
  transferSize: 125_300,
  ...changes,
});

/** What a page takes the link for that has loaded these; `downlink` is the browser's word, Mbit/s. */
function measured(entries: readonly unknown[], downlink?: number): number | undefined {
  const { PerformanceObserver: before } = globalThis;
  let tell = (_: unknown) => {};
  globalThis.PerformanceObserver = class {
    constructor(callback: typeof tell) {
      tell = callback;
    }
    observe() {}
  } as unknown as typeof PerformanceObserver;
  const connection = downlink === undefined ? {} : { connection: { downlink } };
  Object.assign(navigator, connection);
  try {
    const bandwidth = openLinkMeter(edge);
    tell({ getEntries: () => entries });
    return bandwidth();
  } finally {
    globalThis.PerformanceObserver = before;
    Reflect.deleteProperty(navigator, "connection");
  }
}

Deno.test("scripts and what the engine fetches tell of the link", () => {
  assertEquals(measured([of("share/sharing.js")]), 700_000);
  assertEquals(measured([of("live/cam/r0/7.m4s?tributary=engine")]), 700_000);
});

Deno.test("what an element takes, what comes out of a cache and what others send does not", () => {
  assertEquals(measured([of("stream/cam"), of("live/cam/r0/7.m4s")]), undefined);
  assertEquals(measured([of("share/sharing.js", { transferSize: 0 })]), undefined);
  assertEquals(measured([of("a.js", { name: "https://other.example/a.js" })]), undefined);
});

Deno.test("the browser's word counts until there is a measurement", () => {
  assertEquals(measured([], 10), 7_000_000);
  assertEquals(measured([of("share/sharing.js")], 10), 700_000);
  assertEquals(measured([], 0), undefined);
});
