/** Virtual time. */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { createClock } from "./clock.ts";

Deno.test("what is due first runs first, and what is due together in the order of the calls", () => {
  const delay = fc.nat(80).map((quarters) => quarters / 4);
  fc.assert(fc.property(fc.array(delay, { maxLength: 200 }), (delays) => {
    const clock = createClock();
    const ran: { atMs: number; call: number }[] = [];
    delays.forEach((ms, call) => clock.after(ms, () => ran.push({ atMs: clock.now(), call })));
    clock.runUntil(20);
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
