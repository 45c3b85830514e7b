import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { type MediaPlaylist, PlaylistError } from "../../../edge/media/playlist.ts";
import { attribute } from "../../../edge/media/playlist_attributes.ts";
import { readPlaylist } from "../../../edge/media/playlist_read.ts";
import { readMaster, readMedia } from "./reading.ts";

function media(...lines: string[]): MediaPlaylist {
  return readMedia(["#EXTM3U", "#EXT-X-TARGETDURATION:4", ...lines].join("\n"));
}

function errorOf(text: string): PlaylistError {
  return assertThrows(() => readPlaylist(text), PlaylistError) as PlaylistError;
}

Deno.test("a media playlist's segments carry numbers, times and what stands before them", () => {
  const playlist = media(
    "#EXT-X-MEDIA-SEQUENCE:17",
    "#EXT-X-DISCONTINUITY-SEQUENCE:3",
    '#EXT-X-MAP:URI="init.mp4",BYTERANGE="700@20"',
    "#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00Z",
    "#EXTINF:3.96,title, with a comma",
    "a.m4s",
    "",
    "#EXTINF:4,",
    "b.m4s",
    "#EXT-X-DISCONTINUITY",
    '#EXT-X-MAP:URI="other.mp4"',
    "#EXT-X-GAP",
    "#EXTINF:2,",
    "c.m4s",
    "#EXT-X-ENDLIST",
  );
  const start = Date.UTC(2026, 0, 1);
  const first = { uri: "init.mp4", byteRange: { offset: 20, length: 700 } };
  assertEquals(playlist, {
    type: "media",
    targetDurationMs: 4000,
    mediaSequence: 17,
    discontinuitySequence: 3,
    endList: true,
    segments: [
      {
        uri: "a.m4s",
        sequence: 17,
        durationMs: 3960,
        discontinuity: false,
        encrypted: false,
        gap: false,
        programDateTimeMs: start,
        init: first,
      },
      {
        uri: "b.m4s",
        sequence: 18,
        durationMs: 4000,
        discontinuity: false,
        encrypted: false,
        gap: false,
        programDateTimeMs: start + 3960,
        init: first,
      },
      {
        uri: "c.m4s",
        sequence: 19,
        durationMs: 2000,
        discontinuity: true,
        encrypted: false,
        gap: true,
        init: { uri: "other.mp4" },
      },
    ],
  });
});

Deno.test("time zones are read with and without a colon", () => {
  for (const zone of ["Z", "+00:00", "+0000"]) {
    const { segments } = media(
      `#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00.250${zone}`,
      "#EXTINF:1,",
      "a.ts",
    );
    assertEquals(segments[0]!.programDateTimeMs, Date.UTC(2026, 0, 1) + 250);
  }
});

Deno.test("a byte range without offset follows the one before it in the same file", () => {
  const range = (text: string, uri: string) => [`#EXT-X-BYTERANGE:${text}`, "#EXTINF:1,", uri];
  const { segments } = media(...range("100@50", "all.ts"), ...range("200", "all.ts"));
  assertEquals(segments[1]!.byteRange, { offset: 150, length: 200 });
  assertThrows(() => media(...range("100@50", "a.ts"), ...range("200", "b.ts")), PlaylistError);
});

Deno.test("encryption holds from its key to the next one", () => {
  const { segments } = media(
    ...["#EXTINF:1,", "a.ts", '#EXT-X-KEY:METHOD=AES-128,URI="k"', "#EXTINF:1,", "b.ts"],
    ...["#EXTINF:1,", "c.ts", "#EXT-X-KEY:METHOD=NONE", "#EXTINF:1,", "d.ts"],
  );
  assertEquals(segments.map(({ encrypted }) => encrypted), [false, true, true, false]);
});

Deno.test("a master playlist lists variants and renditions with their attributes in order", () => {
  const playlist = readMaster([
    "\uFEFF#EXTM3U",
    '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="x, y = z",URI="a.m3u8"',
    '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="inside"',
    '#EXT-X-STREAM-INF:BANDWIDTH=100, CODECS="avc1.64001F,mp4a.40.2",AUDIO="a"',
    "v.m3u8",
  ].join("\r\n"));
  const [variant] = playlist.variants;
  assertEquals(variant!.uri, "v.m3u8");
  assertEquals(variant!.attributes.map(({ name }) => name), ["BANDWIDTH", "CODECS", "AUDIO"]);
  assertEquals(attribute(variant!.attributes, "CODECS"), "avc1.64001F,mp4a.40.2");
  assertEquals(playlist.media.map(({ uri }) => uri), ["a.m3u8", undefined]);
  assertEquals(attribute(playlist.media[0]!.attributes, "NAME"), "x, y = z");
  assertEquals(attribute(playlist.media[0]!.attributes, "URI"), undefined);
});

