import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { readRange } from "../../../edge/origin/http_range.ts";

Deno.test("one range of bytes is answered as it is asked", () => {
  assertEquals(readRange("bytes=0-0", 10), { type: "part", from: 0, to: 1 });
  assertEquals(readRange("bytes=2-5", 10), { type: "part", from: 2, to: 6 });
  assertEquals(readRange("bytes=2-", 10), { type: "part", from: 2, to: 10 });
  assertEquals(readRange("bytes=0-", 10), { type: "part", from: 0, to: 10 });
  assertEquals(readRange("Bytes=2-99", 10), { type: "part", from: 2, to: 10 });
});

Deno.test("a suffix range means the last bytes, all of them if there are fewer", () => {
  assertEquals(readRange("bytes=-3", 10), { type: "part", from: 7, to: 10 });
  assertEquals(readRange("bytes=-30", 10), { type: "part", from: 0, to: 10 });
  assertEquals(readRange("bytes=-0", 10), { type: "unsatisfiable" });
});

Deno.test("a range behind the end cannot be satisfied", () => {
  assertEquals(readRange("bytes=10-", 10), { type: "unsatisfiable" });
  assertEquals(readRange("bytes=10-20", 10), { type: "unsatisfiable" });
  assertEquals(readRange("bytes=0-0", 0), { type: "unsatisfiable" });
});

Deno.test("what is no range, another unit and several ranges are ignored", () => {
  const ignored = [null, "", "bytes", "bytes=", "bytes=-", "bytes=5-2", "bytes=a-b", "items=0-1"];
  for (const header of [...ignored, "bytes=0-1,4-5", "bytes=0--1", "bytes=1.5-2"]) {
    assertEquals(readRange(header, 10), { type: "full" }, `${header}`);
  }
});

Deno.test("whatever the header, a part lies within the bytes and is not empty", () => {
  const number = fc.oneof(fc.constant(""), fc.bigInt({ min: 0n, max: 2n ** 70n }).map(String));
  const header = fc.oneof(
    fc.string(),
    fc.tuple(number, number).map(([from, to]) => `bytes=${from}-${to}`),
  );
  fc.assert(fc.property(header, fc.nat(1_000_000), (text, length) => {
    const answer = readRange(text, length);
    if (answer.type !== "part") return;
    assert(answer.from >= 0 && answer.from < answer.to && answer.to <= length);
  }));
});
