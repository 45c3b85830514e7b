import { assertEquals, assertMatch } from "@std/assert";
import * as fc from "fast-check";
import { readMpd } from "../../../edge/media/mpd_read.ts";
import { type MpdContent, type Representation, writeMpd } from "../../../edge/media/mpd_write.ts";

const VIDEO: Representation = {
  id: "r0",
  kind: "video",
  codecs: "avc1.64001f",
  bandwidth: 500_000,
  size: { width: 640, height: 360 },
  timescale: 12_800,
  init: "r0/init-1.mp4",
  media: "r0/$Number$.m4s",
  segments: [
    { number: 7, time: 153_600, duration: 25_600 },
    { number: 8, time: 179_200, duration: 12_800 },
  ],
};
const LIVE: MpdContent = {
  mediaStartMs: Date.UTC(2026, 0, 1),
  nowMs: Date.UTC(2026, 0, 1, 0, 0, 16),
  targetDurationMs: 2000,
  period: "1",
  representations: [VIDEO],
  ended: false,
};

Deno.test("what is written is read again: segments, their numbers, lengths and wall-clock times", () =>
  fc.assert(fc.property(
    fc.integer({ min: 1, max: 1_000_000 }),
    fc.nat(1_000_000),
    fc.array(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 1, maxLength: 8 }),
    fc.string({ minLength: 1, maxLength: 20 }).filter((id) => id.trim() === id),
    (timescale, first, durations, codecs) => {
      let time = 0;
      const segments = durations.map((duration, at) => {
        const segment = { number: first + at, time, duration };
        time += duration;
        return segment;
      });
      const representation = { ...VIDEO, timescale, segments, codecs };
      const [read] = readMpd(writeMpd({ ...LIVE, representations: [representation] })).media;
      assertEquals(
        read!.playlist.segments.map(({ uri, sequence }) => [uri, sequence]),
        segments.map(({ number }) => [`r0/${number}.m4s`, number]),
      );
      segments.forEach(({ time, duration }, at) => {
        const { durationMs, programDateTimeMs } = read!.playlist.segments[at]!;
        assertEquals(durationMs, duration / timescale * 1000);
        assertEquals(programDateTimeMs, LIVE.mediaStartMs + time / timescale * 1000);
      });
    },
  )));

Deno.test("while on air a manifest says when to come again; at the end it says how long the stream was", () => {
  const live = writeMpd(LIVE);
  assertMatch(live, /type="dynamic"/);
  assertMatch(live, /minimumUpdatePeriod="PT2S"/);
  assertMatch(live, /timeShiftBufferDepth="PT3S"/);
  assertMatch(live, /<UTCTiming [^>]*value="2026-01-01T00:00:16.000Z"/);
  const ended = writeMpd({ ...LIVE, ended: true });
  assertMatch(ended, /type="static"/);
  assertMatch(ended, /mediaPresentationDuration="PT15S"/);
});
