import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { ByteReport } from "../../../edge/protocol/messages.ts";
import { peerId, setStage } from "./stage.ts";

const MB = 1_000_000;

Deno.test("reports of all members add up, and stay when they leave", () => {
  const stage = setStage();
  stage.join(1);
  stage.join(2);
  stage.say(1, { type: "report", bytes: { peers: 1 * MB, edge: 2 * MB, cache: 0, uploaded: 5 } });
  stage.say(2, { type: "report", bytes: { peers: 3 * MB, edge: 0, cache: 1 * MB, uploaded: 0 } });
  stage.say(1, { type: "report", bytes: { peers: 2 * MB, edge: 2 * MB, cache: 0, uploaded: 9 } });
  const expected = { peers: 5 * MB, edge: 2 * MB, cache: 1 * MB, uploaded: 9 };
  assertEquals(stage.stats().bytes, expected);
  stage.handle({ type: "closed", socket: 1 });
  stage.say(2, { type: "leave" });
  assertEquals(stage.stats().bytes, expected);
});

Deno.test("a peer that joins again counts from nothing", () => {
  const stage = setStage();
  const bytes = { peers: 1 * MB, edge: 0, cache: 0, uploaded: 0 };
  stage.join(1);
  stage.say(1, { type: "report", bytes });
  stage.join(2, undefined, peerId(1));
  stage.say(2, { type: "report", bytes });
  assertEquals(stage.stats().bytes.peers, 2 * MB);
});

Deno.test("whatever is reported, totals never fall and never pass what can be moved", () => {
  const number = fc.oneof(fc.double({ min: 0, noNaN: true }), fc.nat());
  const report: fc.Arbitrary<ByteReport> = fc.record({
    peers: number,
    edge: number,
    cache: number,
    uploaded: number,
  });
  fc.assert(fc.property(fc.array(fc.tuple(report, fc.nat(20_000))), (reports) => {
    const stage = setStage();
    stage.join(1);
    let before: ByteReport = { peers: 0, edge: 0, cache: 0, uploaded: 0 };
    let passed = 0;
    for (const [bytes, ms] of reports) {
      stage.jump(ms);
      passed += ms;
      stage.say(1, { type: "report", bytes });
      const { bytes: now } = stage.stats();
      for (const field of ["peers", "edge", "cache", "uploaded"] as const) {
        assert(Number.isSafeInteger(now[field]) && now[field] >= before[field]);
        assert(now[field] <= 64 * 1024 * 1024 + passed * 25_000);
      }
      before = now;
    }
  }));
});

Deno.test("a number beyond all reason counts as the most that can be moved", () => {
  const stage = setStage();
  stage.join(1);
  stage.say(1, { type: "report", bytes: { peers: 1e300, edge: 0, cache: 0, uploaded: 0 } });
  assertEquals(stage.stats().bytes.peers, 64 * 1024 * 1024);
});

Deno.test("what a quick peer has moved in its time counts in full", () => {
  const stage = setStage();
  stage.join(1);
  stage.jump(10_000);
  const bytes = { peers: 240 * MB, edge: 0, cache: 0, uploaded: 0 };
  stage.say(1, { type: "report", bytes });
  assertEquals(stage.stats().bytes, bytes);
});
