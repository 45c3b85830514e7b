import { assertEquals } from "@std/assert";
import { openLinkMeter } from "../../../web/player/link_meter.ts";
import { withScriptedResources } from "./scripted_resources.ts";

const edge = "https://edge.example/";
const of = (path: string, changes = {}) => ({
  name: `${edge}${path}`,
  responseStart: 0,
  responseEnd: 1_000,
  encodedBodySize: 125_000,
  transferSize: 125_300,
  ...changes,
});

/** What a page measures that has loaded these, and the browser's word; that is `downlink`, Mbit/s. */
function told(entries: readonly unknown[], downlink?: number): (number | undefined)[] {
  Object.assign(navigator, downlink === undefined ? {} : { connection: { downlink } });
  try {
    return withScriptedResources((tell) => {
      const link = openLinkMeter(edge);
      tell(entries);
      return [link.measured(), link.hint()];
    });
  } finally {
    Reflect.deleteProperty(navigator, "connection");
  }
}

Deno.test("scripts and what the engine fetches tell of the link", () => {
  assertEquals(told([of("share/sharing.js")]), [700_000, undefined]);
  assertEquals(told([of("live/cam/r0/7.m4s?tributary=engine")]), [700_000, undefined]);
});

Deno.test("what an element takes, what comes out of a cache and what others send does not", () => {
  const nothing = [undefined, undefined];
  assertEquals(told([of("stream/cam"), of("live/cam/r0/7.m4s")]), nothing);
  assertEquals(told([of("share/sharing.js", { transferSize: 0 })]), nothing);
  assertEquals(told([of("a.js", { name: "https://other.example/a.js" })]), nothing);
});

Deno.test("the browser's word is not taken for a measurement", () => {
  assertEquals(told([], 10), [undefined, 7_000_000]);
  assertEquals(told([of("share/sharing.js")], 10), [700_000, 7_000_000]);
  assertEquals(told([], 0), [undefined, undefined]);
});
