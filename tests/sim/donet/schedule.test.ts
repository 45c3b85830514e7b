/** Algorithm 1 of the DONet paper. */
import { assertEquals } from "@std/assert";
import { type Expected, schedule } from "./schedule.ts";

const PIECE = 1_000;
const SECONDS = 1_000;
const piece = (shownBy: number[], deadlineMs = 60 * SECONDS): Expected => ({
  bytes: PIECE,
  deadlineMs,
  shownBy,
});
const slow = { bandwidth: 1, asked: 0 };
const fast = { bandwidth: 10, asked: 0 };

Deno.test("a piece with one supplier is asked of it, whatever its time", () => {
  assertEquals(schedule([piece([0], 1)], [slow], 0), [0]);
});

Deno.test("among several the one with the highest bandwidth is asked", () => {
  assertEquals(schedule([piece([0, 1])], [slow, fast], 0), [1]);
});

Deno.test("one that has no time for it any more is passed over", () => {
  const busy = { bandwidth: 10, asked: 100 * PIECE };
  assertEquals(schedule([piece([0, 1], 2 * SECONDS)], [slow, busy], 0), [0]);
  assertEquals(schedule([piece([0, 1], SECONDS / 2)], [slow, busy], 0), [undefined]);
});

Deno.test("what only one has takes its time before what several have is given out", () => {
  // The fast one has time for a single piece before the deadline.
  const due = 150;
  const chosen = schedule([piece([1], due), piece([0, 1], due)], [slow, fast], 0);
  assertEquals(chosen, [1, undefined]);
});

Deno.test("what two have is given out before what three have", () => {
  const due = 150;
  const others = [{ ...fast, bandwidth: 9 }, slow];
  const chosen = schedule([piece([0, 1, 2], due), piece([0, 2], due)], [fast, ...others], 0);
  assertEquals(chosen, [0, 0]);
});
