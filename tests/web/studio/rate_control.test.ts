import { assert, assertEquals, assertGreater } from "@std/assert";
import { atShare, bitsPerSecond, QUALITIES } from "../../../web/studio/quality.ts";
import { createRateControl } from "../../../web/studio/rate_control.ts";

const rateAt = (share: number) => bitsPerSecond(atShare(QUALITIES.high, share));

/** Sends segments of 2 s over an uplink of so many bits per second; answers the shares that were chosen. */
function over(rates: ReturnType<typeof createRateControl>) {
  let nowMs = 0;
  let waitingMs = 0;
  return (uplink: number, segments: number): number[] => {
    const shares: number[] = [];
    for (let sent = 0; sent < segments; sent++) {
      const bytes = rateAt(rates.share) * 2 / 8;
      const tookMs = bytes * 8_000 / uplink;
      waitingMs = Math.min(16_000, Math.max(0, waitingMs + tookMs - 2_000));
      nowMs += Math.max(tookMs, 2_000);
      if (rates.delivered({ bytes, tookMs, waitingMs }, nowMs)) shares.push(rates.share);
    }
    return shares;
  };
}

Deno.test("an uplink that keeps up is left alone", () => {
  const rates = createRateControl(rateAt);
  assertEquals(over(rates)(4_000_000, 300), []);
  assertEquals(rates.share, 1);
});

Deno.test("an uplink that does not keep up is given what fits, and then there is no backlog", () => {
  const rates = createRateControl(rateAt);
  const send = over(rates);
  const [share] = send(1_500_000, 20);
  assertEquals(share, 0.35);
  assert(rateAt(share!) <= 1_500_000 * 0.8);
  assertEquals(send(1_500_000, 5), []);
});

Deno.test("what was encoded before a change is no reason for another one", () => {
  const rates = createRateControl(rateAt);
  const slow = { bytes: 650_000, tookMs: 3_000, waitingMs: 6_000 };
  const slower = { bytes: 200_000, tookMs: 4_000, waitingMs: 8_000 };
  assert(rates.delivered(slow, 10_000));
  assertEquals(rates.delivered(slower, 13_000), false);
  assert(rates.delivered(slower, 17_000));
});

Deno.test("below the least nothing is changed any more", () => {
  const rates = createRateControl(rateAt);
  const send = over(rates);
  send(200_000, 20);
  assertEquals(rates.share, 0.25);
  assertEquals(send(200_000, 20), []);
});

Deno.test("when the uplink is wide again, more is sent step by step", () => {
  const rates = createRateControl(rateAt);
  const send = over(rates);
  send(1_500_000, 20);
  assertEquals(send(10_000_000, 60), [0.5, 0.7, 1]);
});

Deno.test("what waits since an outage is no reason to send less where there is room for it", () => {
  const rates = createRateControl(rateAt);
  assertEquals(
    rates.delivered({ bytes: 650_000, tookMs: 200, waitingMs: 14_000 }, 20_000),
    false,
  );
});

Deno.test("after each try that failed the next one is later", () => {
  const rates = createRateControl(rateAt);
  let nowMs = 0;
  /** Until the share is another one, by segments that take so long and wait so long. */
  const until = (tookMs: number, waitingMs: number): number => {
    const sinceMs = nowMs;
    for (let sent = 0; sent < 400; sent++) {
      nowMs += 2_000;
      const bytes = rateAt(rates.share) * 2 / 8;
      if (rates.delivered({ bytes, tookMs, waitingMs }, nowMs)) return nowMs - sinceMs;
    }
    throw new Error("the share stays as it is");
  };
  until(2_500, 6_000);
  const first = until(100, 0);
  until(3_500, 6_000);
  until(3_500, 6_000);
  const second = until(100, 0);
  assertGreater(second, 1.5 * first);
});

Deno.test("a smaller share has fewer pixels and the same sound; sound alone stays as it is", () => {
  assertEquals(atShare(QUALITIES.high, 0.25), {
    picture: { lines: 360, bitsPerSecond: 625_000 },
    sound: { bitsPerSecond: 128_000 },
  });
  assertEquals(atShare(QUALITIES.sound, 0.25), QUALITIES.sound);
});
