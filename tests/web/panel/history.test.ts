import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  addSample,
  type Counters,
  type History,
  LEAST_MS,
  MIN_STEP_MS,
  ratePoints,
  SMOOTHING_MS,
  SPAN_MS,
} from "../../../web/panel/history.ts";

const counters = (part: Partial<Counters>): Counters => ({
  peers: 0,
  edge: 0,
  cache: 0,
  uploaded: 0,
  ...part,
});

function historyOf(samples: readonly (readonly [atMs: number, told: Counters])[]): History {
  return samples.reduce<History>((history, [atMs, told]) => addSample(history, atMs, told), []);
}

/** One sample a second. */
function everySecond(count: number, peers: (second: number) => number): History {
  return historyOf(
    Array.from({ length: count }, (_, at) => [at * 1000, counters({ peers: peers(at) })] as const),
  );
}

Deno.test("one sample says nothing of a rate, two do", () => {
  const one = historyOf([[5_000, counters({ peers: 40_000_000 })]]);
  assertEquals(ratePoints([]), []);
  assertEquals(ratePoints(one), []);
  const two = addSample(one, 15_000, counters({ peers: 40_001_500, uploaded: 500 }));
  assertEquals(ratePoints(two), [{ atMs: 15_000, peers: 150, edge: 0, cache: 0, uploaded: 50 }]);
});

for (const seconds of [2, 3, 4, 6]) {
  Deno.test(`segments of ${seconds} s make a level rate`, () => {
    const history = everySecond(60, (at) => Math.floor(at / seconds) * seconds * 1000);
    for (const { atMs, peers } of ratePoints(history)) {
      if (atMs >= SMOOTHING_MS + seconds * 1000) assertAlmostEquals(peers, 1000, 1e-6);
    }
  });
}

Deno.test("a sample that comes a little late makes no ripple", () => {
  const jitter = [0, 30, 5, 80, 0, 45];
  const history = historyOf(Array.from({ length: 60 }, (_, at) => {
    const atMs = at * 1000 + jitter[at % jitter.length]!;
    return [atMs, counters({ edge: atMs * 2 })] as const;
  }));
  for (const { atMs, edge } of ratePoints(history)) {
    if (atMs >= LEAST_MS) assertAlmostEquals(edge, 2000, 1e-6);
  }
});

Deno.test("a counter that goes back is no traffic, and counts on from there", () => {
  const history = everySecond(30, (at) => at < 15 ? at * 1000 : (at - 15) * 1000);
  const rates = ratePoints(history).map((point) => point.peers);
  assert(rates.every((rate) => rate >= 0 && rate <= 1000.001), String(rates));
  assertAlmostEquals(rates.at(-1)!, 1000, 1e-6);
});

Deno.test("samples that crowd are dropped without losing bytes", () => {
  const history = historyOf([
    [0, counters({})],
    [1000, counters({ cache: 500 })],
    [1000 + MIN_STEP_MS - 1, counters({ cache: 2900 })],
    [6000, counters({ cache: 3000 })],
  ]);
  assertEquals(history.length, 3);
  assertEquals(ratePoints(history).at(-1)?.cache, 500);
});

Deno.test("the burst of a join is told as the seconds of media that it is", () => {
  const history = everySecond(20, (at) => at === 0 ? 0 : 6_000);
  const highest = Math.max(...ratePoints(history).map(({ peers }) => peers));
  assertEquals(highest, 1000);
});

Deno.test("after a long silence the rate starts anew", () => {
  const before = everySecond(10, (at) => at * 1000);
  const after = addSample(before, 9_000 + SPAN_MS * 2, counters({ peers: 1e9 }));
  assertEquals(ratePoints(after), []);
});

Deno.test("whatever is told, a history stays bounded, in order and without negative rates", () => {
  const told = fc.record({
    peers: fc.nat(),
    edge: fc.nat(),
    cache: fc.nat(),
    uploaded: fc.nat(),
  });
  const samples = fc.array(fc.tuple(fc.integer({ min: -500, max: 20_000 }), told), {
    maxLength: 800,
  });
  fc.assert(fc.property(samples, (steps) => {
    let atMs = 0;
    const history = historyOf(steps.map(([step, counters]) => [atMs += step, counters] as const));
    const most = (SPAN_MS + SMOOTHING_MS) / MIN_STEP_MS + 1;
    assert(history.length <= most);
    const points = ratePoints(history);
    assertEquals(points.length, Math.max(0, history.length - 1));
    for (const [at, point] of points.entries()) {
      assert(point.peers >= 0 && point.edge >= 0 && point.cache >= 0 && point.uploaded >= 0);
      assert(point.atMs > (points[at - 1]?.atMs ?? -Infinity));
    }
  }));
});
