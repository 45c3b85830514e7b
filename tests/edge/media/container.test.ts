import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { sniffContainer } from "../../../edge/media/container.ts";
import { box, join, words } from "./boxes.ts";

/** An ID3v2 tag with `length` bytes in it, as packed audio begins with. */
function id3(length: number): Uint8Array {
  const bytes = new Uint8Array(10 + length);
  bytes.set([0x49, 0x44, 0x33, 4, 0, 0, 0, 0, length >> 7, length & 0x7f]);
  return bytes;
}

function packets(count: number): Uint8Array {
  const bytes = new Uint8Array(188 * count);
  for (let at = 0; at < bytes.length; at += 188) bytes[at] = 0x47;
  return bytes;
}

Deno.test("a segment's container is told from its first bytes", () => {
  const adts = new Uint8Array([0xff, 0xf1, 0x50, 0x80]);
  const mpeg = new Uint8Array([0xff, 0xfb, 0x90, 0x64]);
  for (
    const [bytes, container] of [
      [join(box("styp", words(1)), box("moof")), "fmp4"],
      [box("moof"), "fmp4"],
      [packets(3), "ts"],
      [packets(1), "ts"],
      [adts, "aac"],
      [join(id3(63), adts), "aac"],
      [join(id3(300), adts), "aac"],
      [mpeg, "mp3"],
      [join(id3(63), mpeg), "mp3"],
    ] as const
  ) assertEquals(sniffContainer(bytes), container);
});

Deno.test("what is no media is not taken for any", () => {
  const broken = packets(3);
  broken[188] = 0;
  const texts = ["", "<!doctype html>", '{"error":"gone"}', "GIF89a", "ID3"];
  for (const bytes of [...texts.map((text) => new TextEncoder().encode(text)), broken, id3(63)]) {
    assertEquals(sniffContainer(bytes), undefined);
  }
});

Deno.test("any bytes get an answer", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
    sniffContainer(bytes);
  }));
});
