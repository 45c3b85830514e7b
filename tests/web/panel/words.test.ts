import { assertEquals, assertStringIncludes } from "@std/assert";
import { chartSummary, uploadNote } from "../../../web/panel/words.ts";

const upload = { on: true, active: true, capBytesPerSecond: 1 };

Deno.test("the upload note never claims an upload that does not happen", () => {
  assertStringIncludes(uploadNote({ state: "sharing", upload }), "passed on");
  assertStringIncludes(
    uploadNote({ state: "sharing", upload: { ...upload, on: false, active: false } }),
    "nothing leaves",
  );
  assertStringIncludes(
    uploadNote({ state: "sharing", upload: { ...upload, active: false } }),
    "resting",
  );
  assertEquals(
    uploadNote({ state: "starting", upload: { ...upload, active: false } }),
    "On, for when there is something to pass on.",
  );
  assertEquals(uploadNote({ state: "edge-only", upload }), "On, for when this browser shares.");
});

Deno.test("the chart is told in words, all four figures of it", () => {
  assertStringIncludes(chartSummary(undefined), "nothing received yet");
  const summary = chartSummary({
    atMs: 0,
    peers: 62_500,
    edge: 125_000,
    cache: 0,
    uploaded: 250_000,
  });
  assertStringIncludes(summary, "500 kbit/s from peers");
  assertStringIncludes(summary, "1 Mbit/s from the edge");
  assertStringIncludes(summary, "0 bit/s from the cache");
  assertStringIncludes(summary, "2 Mbit/s uploaded");
});
