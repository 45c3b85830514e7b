import { assertEquals } from "@std/assert";
import { createSegmentClocks } from "../../../edge/origin/segment_clock.ts";
import { createFakePlatform } from "../fake_platform.ts";

function clocks() {
  const platform = createFakePlatform({ now: 1_000_000 });
  return { platform, newClock: createSegmentClocks(platform) };
}

const segments = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, at) => ({ sequence: first + at, durationMs: 2000 }));

Deno.test("the first segments end now, and the others follow on them however late they come", () => {
  const { platform, newClock } = clocks();
  const clock = newClock();
  assertEquals(clock.place(segments(5, 6)), [996_000, 998_000]);
  platform.sleep(3333);
  assertEquals(clock.place(segments(7, 7)), [1_000_000]);
});

Deno.test("a segment that is placed again keeps its place", () => {
  const { platform, newClock } = clocks();
  const clock = newClock();
  clock.place(segments(5, 5));
  const first = clock.place(segments(6, 7));
  platform.sleep(700);
  assertEquals(clock.place(segments(6, 8)).slice(0, 2), first);
});

Deno.test("after a hole, and after a restart, the time of arrival counts again", () => {
  const { platform, newClock } = clocks();
  const clock = newClock();
  clock.place(segments(0, 4));
  platform.sleep(60_000);
  assertEquals(clock.place(segments(30, 30)), [1_058_000]);
  clock.restart();
  assertEquals(clock.place(segments(1, 2)), [1_056_000, 1_058_000]);
});

Deno.test("the upstream's own time goes before all others", () => {
  const { newClock } = clocks();
  const [one] = segments(0, 0);
  assertEquals(newClock().place([{ ...one!, programDateTimeMs: 77 }]), [77]);
});

Deno.test("two renditions agree on what they both have, unless their numbers mean other things", () => {
  const { platform, newClock } = clocks();
  const [low, high] = [newClock(), newClock()];
  const [, second] = low.place(segments(0, 2));
  platform.sleep(900);
  assertEquals(high.place(segments(1, 3))[0], second);
  platform.sleep(20_000);
  assertEquals(newClock().place(segments(1, 1)), [1_018_900]);
});

Deno.test("numbers that begin again soon stand for what comes now, in all renditions alike", () => {
  const { platform, newClock } = clocks();
  const [low, high] = [newClock(), newClock()];
  for (const clock of [low, high]) clock.place(segments(0, 2));
  platform.sleep(3_000);
  low.restart();
  assertEquals(low.place(segments(0, 0)), [1_001_000]);
  platform.sleep(400);
  high.restart();
  assertEquals(high.place(segments(0, 1)), [1_001_000, 1_003_000]);
});

Deno.test("a clock that is put back is not followed, one that is put forward is", () => {
  const clock = clocks().newClock();
  const told = (...times: number[]) =>
    segments(0, times.length - 1).map((one, at) => ({ ...one, programDateTimeMs: times[at]! }));
  const hourMs = 3_600_000;
  assertEquals(clock.place(told(9 * hourMs, 8 * hourMs, 8 * hourMs + 2000)), [
    9 * hourMs,
    9 * hourMs + 2000,
    9 * hourMs + 4000,
  ]);
  clock.restart();
  assertEquals(clock.place(told(1000, 2990, 60_000)), [1000, 2990, 60_000]);
});
