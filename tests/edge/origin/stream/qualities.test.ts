/** Each quality of a channel is an endless stream; one that begins is of the quality that was asked for. */
import { assertEquals } from "@std/assert";
import { createChannelMedia } from "../../../../edge/origin/channel_media.ts";
import { createFakePlatform } from "../../fake_platform.ts";

const BITS = [2_000_000, 700_000];
const SEGMENT_BYTES = 1_000;

/** Segments of the qualities 0 and 1 differ in their first byte from each other, and in all from what is before. */
const segment = (rendition: number, sequence: number) =>
  new Uint8Array(SEGMENT_BYTES).fill(10 * rendition + sequence);

async function onAir(renditions: readonly number[] = [0, 1]) {
  const platform = createFakePlatform();
  const media = createChannelMedia({
    name: "cam",
    title: "Cam",
    platform,
    state: "on-air",
    emit() {},
  });
  media.describe({
    name: "cam",
    title: "Cam",
    base: "/live/cam/",
    targetDurationMs: 2_000,
    master: true,
    renditions: BITS.map((bits, id) => ({
      id,
      kind: "main",
      playlist: `r${id}/index.m3u8`,
      container: "ts",
      attributes: `BANDWIDTH=${bits}`,
      inits: [],
    })),
  });
  for (const sequence of [1, 2, 3]) {
    for (const rendition of renditions) {
      await media.publish({
        unit: { epoch: 1, rendition, sequence },
        container: "ts",
        bytes: segment(rendition, sequence),
        startMs: sequence * 2_000,
        durationMs: 2_000,
        discontinuity: false,
      });
    }
  }
  const heard = async (query: string) => {
    const response = await media.listen(new Request(`http://edge.test/stream/cam${query}`));
    const reader = response.body!.getReader();
    const { value } = await reader.read();
    await reader.cancel();
    return { first: value![0], token: response.headers.get("Tributary-Resume")! };
  };
  return { media, heard };
}

Deno.test("a stream is of the quality that its bandwidth is enough for, the first one without any", async () => {
  const { heard } = await onAir();
  const firsts = ["", "?bandwidth=2000000", "?bandwidth=1999999", "?bandwidth=1", "?bandwidth=x"]
    .map(async (query) => (await heard(query)).first);
  // With 4 s to begin with.
  assertEquals(await Promise.all(firsts), [2, 2, 12, 12, 2]);
});

Deno.test("who was cut off goes on in the quality that was begun, whatever there is bandwidth for now", async () => {
  const { heard } = await onAir();
  for (const [query, now, next] of [["", "1", 2], ["?bandwidth=1", "9999999", 12]] as const) {
    const { token } = await heard(query);
    const { first } = await heard(`?resume=${token}&from=${SEGMENT_BYTES / 2}&bandwidth=${now}`);
    assertEquals(first, next);
    const after = await heard(`?resume=${token}&from=${SEGMENT_BYTES}&bandwidth=${now}`);
    assertEquals(after.first, next + 1);
  }
});

Deno.test("a quality of which nothing has come is not begun with", async () => {
  const { heard } = await onAir([1]);
  assertEquals((await heard("")).first, 12);
});