Deno.test("what is not HLS at all is told apart from malformed HLS", () => {
  for (const text of ["", "<!doctype html>", '{"a":1}', "\0\0\0\x18ftypiso5", "#EXTM3U8"]) {
    assertEquals(errorOf(text).code, "playlist-not-hls");
  }
});

Deno.test("an error names the line, what was wrong and what to do", () => {
  const error = errorOf("#EXTM3U\n#EXT-X-TARGETDURATION:4\n\n#EXTINF:soon,\na.ts\n");
  assertEquals(error.code, "playlist-malformed");
  assertEquals(error.line, 4);
  assertEquals(error.message, 'Line 4: #EXTINF needs a number, found "soon".');
  assert(error.hint.length > 20);
});

Deno.test("an error does not repeat the query of an address", () => {
  for (const line of ["a.ts?token=x", '#EXT-X-STREAM-INF:"a?token=x', "#EXTINF:?token=x,"]) {
    const { message } = errorOf(`#EXTM3U\n#EXT-X-TARGETDURATION:4\n${line}\n`);
    assert(!message.includes("token"), message);
  }
});

Deno.test("malformed playlists are refused", () => {
  const target = "#EXT-X-TARGETDURATION:4";
  for (
    const lines of [
      [],
      ["#EXTINF:4,", "a.ts"],
      [target, "a.ts"],
      ["#EXT-X-TARGETDURATION:-4"],
      ["#EXT-X-TARGETDURATION:1e9"],
      [target, "#EXT-X-MEDIA-SEQUENCE:1.5"],
      [target, "#EXT-X-MEDIA-SEQUENCE:99999999999999999999"],
      [target, "#EXTINF:4,", "a.ts", "#EXT-X-MEDIA-SEQUENCE:5"],
      [target, "#EXT-X-MAP:BYTERANGE=5"],
      [target, "#EXT-X-PROGRAM-DATE-TIME:yesterday", "#EXTINF:4,", "a.ts"],
      ["#EXT-X-STREAM-INF:BANDWIDTH=1"],
      ['#EXT-X-STREAM-INF:BANDWIDTH="1', "a.m3u8"],
      ["#EXT-X-STREAM-INF:BANDWIDTH=1", "a.m3u8", "#EXTINF:4,", "a.ts"],
      [target, "#EXT-X-KEY:URI=5"],
    ]
  ) {
    assertEquals(errorOf(["#EXTM3U", ...lines].join("\n")).code, "playlist-malformed", `${lines}`);
  }
});

Deno.test("whatever the text, the reader answers or throws a PlaylistError", () => {
  const number = fc.oneof(fc.nat(), fc.double(), fc.string()).map(String);
  const tag = fc.tuple(
    fc.constantFrom(
      ...["#EXTINF:", "#EXT-X-TARGETDURATION:", "#EXT-X-MEDIA-SEQUENCE:", "#EXT-X-BYTERANGE:"],
      ...["#EXT-X-PROGRAM-DATE-TIME:", "#EXT-X-MAP:URI=", "#EXT-X-KEY:METHOD=", "#EXT-X-MEDIA:"],
      ...["#EXT-X-STREAM-INF:", "#EXT-X-DISCONTINUITY", "#EXT-X-ENDLIST", "", "#", "#EXT"],
    ),
    number,
  ).map((parts) => parts.join(""));
  const playlist = fc.array(fc.oneof(tag, fc.string())).map((lines) =>
    ["#EXTM3U", "#EXT-X-TARGETDURATION:2", ...lines].join("\n")
  );
  fc.assert(
    fc.property(fc.oneof(fc.string(), playlist), (text) => {
      try {
        readPlaylist(text);
      } catch (error) {
        assert(error instanceof PlaylistError, `${error}`);
      }
    }),
    { numRuns: 2000 },
  );
});

Deno.test("a long line of commas or quotes does not hold the reader up", () => {
  for (const filler of [",", '"', "A=", "A=1,", " ", '"",', 'A="",']) {
    const started = performance.now();
    try {
      readPlaylist(`#EXTM3U\n#EXT-X-STREAM-INF:${filler.repeat(300_000)}!\nv.m3u8`);
    } catch (error) {
      assert(error instanceof PlaylistError);
    }
    assert(performance.now() - started < 1000, `${filler} took ${performance.now() - started} ms`);
  }
});
