import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { deciding, onAir, type Slot, upNext } from "../../../../edge/origin/programme/air.ts";
import type { Item, Schedule } from "../../../../edge/origin/programme/schedule.ts";

const item = (name: string, more: Partial<Item> = {}): Item => ({
  url: `http://files.example/${name}`,
  ...more,
});
const lengths = (table: Record<string, number>) => ({ url, durationMs }: Item) =>
  durationMs ?? table[url.split("/").at(-1)!] ?? 0;
const name = (slot: Slot | undefined) =>
  slot?.type === "item" ? slot.item.url.split("/").at(-1) : slot?.type;

const LOOP: Schedule = { loop: true, epochMs: 1_000, items: [item("a"), item("b"), item("c")] };
const OF_LOOP = lengths({ a: 300, b: 200, c: 500 });

Deno.test("a loop plays its items in order, again and again, counted from its epoch", () => {
  const at = (ms: number) => onAir(LOOP, OF_LOOP, ms);
  assertEquals([1_000, 1_299, 1_300, 1_500, 1_999, 2_000, 2_310].map((ms) => name(at(ms))), [
    ...["a", "a", "b", "c", "c"],
    ...["a", "b"],
  ]);
  assertEquals(at(2_310), {
    type: "item",
    item: item("b"),
    startMs: 2_300,
    endMs: 2_500,
    fills: false,
  });
  assertEquals(at(999), { type: "nothing", startMs: -Infinity, endMs: 1_000 });
});

Deno.test("what cannot be played takes no time, and a loop of nothing else plays nothing", () => {
  const without = lengths({ a: 300, c: 500 });
  assertEquals(name(onAir(LOOP, without, 1_300)), "c");
  assertEquals(onAir(LOOP, () => 0, 1_300), {
    type: "nothing",
    startMs: -Infinity,
    endMs: Infinity,
  });
});

const TIMED: Schedule = {
  loop: false,
  epochMs: 0,
  items: [
    item("news", { startMs: 1_000 }),
    item("film"),
    item("late", { startMs: 2_000 }),
    item("last", { startMs: 5_000, durationMs: 100 }),
  ],
};
const OF_TIMED = lengths({ news: 400, film: 900, late: 500, last: 7_000 });

Deno.test("items begin at their starts, and what follows without one begins when the one before ends", () => {
  const at = (ms: number) => onAir(TIMED, OF_TIMED, ms);
  assertEquals(at(999), { type: "nothing", startMs: -Infinity, endMs: 1_000 });
  assertEquals(name(at(1_000)), "news");
  assertEquals(name(at(1_400)), "film");
  assertEquals(at(1_999).endMs, 2_000, "the next start cuts off what is too long");
  assertEquals(name(at(2_000)), "late");
  assertEquals(at(3_000), { type: "nothing", startMs: 2_500, endMs: 5_000 });
  assertEquals(at(5_099).endMs, 5_100, "a duration cuts off a longer file");
  assertEquals(at(6_000), { type: "nothing", startMs: 5_100, endMs: Infinity });
});

Deno.test("a filler is played over and over in the gaps, and ends with them", () => {
  const filled = { ...TIMED, filler: item("card") };
  const at = (ms: number) => onAir(filled, lengths({ ...CARD, card: 1_000 }), ms);
  assertEquals(at(3_600), {
    type: "item",
    item: item("card"),
    startMs: 3_500,
    endMs: 4_500,
    fills: true,
  });
  assertEquals(at(4_600).endMs, 5_000);
  assertEquals(name(at(100)), "card", "before all");
  assertEquals(name(at(100_000)), "card", "after all");
});
const CARD = { news: 400, film: 900, late: 500, last: 7_000 };

Deno.test("what comes next is the next item, over gaps and fillers", () => {
  const next = (schedule: Schedule, ms: number) => {
    const of = lengths({ ...CARD, card: 1_000 });
    return name(upNext(schedule, of, onAir(schedule, of, ms)));
  };
  const filled = { ...TIMED, filler: item("card") };
  for (const schedule of [TIMED, filled]) {
    assertEquals([0, 1_000, 1_400, 2_100, 3_000].map((ms) => next(schedule, ms)), [
      ...["news", "film", "late", "last", "last"],
    ]);
    assertEquals(next(schedule, 5_050), undefined);
    assertEquals(next(schedule, 9_000), undefined);
  }
  const loopNext = (ms: number) => name(upNext(LOOP, OF_LOOP, onAir(LOOP, OF_LOOP, ms)));
  assertEquals([0, 1_000, 1_999].map(loopNext), ["a", "b", "a"]);
});

