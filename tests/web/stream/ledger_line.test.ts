/** How long partners have for what a listener hears next. */
import { assertEquals } from "@std/assert";
import { createChangeSignal } from "../../../edge/media/stream/change_signal.ts";
import type { Rendition } from "../../../edge/protocol/channel.ts";
import { createLedger } from "../../../web/player/ledger.ts";
import { createLedgerLine } from "../../../web/stream/ledger_line.ts";
import { entryOf } from "../ledger_entries.ts";

const UNIT_MS = 1_000;
const UNIT_BYTES = 10;
const MAIN: Rendition = {
  id: 0,
  kind: "main",
  playlist: "index.m3u8",
  container: "ts",
  attributes: "",
  inits: [],
};

/** The waits, ms, for units that a listener reads from the first one on; what comes plays from then on. */
async function waits(units: number, bufferMs?: () => number): Promise<number[]> {
  const ledger = createLedger();
  for (let sequence = 0; sequence < units; sequence++) {
    ledger.add(entryOf(sequence, {
      uri: `r0/${sequence}.ts`,
      durationMs: UNIT_MS,
      length: UNIT_BYTES,
      stream: { life: 1, at: sequence * UNIT_BYTES },
    }));
  }
  let nowMs = 50_000;
  const waited: number[] = [];
  const line = createLedgerLine({
    ledger,
    units: {
      async *read(_, deadlineMs) {
        waited.push(deadlineMs - nowMs);
        yield new Uint8Array(UNIT_BYTES);
        nowMs += UNIT_MS;
      },
    },
    id: MAIN.id,
    rendition: () => MAIN,
    init: () => undefined,
    isPlayable: () => true,
    changes: createChangeSignal(),
    ended: () => true,
    ...(bufferMs ? { bufferMs } : {}),
    now: () => nowMs,
  });
  const place = { life: 1, at: 0 };
  await Array.fromAsync(line.read(place, new AbortController().signal));
  return waited;
}

Deno.test("partners have time for what follows at the live edge, and none for what a listener begins with", async () => {
  const [first, ...rest] = await waits(4);
  assertEquals(first, 0);
  assertEquals(rest, [450, 450, 450]);
});

Deno.test("where the buffer is known it decides", async () => {
  assertEquals(await waits(3, () => 0), [0, 0, 0]);
  assertEquals(await waits(3, () => 3_000), [2_000, 2_000, 2_000]);
});
