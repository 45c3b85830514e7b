import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { id3Bytes, sniffContainer } from "../../../edge/media/container.ts";
import {
  TIMESTAMP_TAG_BYTES,
  withoutTimestamp,
  withTimestamp,
} from "../../../edge/media/id3_timestamp.ts";
import { adtsFrame, mp3Frame } from "./cutting/streams.ts";

Deno.test("a segment with its timestamp is a tag and the segment, and gives it back", () => {
  fc.assert(
    fc.property(
      fc.uint8Array(),
      fc.double({ min: 0, max: 1e12, noNaN: true }),
      (segment, startMs) => {
        const tagged = withTimestamp(segment, startMs);
        assertEquals(id3Bytes(tagged), TIMESTAMP_TAG_BYTES);
        assertEquals(withoutTimestamp(tagged), Uint8Array.from(segment));
        assertEquals(withoutTimestamp(Uint8Array.from(segment)), Uint8Array.from(segment));
      },
    ),
  );
});

Deno.test("the timestamp counts 90,000 a second, and begins again after 33 bits", () => {
  const timestamp = (ms: number) =>
    new DataView(withTimestamp(new Uint8Array(), ms).buffer).getBigUint64(TIMESTAMP_TAG_BYTES - 8);
  assertEquals(timestamp(2_000), 180_000n);
  assertEquals(timestamp(2 ** 33 / 90 + 1_000), 90_000n);
});

Deno.test("with its timestamp a segment is still known for what it is", () => {
  assertEquals(sniffContainer(withTimestamp(mp3Frame(1), 5)), "mp3");
  assertEquals(sniffContainer(withTimestamp(adtsFrame(1), 5)), "aac");
  assert(withTimestamp(mp3Frame(1), 5).length - mp3Frame(1).length < 80);
});
