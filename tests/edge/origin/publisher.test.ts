import { assert, assertEquals } from "@std/assert";
import { createLiveWindow } from "../../../edge/origin/live_window.ts";
import {
  createPublisher,
  sealSegment,
  type SourceSegment,
} from "../../../edge/origin/publisher.ts";
import { isDigestListOf } from "../../../edge/protocol/digest_list.ts";
import { DIGEST_BYTES } from "../../../edge/protocol/ledger_entry.ts";
import { totalPieceCount } from "../../../edge/protocol/parity.ts";
import { createEventLog } from "./event_log.ts";

const segment = (length: number): SourceSegment => ({
  unit: { epoch: 1, rendition: 0, sequence: 7 },
  container: "fmp4",
  bytes: Uint8Array.from({ length }, (_, at) => at * 7),
  startMs: 14_000,
  durationMs: 2_000,
  discontinuity: false,
});

Deno.test("a segment of eight runs is published with two of parity, smaller ones with fewer or none", async () => {
  const log = createEventLog();
  const window = createLiveWindow();
  const publish = createPublisher({ channel: "demo", window, emit: log.emit });
  for (const length of [200_000, 80_000, 30_000]) await publish(segment(length));
  const cuts = log.entries().map(({ runs, parityRuns }) => [runs, parityRuns]);
  assertEquals(cuts, [[8, 2], [5, 1], [2, 0]]);
});

Deno.test("the root of a sealed segment stands for the digests of media and parity", async () => {
  const { entry, digests } = await sealSegment(segment(200_000));
  assertEquals([entry.runs, entry.parityRuns], [8, 2]);
  // 13 pieces in 8 runs: two in the longest, so two in each parity run.
  assertEquals(totalPieceCount(entry), 13 + 2 * 2);
  assertEquals(digests.length, totalPieceCount(entry) * DIGEST_BYTES);
  assert(await isDigestListOf(digests, entry.root));
});
