import { assertEquals } from "@std/assert";
import { loadedSeconds } from "../../../web/player/loaded.ts";

function ranges(...spans: readonly (readonly [number, number])[]): TimeRanges {
  return { length: spans.length, start: (at) => spans[at]![0], end: (at) => spans[at]![1] };
}

Deno.test("what was played and dropped counts as loaded, and what is buffered too only once", () => {
  const loaded = (buffered: TimeRanges, played: TimeRanges) => loadedSeconds({ buffered, played });
  assertEquals(loaded(ranges(), ranges()), 0);
  assertEquals(loaded(ranges([5, 20]), ranges([0, 10])), 20);
  assertEquals(loaded(ranges([0, 30], [100, 110]), ranges([2, 4], [90, 105])), 50);
});
