import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { ByteReader, ByteWriter } from "../../../edge/protocol/bytes.ts";
import {
  parseUnitKey,
  readUnit,
  UNIT_BYTES,
  unitKey,
  writeUnit,
} from "../../../edge/protocol/unit.ts";
import { unit } from "./arbitraries.ts";

Deno.test("a unit comes back from its bytes and from its key", () => {
  fc.assert(fc.property(unit, (unit) => {
    const bytes = writeUnit(new ByteWriter(), unit).done();
    assertEquals(bytes.length, UNIT_BYTES);
    assertEquals(readUnit(new ByteReader(bytes)), unit);
    assertEquals(parseUnitKey(unitKey(unit)), unit);
  }));
});

Deno.test("different units have different keys", () => {
  fc.assert(fc.property(unit, unit, (a, b) => {
    assertEquals(unitKey(a) === unitKey(b), JSON.stringify(a) === JSON.stringify(b));
  }));
});

Deno.test("a key is that of one unit only, and any other text is none", () => {
  const keyLike = fc.stringMatching(/^[0-9]{1,11}\.[0-9]{1,4}\.[0-9]{1,16}(\.[0-9]{1,4})?$/);
  fc.assert(fc.property(fc.oneof(fc.string(), keyLike), (text) => {
    const unit = parseUnitKey(text);
    if (unit) assertEquals(unitKey(unit), text);
  }));
  for (const text of ["4294967296.0.0", "0.256.0", "0.0.281474976710656", "0.0.0.255", "00.0.0"]) {
    assertEquals(parseUnitKey(text), undefined, text);
  }
});
