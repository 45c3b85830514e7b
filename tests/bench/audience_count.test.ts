/** What is counted of an audience between two times, and the figures that come of it. */
import { assertEquals } from "@std/assert";
import type { Seen } from "./audience.ts";
import { type AudienceLook, between, together } from "./audience_count.ts";
import { audienceLine } from "./audience_line.ts";

const seen = (change: Partial<Seen>): Seen => ({
  here: true,
  startMs: 300,
  playedMs: 0,
  starvedMs: 0,
  stalledMs: 0,
  peerBytes: 0,
  edgeBytes: 0,
  partners: 1,
  errors: 0,
  ...change,
});
const look = (atMs: number, all: readonly Seen[], rangeBytes: number): AudienceLook => ({
  atMs,
  seen: all,
  behindMs: [7_000],
  wholeBytes: 0,
  rangeBytes,
});

/** Two watch for 10 s; then one goes at once and another comes, which has its picture after 2 s. */
const before = look(0, [seen({ playedMs: 5_000 }), seen({ playedMs: 4_000, starvedMs: 50 })], 500);
const after = look(10_000, [
  seen({ playedMs: 5_000, here: false, partners: 9 }),
  seen({ playedMs: 13_000, starvedMs: 1_050, stalledMs: 1_000, peerBytes: 90 }),
  seen({ playedMs: 8_000, startMs: 2_000, edgeBytes: 30 }),
], 2_200);

Deno.test("only what happened between the two times counts, of those who left and came too", () => {
  const count = between(before, after, 0.2);
  assertEquals(count.playedMs, 0 + 9_000 + 8_000);
  assertEquals(count.starvedMs, [0, 1_000, 0]);
  assertEquals(count.startMs, [2_000]);
  assertEquals(count.partners, [1, 1], "who has left has no partners");
  assertEquals([count.peerBytes, count.receivedBytes], [90, 120]);
});

Deno.test("offload is what the edge did not send of what was played", () => {
  const line = audienceLine(2, between(before, after, 0.2));
  assertEquals(line.offload, 0.5, "1,700 bytes sent, 3,400 played");
  assertEquals(line.bound, 0.5);
  assertEquals([line.starvedMs, line.starvedMsMax, line.starvedViewers], [1_000, 1_000, 1]);
});

Deno.test("turns are counted together, and each viewer for itself", () => {
  const count = between(before, after, 0.2);
  const both = together([count, count]);
  assertEquals(both.playedBytes, 2 * count.playedBytes);
  assertEquals(both.rangeBytes, 3_400);
  assertEquals(both.starvedMs.length, 6);
  assertEquals(audienceLine(2, both).offload, 0.5);
});

Deno.test("where nobody came, those who were there tell how long a start takes", () => {
  const calm = look(10_000, before.seen, 500);
  assertEquals(between(before, calm, 0.2).startMs, [300, 300]);
});
