import { assertEquals } from "@std/assert";
import { createLedgerLog } from "../../../edge/swarm/ledger_log.ts";
import { published } from "./stage.ts";

function publish(log: ReturnType<typeof createLedgerLog>, sequence: number, nowMs: number): void {
  const { entry, digests } = published(sequence);
  log.publish(entry, digests, nowMs);
}

function sequences(log: ReturnType<typeof createLedgerLog>, nowMs: number): number[] {
  return log.recent(nowMs).map(({ entry }) => entry.unit.sequence);
}

Deno.test("the log forgets what is too old, also while nothing new comes", () => {
  const log = createLedgerLog({ logMs: 90_000, logEntries: 512 });
  for (let at = 0; at < 100; at++) publish(log, at, at * 2_000);
  assertEquals(sequences(log, 198_000).length, 46);
  assertEquals(sequences(log, 198_000).at(-1), 99);
  assertEquals(sequences(log, 288_001), []);
});

Deno.test("the log never holds more entries than it may", () => {
  const log = createLedgerLog({ logMs: 90_000, logEntries: 10 });
  for (let at = 0; at < 1_000; at++) publish(log, at, 0);
  assertEquals(sequences(log, 0), [990, 991, 992, 993, 994, 995, 996, 997, 998, 999]);
});

Deno.test("a unit that is published again is there once", () => {
  const log = createLedgerLog({ logMs: 90_000, logEntries: 10 });
  for (const sequence of [1, 2, 1]) publish(log, sequence, 0);
  assertEquals(sequences(log, 0), [2, 1]);
});
