/** What each format has of its own. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { concat } from "@std/bytes/concat";
import fc from "fast-check";
import { CodedError } from "../../../../edge/media/coded_error.ts";
import { createCutter } from "../../../../edge/media/cutting/cutter.ts";
import { readMp3Header } from "../../../../edge/media/cutting/mp3_frames.ts";
import { readOggTitle } from "../../../../edge/media/cutting/ogg_comments.ts";
import {
  FRAMERS,
  isUnsupportedType,
  streamFormat,
} from "../../../../edge/media/cutting/stream_format.ts";
import { box, join, words } from "../boxes.ts";
import { cutsOf, joined, shapeOf } from "./cutting.ts";
import {
  adtsFrame,
  MP3_FRAME_BYTES,
  MP3_FRAME_MS,
  mp3Frame,
  mp4Fragment,
  mp4Init,
  oggPage,
  opusHeaders,
  opusPage,
  payload,
  vorbisHeaders,
  webmCluster,
  webmHeader,
} from "./streams.ts";

function refusal(format: keyof typeof FRAMERS, ...parts: Uint8Array[]): CodedError {
  return assertThrows(() => cutsOf(FRAMERS[format](), parts), CodedError);
}

Deno.test("the length of an MPEG audio frame follows from its header", () => {
  const header = (...bytes: number[]) => readMp3Header(Uint8Array.of(...bytes, 0, 0, 0, 0), 0);
  assertEquals(header(0xff, 0xfb, 0x90)?.bytes, MP3_FRAME_BYTES);
  assertEquals(header(0xff, 0xfb, 0x92)?.bytes, MP3_FRAME_BYTES + 1, "with padding");
  assertEquals(header(0xff, 0xfb, 0x90)?.durationMs, MP3_FRAME_MS);
  assertEquals(header(0xff, 0xf3, 0x84)?.bytes, 192, "version 2: 64 kbit/s at 24 kHz");
  assertEquals(header(0xff, 0xf3, 0x84)?.durationMs, 24);
  assertEquals(header(0xff, 0xff, 0xc4)?.bytes, 384, "layer I: 384 kbit/s at 48 kHz");
  assertEquals(header(0xff, 0xfd, 0x80)?.bytes, 417, "layer II: 128 kbit/s at 44.1 kHz");
  assertEquals(header(0xff, 0xfb, 0x00), undefined, "free format");
  assertEquals(header(0xff, 0xfb, 0xf0), undefined, "no such rate");
});

Deno.test("a second song in Ogg has headers of its own, and they come apart from its sound", () => {
  const chain = concat([
    opusHeaders(1),
    ...[0, 1, 2].map((second) => opusPage(second, 1)),
    opusHeaders(2, "artist=Ann Ö", "Title=Song"),
    opusPage(0, 2),
  ]);
  const cuts = cutsOf(FRAMERS.ogg(), [chain]);
  assertEquals(shapeOf(cuts), ["init", 1000, 1000, 1000, "init", 1000]);
  assertEquals(cuts.flatMap(({ type, bytes }) => type === "init" ? [readOggTitle(bytes)] : []), [
    undefined,
    "Ann Ö - Song",
  ]);
  assertEquals(readOggTitle(vorbisHeaders(8000)), "Song");
});

Deno.test("arbitrary bytes have a title or none, and never throw", () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.nat(), (bytes, at) => {
      readOggTitle(concat([new TextEncoder().encode("OpusTags"), bytes]));
      const headers = opusHeaders(1, "title=Song");
      headers[at % headers.length] = bytes[0] ?? 0;
      readOggTitle(headers);
    }),
  );
});

Deno.test("the time of Vorbis is counted at its own rate", () => {
  const pages = [1, 2, 3].map((at) => oggPage({ granule: at * 8_000, content: [payload(90, at)] }));
  const stream = concat([vorbisHeaders(16_000), ...pages]);
  assertEquals(shapeOf(cutsOf(FRAMERS.ogg(), [stream])), ["init", 1000, 500]);
});

Deno.test("a packet that goes on over pages is not cut", () => {
  const part = (granule: number, flags: number, seed: number) =>
    oggPage({ granule, flags, content: [payload(90, seed)] });
  const stream = concat([
    opusHeaders(),
    part(-1, 0, 1),
    part(60_000, 1, 2),
    part(120_000, 1, 3),
    part(180_000, 0, 4),
  ]);
  const cuts = cutsOf(FRAMERS.ogg(), [stream]);
  assertEquals(shapeOf(cuts), ["init", 2500, 1250]);
  assertEquals(joined(cuts), stream);
});

Deno.test("what Ogg can hold besides Vorbis and Opus is refused, with what is taken instead", () => {
  const first = (...text: string[]) =>
    concat(
      text.map((one, serial) =>
        oggPage({ granule: 0, flags: 2, serial, content: [new TextEncoder().encode(one)] })
      ),
    );
  const theora = oggPage({
    granule: 0,
    flags: 2,
    content: [concat([Uint8Array.of(0x80), new TextEncoder().encode("theora")])],
  });
  assertEquals(refusal("ogg", theora).message, "Theora is not taken here.");
  const { code, hint } = refusal("ogg", first("\x7fFLAC"));
  assertEquals(code, "unsupported-codec");
  assert(hint.includes("Vorbis or Opus"));
  assertEquals(refusal("ogg", first("OpusHead", "OpusHead")).code, "unsupported-codec");
});

Deno.test("segments with pictures begin at keyframes, however rare these are", () => {
  const keyframes = [true, false, false, true, false, true];
  const webm = [webmHeader(), ...keyframes.map((keyframe, at) => webmCluster(at, { keyframe }))];
  assertEquals(shapeOf(cutsOf(FRAMERS.webm(), webm)), ["init", 3000, 2000, 1000]);
  const mp4 = [mp4Init(), ...keyframes.map((keyframe, at) => mp4Fragment(at, keyframe))];
  assertEquals(shapeOf(cutsOf(FRAMERS.fmp4(), mp4)), ["init", 3000, 2000, 1000]);
});

Deno.test("pictures without any keyframe are left out up to the first, and refused after a while", () => {
  const keyframes = [false, true, false, false];
  const mp4 = keyframes.map((keyframe, at) => mp4Fragment(at, keyframe));
  const cuts = cutsOf(FRAMERS.fmp4(), [mp4Init(), ...mp4]);
  assertEquals(shapeOf(cuts), ["init", 3000]);
  assertEquals(joined(cuts), concat([mp4Init(), ...mp4.slice(1)]));
  const rare = Array.from({ length: 40 }, (_, at) => mp4Fragment(at, at === 0));
  assertEquals(refusal("fmp4", mp4Init(), ...rare).code, "keyframes-too-rare");
});

Deno.test("a cluster without a size lasts until the next one begins, the last one as long as its blocks", () => {
  const at = (second: number) => webmCluster(second, { known: false });
  assertEquals(shapeOf(cutsOf(FRAMERS.webm(), [webmHeader(), at(0), at(3), at(4)])), [
    ...["init", 3000, 1000, 1000],
  ]);
});

Deno.test("a cluster with a size waits for nothing, and the next one makes up for a gap", () => {
  const cutter = createCutter(FRAMERS.webm());
  const first = concat([webmHeader(), webmCluster(0)]);
  assertEquals(shapeOf([...cutter.push(first)]), ["init"]);
  assertEquals(cutter.growing(), webmCluster(0));
  const gap = [first, webmCluster(3), webmCluster(4)];
  assertEquals(shapeOf(cutsOf(FRAMERS.webm(), gap)), ["init", 1000, 3000, 1000]);
});

Deno.test("codecs that browsers do not play are refused", () => {
  assertEquals(
    refusal("webm", webmHeader("V_MPEG4/ISO/AVC")).message,
    "V_MPEG4/ISO/AVC in WebM is not taken here.",
  );
  assertEquals(refusal("fmp4", mp4Init("mp4v")).message, "mp4v in MP4 is not taken here.");
});

Deno.test("a film that is not fragmented is refused as soon as that shows", () => {
  const film = join(mp4Init(), box("mdat", payload(50_000, 1)));
  assertEquals(refusal("fmp4", film.subarray(0, mp4Init().length + 8)).code, "unsupported-media");
  assertEquals(refusal("fmp4", join(box("ftyp", words(1)), box("mdat"))).code, "unsupported-media");
});

Deno.test("the demo clip is cut at its own fragments", async () => {
  const clip = await Deno.readFile("edge/origin/demo/clip.mp4");
  const cuts = cutsOf(FRAMERS.fmp4(), [clip]);
  const [init, ...segments] = shapeOf(cuts);
  assertEquals(init, "init");
  assert(segments.length > 3 && segments.every((ms) => ms === 2000), segments.join());
});

Deno.test("the first bytes tell the format; the content type where they do not", () => {
  const wrong = "audio/mpeg";
  assertEquals(streamFormat(opusHeaders(), wrong), "ogg");
  assertEquals(streamFormat(webmHeader(), wrong), "webm");
  assertEquals(streamFormat(mp4Init(), wrong), "fmp4");
  assertEquals(streamFormat(adtsFrame(1), wrong), "aac");
  assertEquals(streamFormat(mp3Frame(1), ""), "mp3");
  assertEquals(streamFormat(payload(12, 1), "audio/aacp; charset=x"), "aac");
  const tag = Uint8Array.from("ID3\x04\0\0\0\0\0\x05TAG", (one) => one.charCodeAt(0));
  assertEquals(streamFormat(tag, "application/octet-stream"), "mp3");
  assertEquals(streamFormat(tag, "audio/aac"), "aac");
  assertEquals(streamFormat(payload(12, 1), "application/ogg"), "ogg");
  const { code, hint } = assertThrows(() => streamFormat(payload(12, 1), "audio/flac"), CodedError);
  assertEquals(code, "unsupported-media");
  assert(hint.includes("MP3"));
  assert(isUnsupportedType("audio/flac"));
  assert(!isUnsupportedType("video/webm") && !isUnsupportedType(""));
});
