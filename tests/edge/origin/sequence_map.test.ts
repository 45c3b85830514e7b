import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { advance, FIRST_NUMBERING, judge, restart } from "../../../edge/origin/sequence_map.ts";

Deno.test("any playlist is fine before the first segment", () => {
  assertEquals(judge(FIRST_NUMBERING, { first: 0, last: 3 }, 0, 2000), "goes-on");
});

Deno.test("a playlist a little behind is an old copy, until it has stayed for three target durations", () => {
  const numbering = advance(FIRST_NUMBERING, 10);
  assertEquals(judge(numbering, { first: 5, last: 10 }, 0, 2000), "goes-on");
  assertEquals(judge(numbering, { first: 4, last: 9 }, 6000, 2000), "behind");
  assertEquals(judge(numbering, { first: 4, last: 9 }, 6001, 2000), "restarted");
});

Deno.test("a playlist from a whole window ago is a restart at once", () => {
  const numbering = advance(FIRST_NUMBERING, 10);
  assertEquals(judge(numbering, { first: 0, last: 2 }, 0, 2000), "restarted");
});

Deno.test("over any segments and restarts our numbers only rise, and epochs never fall", () => {
  const steps = fc.array(fc.oneof(
    fc.record({ type: fc.constant("segments" as const), count: fc.integer({ min: 1, max: 20 }) }),
    fc.record({ type: fc.constant("restart" as const), count: fc.nat(1000) }),
  ));
  fc.assert(fc.property(fc.nat(1000), steps, (start, list) => {
    let numbering = FIRST_NUMBERING;
    let upstream = start;
    for (const { type, count } of list) {
      const before = numbering;
      if (type === "segments") {
        upstream += count;
        numbering = advance(numbering, upstream);
        assert(numbering.newest > before.newest);
        assertEquals(numbering.epoch, before.epoch);
      } else {
        upstream = count;
        numbering = restart(numbering, upstream);
        assertEquals(numbering.epoch, before.epoch + 1);
        assertEquals(upstream + numbering.offset, before.newest + 1);
        upstream--;
      }
    }
  }));
});
