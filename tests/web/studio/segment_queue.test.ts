import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import fc from "fast-check";
import { createSegmentQueue, type Segment } from "../../../web/studio/segment_queue.ts";
import { segment } from "./segments.ts";

const LIMIT_MS = 6_000;

Deno.test("segments come out as they went in", () => {
  const queue = createSegmentQueue(LIMIT_MS);
  for (const at of [0, 1, 2]) queue.push(segment(at));
  assertEquals(queue.waitingMs(), 6_000);
  assertEquals([queue.take(), queue.take(), queue.take()], [segment(0), segment(1), segment(2)]);
  assertEquals(queue.take(), undefined);
});

Deno.test("what has waited longest is given up, and the timeline breaks after it", () => {
  const queue = createSegmentQueue(LIMIT_MS);
  for (const at of [0, 1, 2, 3, 4]) queue.push(segment(at));
  assertEquals(queue.lostMs(), 4_000);
  assertEquals(queue.take(), segment(2, { discontinuity: true }));
  assertEquals(queue.take(), segment(3));
});

Deno.test("what is being sent does not count, and is the first to be given up when it comes back late", () => {
  const queue = createSegmentQueue(LIMIT_MS);
  queue.push(segment(0));
  const sending = queue.take()!;
  for (const at of [1, 2]) queue.push(segment(at));
  queue.giveBack(sending);
  assertEquals(queue.take(), segment(0));
  for (const at of [3]) queue.push(segment(at));
  queue.giveBack(sending);
  assertEquals(queue.lostMs(), 2_000);
  assertEquals(queue.take(), segment(1, { discontinuity: true }));
});

Deno.test("one segment longer than the limit is kept", () => {
  const queue = createSegmentQueue(LIMIT_MS);
  queue.push(segment(0, { durationMs: 60_000 }));
  assertEquals(queue.take()?.durationMs, 60_000);
});

Deno.test("whatever happens, it stays bounded and in order, and says where something is missing", () => {
  const actions = fc.array(fc.constantFrom("push", "sent", "failed"), { maxLength: 60 });
  fc.assert(fc.property(actions, (actions) => {
    const queue = createSegmentQueue(LIMIT_MS);
    const sent: Segment[] = [];
    let next = 0;
    for (const action of actions) {
      if (action === "push") queue.push(segment(next++));
      const taken = action === "push" ? undefined : queue.take();
      if (taken && action === "sent") sent.push(taken);
      if (taken && action === "failed") queue.giveBack(taken);
      assertLessOrEqual(queue.waitingMs(), LIMIT_MS);
    }
    sent.forEach(({ startMs, discontinuity }, at) => {
      const before = sent[at - 1]?.startMs ?? -2_000;
      assert(startMs > before);
      assertEquals(discontinuity, startMs !== before + 2_000);
    });
  }));
});
