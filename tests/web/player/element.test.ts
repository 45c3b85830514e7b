import { assertAlmostEquals, assertEquals } from "@std/assert";
import { bufferedAhead, readElement } from "../../../web/player/element.ts";

const ranges = (...spans: [number, number][]): TimeRanges => ({
  length: spans.length,
  start: (index) => spans[index]![0],
  end: (index) => spans[index]![1],
});

Deno.test("what is buffered ahead ends where the range of the play position ends", () => {
  const buffered = ranges([0, 4], [10, 16], [20, 30]);
  assertEquals(bufferedAhead(buffered, 1), 3);
  assertEquals(bufferedAhead(buffered, 10), 6);
  assertEquals(bufferedAhead(buffered, 16), 0);
});

Deno.test("nothing is buffered ahead in a gap, or before the first frame", () => {
  assertEquals(bufferedAhead(ranges([0, 4], [10, 16]), 7), 0);
  assertEquals(bufferedAhead(ranges([0, 4]), 9), 0);
  assertEquals(bufferedAhead(ranges(), 0), 0);
});

Deno.test("a play position just before its range counts as in it", () => {
  assertAlmostEquals(bufferedAhead(ranges([10, 16]), 9.95), 6.05);
  assertEquals(bufferedAhead(ranges([10, 16]), 9.8), 0);
});

Deno.test("an element that has ended is not paused by its viewer", () => {
  const element = (paused: boolean, ended: boolean, hidden: boolean) =>
    readElement({
      buffered: ranges([0, 5]),
      currentTime: 2,
      paused,
      ended,
      ownerDocument: { hidden },
    } as unknown as HTMLMediaElement);
  assertEquals(element(true, false, true), { bufferSeconds: 3, paused: true, hidden: true });
  assertEquals(element(true, true, false), { bufferSeconds: 3, paused: false, hidden: false });
  assertEquals(element(false, false, false).paused, false);
});