Deno.test("a loop of which nothing can be played is its filler, and nothing comes next", () => {
  const schedule = { ...LOOP, filler: item("card") };
  const of = lengths({ card: 1_000 });
  const slot = onAir(schedule, of, 1_300);
  assertEquals([name(slot), upNext(schedule, of, slot)], ["card", undefined]);
});

Deno.test("only the lengths of what follows on the newest start and on the next one decide", () => {
  const names = (ms: number, schedule = TIMED) =>
    deciding(schedule, ms).map(({ url }) => url.split("/").at(-1));
  assertEquals(names(1_200), ["news", "film", "late"]);
  assertEquals(names(2_200), ["late", "last"]);
  assertEquals(names(0), ["news", "film"]);
  assertEquals(names(9_000, { ...TIMED, filler: item("card") }), ["last", "card"]);
  assertEquals(names(0, LOOP), ["a", "b", "c"]);
});

const anyLength = fc.integer({ min: 0, max: 5_000 });
const anyItems = fc.array(anyLength, { minLength: 1, maxLength: 8 }).map((all) =>
  all.map((length, at) => ({ length, item: item(`${at}`) }))
);
const anySchedule = fc.record({
  items: anyItems,
  loop: fc.boolean(),
  epochMs: fc.integer({ min: 0, max: 10_000 }),
  starts: fc.array(fc.option(fc.integer({ min: 1, max: 4_000 }), { nil: undefined }), {
    minLength: 8,
    maxLength: 8,
  }),
  filler: fc.option(anyLength, { nil: undefined }),
}).map(({ items, loop, epochMs, starts, filler }) => {
  let start = epochMs;
  const timed = items.map(({ item }, at) => {
    const step = starts[at];
    if (loop || step === undefined) return item;
    start += step;
    return { ...item, startMs: start };
  });
  const table = Object.fromEntries(items.map(({ length }, at) => [`${at}`, length]));
  const schedule: Schedule = {
    loop,
    epochMs,
    items: timed,
    ...(filler === undefined ? {} : { filler: item("filler") }),
  };
  return { schedule, lengthOf: lengths({ ...table, filler: filler ?? 0 }) };
});
const anyTime = fc.integer({ min: 0, max: 60_000 });

Deno.test("slots neither overlap nor leave holes, and every moment of one answers it", () => {
  fc.assert(fc.property(anySchedule, anyTime, fc.nat(), ({ schedule, lengthOf }, atMs, within) => {
    const slot = onAir(schedule, lengthOf, atMs);
    assert(slot.startMs <= atMs && atMs < slot.endMs);
    const fromMs = Math.max(slot.startMs, 0);
    const span = Math.min(slot.endMs, 100_000) - fromMs;
    // The same after a restart, and on another edge, whenever it asks.
    assertEquals(onAir(schedule, lengthOf, fromMs + within % Math.max(1, span)), slot);
    if (slot.endMs === Infinity) return;
    const next = onAir(schedule, lengthOf, slot.endMs);
    assert(next.startMs === slot.endMs || next.startMs === -Infinity);
  }));
});

Deno.test("a loop with something to play has no gap", () => {
  fc.assert(fc.property(anyItems, anyTime, (items, atMs) => {
    fc.pre(items.some(({ length }) => length > 0));
    const schedule = { loop: true, epochMs: 0, items: items.map(({ item }) => item) };
    const table = Object.fromEntries(items.map(({ length }, at) => [`${at}`, length]));
    assertEquals(onAir(schedule, lengths(table), atMs).type, "item");
  }));
});

Deno.test("an item begins at its start, unless it cannot be played", () => {
  fc.assert(fc.property(anySchedule, ({ schedule, lengthOf }) => {
    for (const one of schedule.items) {
      if (one.startMs === undefined || lengthOf(one) === 0) continue;
      const slot = onAir(schedule, lengthOf, one.startMs);
      assert(slot.type === "item" && slot.item === one && slot.startMs === one.startMs);
    }
  }));
});

Deno.test("what comes next begins at or after the slot's end, and nothing unfilled is left out", () => {
  fc.assert(fc.property(anySchedule, anyTime, ({ schedule, lengthOf }, atMs) => {
    const slot = onAir(schedule, lengthOf, atMs);
    const next = upNext(schedule, lengthOf, slot);
    if (!next) return;
    assert(next.type === "item" && !next.fills && next.startMs >= slot.endMs);
    assertEquals(onAir(schedule, lengthOf, next.startMs), next);
  }));
});
