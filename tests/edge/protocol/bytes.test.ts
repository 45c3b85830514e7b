import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  ByteReader,
  ByteWriter,
  MalformedError,
  refuseMalformed,
} from "../../../edge/protocol/bytes.ts";
import { bytes } from "./arbitraries.ts";

type Field =
  | { kind: "u8" | "u16" | "u32" | "u48"; value: number }
  | { kind: "bytes"; value: Uint8Array }
  | { kind: "text"; value: string };

const whole = (kind: "u8" | "u16" | "u32" | "u48", bits: number) =>
  fc.maxSafeNat().map((n): Field => ({ kind, value: n % 2 ** bits }));
const field: fc.Arbitrary<Field> = fc.oneof(
  whole("u8", 8),
  whole("u16", 16),
  whole("u32", 32),
  whole("u48", 48),
  bytes({ maxLength: 200 }).map((value): Field => ({ kind: "bytes", value })),
  fc.string({ unit: "binary", maxLength: 60 }).map((value): Field => ({ kind: "text", value })),
);

function write(to: ByteWriter, field: Field): ByteWriter {
  switch (field.kind) {
    case "bytes":
      return to.bytes(field.value);
    case "text":
      return to.text(field.value);
    default:
      return to[field.kind](field.value);
  }
}

Deno.test("fields are read as they were written, in order and to the end", () => {
  fc.assert(fc.property(fc.array(field), (fields) => {
    const from = new ByteReader(fields.reduce(write, new ByteWriter()).done());
    for (const { kind, value } of fields) {
      assertEquals(kind === "bytes" ? from.bytes(value.length) : from[kind](), value);
    }
    from.end();
  }));
});

Deno.test("text that runs to the end is read as it was written", () => {
  fc.assert(fc.property(fc.nat(0xff), fc.string({ unit: "binary" }), (before, text) => {
    const from = new ByteReader(new ByteWriter().u8(before).restText(text).done());
    assertEquals([from.u8(), from.restText()], [before, text]);
    from.end();
  }));
});

Deno.test("integers stand in network byte order", () => {
  const written = new ByteWriter().u8(1).u16(0x0203).u32(0x04050607).u48(0x08090a0b0c0d).done();
  assertEquals([...written], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
});

Deno.test("a byte order mark is a character like any other", () => {
  const text = "\ufeffa";
  assertEquals(new ByteReader(new ByteWriter().text(text).done()).text(), text);
});

Deno.test("a reader of a view stays inside the view", () => {
  const from = new ByteReader(new Uint8Array([9, 9, 1, 2, 9]).subarray(2, 4));
  assertEquals(from.u16(), 0x0102);
  assertThrows(() => from.u8(), MalformedError);
});

Deno.test("what is too short, too long or not UTF-8 is malformed", () => {
  assertThrows(() => new ByteReader(new Uint8Array(5)).u48(), MalformedError);
  assertThrows(() => new ByteReader(new Uint8Array(1)).end(), MalformedError);
  assertThrows(() => new ByteReader(new Uint8Array([2, 0xc3, 0x28])).text(), MalformedError);
});

Deno.test("only malformed bytes are refused: other errors are bugs and come through", () => {
  assertEquals(
    refuseMalformed(() => {
      throw new MalformedError();
    }),
    undefined,
  );
  assertThrows(() =>
    refuseMalformed(() => {
      throw new RangeError("a bug");
    }), RangeError);
});

Deno.test("a text longer than 255 bytes is not written", () => {
  assertThrows(() => new ByteWriter().text("ä".repeat(128)), RangeError);
});
