/** Virtual time. */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { createClock } from "./clock.ts";

Deno.test("what is due first runs first, and what is due together in the order of the calls", () => {
  // Of the same day, of others, and of years to come.
  const quarters = fc.nat(80).map((quarters) => quarters / 4);
  const delay = fc.tuple(quarters, fc.constantFrom(0, 0, 1_000, 2_500)).map(([a, b]) => a + b);
  fc.assert(fc.property(fc.array(delay, { maxLength: 200 }), (delays) => {
    const clock = createClock();
    const ran: { atMs: number; call: number }[] = [];
    delays.forEach((ms, call) => clock.after(ms, () => ran.push({ atMs: clock.now(), call })));
    clock.runUntil(2_520);
    const expected = delays.map((atMs, call) => ({ atMs, call }));
    assertEquals(ran, expected.sort((a, b) => a.atMs - b.atMs || a.call - b.call));
  }));
});

Deno.test("what is called for from within a run takes its place among the rest", () => {
  const clock = createClock();
  const ran: string[] = [];
  clock.after(10, () => {
    clock.after(5, () => ran.push("within"));
    clock.after(-5, () => ran.push("at once"));
  });
  clock.after(12, () => ran.push("between"));
  clock.after(20, () => ran.push("last"));
  clock.runUntil(20);
  assertEquals(ran, ["at once", "between", "within", "last"]);
});

Deno.test("the clock stops at the time it was told, and what is due later waits", () => {
  const clock = createClock();
  let ran = false;
  clock.after(11, () => ran = true);
  clock.runUntil(10);
  assertEquals([clock.now(), ran], [10, false]);
  clock.runUntil(11);
  assertEquals([clock.now(), ran], [11, true]);
});

Deno.test("what is called for from within, days and years ahead, comes in its turn", () => {
  const clock = createClock();
  const ran: number[] = [];
  const note = () => ran.push(clock.now());
  for (const ms of [0.5, 1_023.5, 1_024, 3_000]) {
    clock.at(ms, () => {
      note();
      for (const later of [0.25, 1, 1_100]) clock.after(later, note);
    });
  }
  clock.runUntil(700);
  clock.at(650, note);
  clock.runUntil(10_000);
  assertEquals(ran, [...ran].sort((a, b) => a - b));
  assertEquals([ran.length, ran[3]], [17, 700]);
});
