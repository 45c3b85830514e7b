/** What an uplink carries, learned from how long pieces take to leave. */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import { createUplinkMeter } from "../../../web/swarm/uplink.ts";

const PIECE = 16_384;

/** Hands over `pieces` one after the other, each as the one before has left, at `rate`, bytes/s. */
function send(
  meter: ReturnType<typeof createUplinkMeter>,
  pieces: number,
  rate: number,
  fromMs: number,
): number {
  let nowMs = fromMs;
  for (let at = 0; at < pieces; at++) {
    meter.handed(PIECE, nowMs);
    meter.left(PIECE, nowMs += (PIECE / rate) * 1_000);
  }
  return nowMs;
}

Deno.test("before enough has left nothing is known", () => {
  const meter = createUplinkMeter();
  assertEquals(meter.rate, undefined);
  meter.handed(100, 0);
  meter.left(100, 1);
  assertEquals(meter.rate, undefined);
});

Deno.test("only the time in which something waits is measured", () => {
  const meter = createUplinkMeter();
  let nowMs = 0;
  for (let at = 0; at < 40; at++) nowMs = send(meter, 1, 200_000, nowMs + 5_000);
  assertAlmostEquals(meter.rate!, 200_000, 1_000);
});

Deno.test("pieces that wait behind each other are counted by the time of all, not of each", () => {
  const meter = createUplinkMeter();
  for (let at = 0; at < 40; at++) meter.handed(PIECE, 0);
  for (let at = 1; at <= 40; at++) meter.left(PIECE, (at * PIECE) / 200);
  assertAlmostEquals(meter.rate!, 200_000, 1_000);
  assertEquals(meter.waiting, 0);
});

Deno.test("what was lost with its link waits no longer, and says nothing of the rate", () => {
  const meter = createUplinkMeter();
  send(meter, 40, 200_000, 0);
  const { rate } = meter;
  meter.handed(PIECE * 3, 1_000);
  meter.lost(PIECE * 3);
  assertEquals([meter.waiting, meter.rate], [0, rate]);
});

Deno.test("a change of the uplink is followed, a single outlier is not believed", () => {
  const meter = createUplinkMeter();
  let nowMs = send(meter, 40, 200_000, 0);
  nowMs = send(meter, 4, 200_000, send(meter, 1, 5_000, nowMs));
  assert(meter.rate! > 100_000, `${meter.rate}`);
  send(meter, 200, 1_000_000, nowMs);
  assertAlmostEquals(meter.rate!, 1_000_000, 50_000);
});

Deno.test("whatever is handed and told to have left, the rate is a number above nothing and nothing waits below zero", () => {
  const step = fc.record({ handed: fc.boolean(), bytes: fc.nat(200_000), ms: fc.nat(5_000) });
  fc.assert(fc.property(fc.array(step), (steps) => {
    const meter = createUplinkMeter();
    let nowMs = 0;
    for (const { handed, bytes, ms } of steps) {
      nowMs += ms;
      if (handed) meter.handed(bytes, nowMs);
      else meter.left(bytes, nowMs);
      assert(meter.waiting >= 0);
      assert(meter.rate === undefined || (meter.rate > 0 && Number.isFinite(meter.rate)));
    }
  }));
});

Deno.test("the first rate is known after two pieces, and changes after four more at the earliest", () => {
  const meter = createUplinkMeter();
  let nowMs = send(meter, 1, 200_000, 0);
  assertEquals(meter.rate, undefined);
  nowMs = send(meter, 1, 200_000, nowMs);
  assertAlmostEquals(meter.rate!, 200_000, 1_000);
  nowMs = send(meter, 3, 100_000, nowMs);
  assertAlmostEquals(meter.rate!, 200_000, 1_000);
  send(meter, 1, 100_000, nowMs);
  assertAlmostEquals(meter.rate!, 170_000, 1_000);
});

Deno.test("what has been handed over waits until it has left", () => {
  const meter = createUplinkMeter();
  for (const waiting of [1, 2, 3]) {
    meter.handed(PIECE, 0);
    assertEquals(meter.waiting, waiting * PIECE);
  }
  meter.left(PIECE, 100);
  assertEquals(meter.waiting, 2 * PIECE);
});
