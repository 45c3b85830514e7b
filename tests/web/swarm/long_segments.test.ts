/** Segments of a minute: a peer takes part in all of each, and asks for what does not come in good time. */
import { assertEquals } from "@std/assert";
import type { LedgerEntry } from "../../../edge/protocol/ledger_entry.ts";
import { ACTIVE, createNetwork, entryOf, NOTHING } from "./network.ts";
import { framesTo, lag, stage, wantedOf } from "./stage.ts";

const MINUTE_MS = 60_000;

/** Of one piece. */
function longEntry(sequence: number): LedgerEntry {
  return { ...entryOf(sequence, 16_000), startMs: sequence * MINUTE_MS, durationMs: MINUTE_MS };
}

Deno.test("who plays segments of a minute takes part between one demand and the next", () => {
  const network = createNetwork();
  const viewer = network.add("a", { ...ACTIVE, prefetch: "played" });
  for (let sequence = 0; sequence < 3; sequence++) {
    network.publish(longEntry(sequence));
    network.demand(viewer, sequence, longEntry(sequence).unit, MINUTE_MS);
    for (let at = 0; at < 6; at++) {
      network.run(MINUTE_MS / 6 - 1);
      assertEquals(viewer.engine.totals().renditions, [0]);
    }
  }
  network.run(3 * MINUTE_MS);
  assertEquals(viewer.engine.totals().renditions, []);
});

Deno.test("what a parent has not pushed of a minute is asked for as soon as the next one begins", () => {
  const { network, node, partner, say } = stage();
  partner("parent", lag(5));
  network.publish(longEntry(1));
  network.run(1_000);
  assertEquals(wantedOf(node, "parent"), [0]);
  network.run(MINUTE_MS);
  network.publish(longEntry(2));
  const show = () =>
    say("parent", {
      type: "have",
      standing: { ...NOTHING, ...lag(5) },
      maps: [{ unit: longEntry(2).unit, pieces: new Uint8Array([0x80]) }],
    });
  const asked = () => framesTo(node, "parent", "want").some(({ unit }) => unit.sequence === 2);
  for (let ms = 0; ms < MINUTE_MS; ms += 1_000) {
    show();
    network.run(1_000);
  }
  assertEquals(asked(), false, "it may still be streamed");
  for (let ms = 0; ms < 3_000; ms += 500) {
    show();
    network.run(500);
  }
  assertEquals(asked(), true);
});
