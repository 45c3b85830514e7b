/** An engine on virtual time. */
import { assertEquals } from "@std/assert";
import { createClock } from "./clock.ts";
import { drive } from "./driver.ts";

Deno.test("an engine is woken when it wanted to be last, and once", () => {
  const clock = createClock();
  const wokenMs: number[] = [];
  let wakeMs = Infinity;
  const feed = drive<{ type: "wants"; ms: number }, never>({
    clock,
    engine: {
      handle(input, nowMs) {
        wakeMs = input.type === "wake" ? Infinity : input.ms;
        if (input.type === "wake") wokenMs.push(nowMs);
      },
      poll: () => undefined,
      wakeMs: () => wakeMs,
    },
    alive: () => true,
    perform() {},
  });
  feed({ type: "wants", ms: 20 });
  feed({ type: "wants", ms: 10 });
  clock.runUntil(30);
  assertEquals(wokenMs, [10]);
  feed({ type: "wants", ms: 5 });
  clock.runUntil(40);
  assertEquals(wokenMs, [10, 30], "what is past is due now");
});
