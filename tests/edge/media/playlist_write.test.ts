import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  initUriOf,
  type ListedSegment,
  writeMasterPlaylist,
  writeMediaPlaylist,
} from "../../../edge/media/playlist_write.ts";
import { readMaster, readMedia } from "./reading.ts";

const START = Date.UTC(2026, 0, 1);

function segment(sequence: number, more: Partial<ListedSegment> = {}): ListedSegment {
  return {
    uri: `r0/${sequence}.m4s`,
    sequence,
    startMs: START + sequence * 2000,
    durationMs: 2000,
    discontinuity: false,
    ...more,
  };
}

Deno.test("a media playlist has what a live player needs", () => {
  const text = writeMediaPlaylist({
    targetDurationMs: 2002,
    lastDiscontinuity: { sequence: 9, before: 4 },
    segments: [
      segment(7, { initUri: "r0/init-1.mp4", durationMs: 2002 }),
      segment(8, { initUri: "r0/init-1.mp4" }),
      segment(9, { initUri: "r0/init-2.mp4", discontinuity: true }),
    ],
  });
  assertEquals(
    text,
    `#EXTM3U
#EXT-X-VERSION:7
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-TARGETDURATION:3
#EXT-X-MEDIA-SEQUENCE:7
#EXT-X-DISCONTINUITY-SEQUENCE:4
#EXT-X-MAP:URI="r0/init-1.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:14.000Z
#EXTINF:2.002,
r0/7.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:16.000Z
#EXTINF:2.000,
r0/8.m4s
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="r0/init-2.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:18.000Z
#EXTINF:2.000,
r0/9.m4s
`,
  );
});

Deno.test("what stands before a hole in the numbers is left out, and its discontinuities counted", () => {
  const segments = [1, 2, 3, 6, 7].map((sequence) =>
    segment(sequence, { discontinuity: sequence % 2 === 0 })
  );
  const lastDiscontinuity = { sequence: 6, before: 6 };
  const playlist = readMedia(
    writeMediaPlaylist({ targetDurationMs: 2000, segments, lastDiscontinuity }),
  );
  assertEquals(playlist.segments.map(({ sequence }) => sequence), [6, 7]);
  assertEquals(playlist.discontinuitySequence, 6);
});

Deno.test("an empty playlist is one", () => {
  const playlist = readMedia(writeMediaPlaylist({ targetDurationMs: 2000, segments: [] }));
  assertEquals(playlist.segments, []);
});

Deno.test("what is written is read again as it was", () => {
  const list = fc.tuple(
    fc.nat(2 ** 40),
    fc.array(
      fc.record({
        durationMs: fc.integer({ min: 1, max: 20_000 }),
        startMs: fc.integer({ min: 0, max: 4e12 }),
        discontinuity: fc.boolean(),
        initUri: fc.constantFrom("r0/init-1.mp4", "r0/init-2.mp4"),
      }),
      { minLength: 1, maxLength: 20 },
    ),
  ).map(([first, segments]) => segments.map((one, at) => segment(first + at, one)));
  fc.assert(fc.property(list, fc.nat(100), fc.boolean(), (segments, gone, endList) => {
    const breaks = segments.filter((one) => one.discontinuity);
    const lastDiscontinuity = {
      sequence: breaks.at(-1)?.sequence ?? segments[0]!.sequence - 1,
      before: gone + breaks.length - 1,
    };
    const playlist = readMedia(writeMediaPlaylist({
      targetDurationMs: 20_000,
      segments,
      ...(lastDiscontinuity.before < 0 ? {} : { lastDiscontinuity }),
      endList,
    }));
    assertEquals(playlist.endList, endList);
    assertEquals(playlist.discontinuitySequence, gone);
    assertEquals(playlist.targetDurationMs, 20_000);
    assertEquals(
      playlist.segments.map(({ uri, sequence, durationMs, discontinuity, init, ...rest }) => ({
        uri,
        sequence,
        durationMs,
        discontinuity,
        initUri: init!.uri,
        startMs: rest.programDateTimeMs!,
      })),
      segments as Required<ListedSegment>[],
    );
  }));
});

Deno.test("a master playlist names audio before the variants that refer to it", () => {
  const rendition = { container: "fmp4" as const, inits: [] };
  const text = writeMasterPlaylist({
    name: "x",
    title: "X",
    base: "/live/x/",
    targetDurationMs: 2000,
    master: true,
    renditions: [
      {
        id: 0,
        kind: "main",
        playlist: "r0/index.m3u8",
        attributes: 'BANDWIDTH=1,AUDIO="a"',
        ...rendition,
      },
      {
        id: 1,
        kind: "audio",
        playlist: "r1/index.m3u8",
        attributes: 'TYPE=AUDIO,GROUP-ID="a",NAME="English"',
        ...rendition,
      },
    ],
  }, (path) => `https://edge.test/live/x/${path}`);
  const playlist = readMaster(text);
  assertEquals(playlist.variants[0]!.uri, "https://edge.test/live/x/r0/index.m3u8");
  assertEquals(playlist.media[0]!.uri, "https://edge.test/live/x/r1/index.m3u8");
  assert(text.indexOf("#EXT-X-MEDIA:") < text.indexOf("#EXT-X-STREAM-INF:"));
});

Deno.test("a unit needs the newest init segment that is not of a later epoch", () => {
  const rendition = {
    id: 0,
    kind: "main" as const,
    playlist: "index.m3u8",
    container: "fmp4" as const,
    attributes: "",
    inits: [{ epoch: 2, uri: "two" }, { epoch: 5, uri: "five" }],
  };
  assertEquals([1, 2, 4, 5, 9].map((epoch) => initUriOf(rendition, epoch)), [
    ...[undefined, "two", "two"],
    ...["five", "five"],
  ]);
});
