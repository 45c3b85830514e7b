import { assertEquals } from "@std/assert";
import { qualities } from "../../../../edge/media/stream/quality.ts";
import type { Rendition } from "../../../../edge/protocol/channel.ts";

const rendition = (id: number, attributes: string, kind: Rendition["kind"] = "main") => ({
  id,
  kind,
  playlist: `r${id}/index.m3u8`,
  container: "fmp4" as const,
  attributes,
  inits: [],
});
const renditions = [
  rendition(0, "BANDWIDTH=2000000,RESOLUTION=1280x720"),
  rendition(1, 'CODECS="avc1,mp4a",BANDWIDTH=6000000'),
  rendition(2, "AVERAGE-BANDWIDTH=9,BANDWIDTH=700000"),
  rendition(3, 'TYPE=AUDIO,GROUP-ID="a"', "audio"),
];
const ids = (bandwidth?: number) => qualities({ renditions }, bandwidth).map(({ id }) => id);

Deno.test("without a bandwidth a stream is of what is described first", () => {
  assertEquals(ids(), [0, 1, 2]);
});

Deno.test("the best that the bandwidth is enough for comes first, then the others from the least on", () => {
  assertEquals(ids(6_000_000), [1, 2, 0]);
  assertEquals(ids(5_999_999), [0, 2, 1]);
  assertEquals(ids(700_000), [2, 0, 1]);
});

Deno.test("where it is enough for none, the least comes first", () => {
  assertEquals(ids(0), [2, 0, 1]);
});

Deno.test("renditions that do not say what they need stay in their order", () => {
  assertEquals(
    qualities({ renditions: [rendition(4, ""), rendition(5, "")] }, 1).map(({ id }) => id),
    [4, 5],
  );
});
