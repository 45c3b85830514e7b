import { assert, assertEquals, assertThrows } from "@std/assert";
import * as fc from "fast-check";
import { MpdError, readMpd } from "../../../edge/media/mpd_read.ts";
import { attribute } from "../../../edge/media/playlist_attributes.ts";

/** As ffmpeg writes it while on air. */
const LIVE = `<?xml version="1.0" encoding="utf-8"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-live:2011"
  type="dynamic" minimumUpdatePeriod="PT2S" availabilityStartTime="2026-01-01T00:00:10.500Z">
  <Period id="0" start="PT1.5S">
    <AdaptationSet id="0" contentType="video" frameRate="25/1" lang="und">
      <Representation id="0" mimeType="video/mp4" codecs="avc1.64001f" bandwidth="500000" width="640" height="360">
        <SegmentTemplate timescale="12800" initialization="init-stream$RepresentationID$.m4s"
          media="chunk-stream$RepresentationID$-$Number%05d$.m4s" startNumber="7">
          <SegmentTimeline><S t="153600" d="25600" r="1"/><S d="12800"/></SegmentTimeline>
        </SegmentTemplate>
      </Representation>
    </AdaptationSet>
    <AdaptationSet id="1" contentType="audio" lang="eng">
      <Representation id="1" mimeType="audio/mp4" codecs="mp4a.40.2" bandwidth="64000">
        <SegmentTemplate timescale="48000" initialization="a.m4s" media="a-$Time$-$Bandwidth$-$$.m4s">
          <SegmentTimeline><S t="96000" d="96000"/></SegmentTimeline>
        </SegmentTemplate>
      </Representation>
    </AdaptationSet>
  </Period>
</MPD>`;

Deno.test("a manifest is read as a master playlist with a media playlist for each representation", () => {
  const { master, media } = readMpd(LIVE);
  const [variant] = master.variants;
  assertEquals(variant!.uri, "0.m3u8");
  const wanted = {
    BANDWIDTH: "564000",
    CODECS: "avc1.64001f,mp4a.40.2",
    RESOLUTION: "640x360",
    AUDIO: "audio",
  };
  for (const [name, value] of Object.entries(wanted)) {
    assertEquals(attribute(variant!.attributes, name), value);
  }
  assertEquals(master.media.map(({ uri, groupId }) => [uri, groupId]), [["1.m3u8", "audio"]]);
  assertEquals(attribute(master.media[0]!.attributes, "LANGUAGE"), "eng");

  const [video, audio] = media.map(({ playlist }) => playlist);
  assertEquals(video!.endList, false);
  assertEquals(video!.mediaSequence, 7);
  assertEquals(
    video!.segments.map(({ uri, sequence, durationMs }) => [uri, sequence, durationMs]),
    [
      ["chunk-stream0-00007.m4s", 7, 2000],
      ["chunk-stream0-00008.m4s", 8, 2000],
      ["chunk-stream0-00009.m4s", 9, 1000],
    ],
  );
  assertEquals(video!.segments[0]!.init, { uri: "init-stream0.m4s" });
  const startMs = Date.UTC(2026, 0, 1, 0, 0, 12);
  assertEquals(video!.segments.map(({ programDateTimeMs }) => programDateTimeMs! - startMs), [
    12_000,
    14_000,
    16_000,
  ]);
  assertEquals(audio!.segments.map(({ uri }) => uri), ["a-96000-64000-$.m4s"]);
});

Deno.test("without pictures the sound is the main rendition, and a static manifest ends the stream", () => {
  const sound = LIVE.replace(/<AdaptationSet id="0"[^]*?<\/AdaptationSet>/, "")
    .replace("dynamic", "static");
  const { master, media } = readMpd(sound);
  assertEquals(master.variants.map(({ uri }) => uri), ["1.m3u8"]);
  assertEquals(master.media, []);
  assert(media[0]!.playlist.endList);
});

Deno.test("what is not as live encoders write it has a code, and says what to do", () => {
  const cases: [string, string][] = [
    ["", "mpd-malformed"],
    ["<html></html>", "mpd-malformed"],
    [LIVE.replace("</MPD>", ""), "mpd-malformed"],
    [LIVE.replace('d="25600"', 'd="0"'), "mpd-malformed"],
    [LIVE.replace('d="25600" r="1"', 'd="25600" r="-1"'), "mpd-malformed"],
    [LIVE.replace('r="1"', 'r="999999999"'), "mpd-unsupported"],
    // Few enough in each of the two, but not in both.
    [LIVE.replace('r="1"', 'r="60000"').replace('d="96000"', '$& r="60000"'), "mpd-unsupported"],
    [LIVE.replace("chunk-stream", "chunk-stream".repeat(999)), "mpd-unsupported"],
    [LIVE.replace("video/mp4", "video/webm"), "mpd-unsupported"],
    [LIVE.replaceAll("SegmentTemplate", "SegmentList"), "mpd-unsupported"],
    [LIVE.replaceAll("SegmentTimeline", "Other"), "mpd-malformed"],
    [LIVE.replace("PT1.5S", "soon"), "mpd-malformed"],
    [
      LIVE.replace("</MPD>", '<Period start="PT9S"><AdaptationSet/></Period></MPD>'),
      "mpd-malformed",
    ],
  ];
  for (const [text, code] of cases) {
    const error = assertThrows(() => readMpd(text), MpdError, undefined, text);
    assertEquals([text, error.code], [text, code]);
  }
});

Deno.test("altered manifests are read or refused, never anything else", () => {
  const cut = fc.tuple(fc.nat(LIVE.length), fc.nat(40), fc.string({ maxLength: 12 }));
  fc.assert(
    fc.property(cut, ([at, length, text]) => {
      try {
        readMpd(LIVE.slice(0, at) + text + LIVE.slice(at + length));
      } catch (error) {
        assert(error instanceof MpdError, `${error}`);
      }
    }),
    { numRuns: 500 },
  );
});
