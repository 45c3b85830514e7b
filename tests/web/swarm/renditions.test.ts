import { assertEquals } from "@std/assert";
import type { LedgerEntry } from "../../../edge/protocol/ledger_entry.ts";
import { ACTIVE, createNetwork, entryOf } from "./network.ts";

function unitOf(rendition: number, sequence: number): LedgerEntry {
  const entry = entryOf(sequence);
  return { ...entry, unit: { ...entry.unit, rendition }, uri: `r${rendition}/${sequence}.m4s` };
}

/** A viewer of a channel with the renditions 0 and 1, whose element asks for those that `asks` names. */
function watch(segments: number, asks: (sequence: number) => readonly number[]) {
  const network = createNetwork();
  const viewer = network.add("a", { ...ACTIVE, prefetch: "played" });
  let demands = 0;
  for (let sequence = 0; sequence < segments; sequence++) {
    for (const rendition of [0, 1]) network.publish(unitOf(rendition, sequence));
    for (const rendition of asks(sequence)) {
      network.demand(viewer, demands++, unitOf(rendition, sequence).unit, 1_000);
    }
    network.run(unitOf(0, sequence).durationMs);
  }
  return viewer.engine.totals().renditions.toSorted();
}

Deno.test("a quality that the element has left is soon no longer taken part in", () => {
  assertEquals(watch(5, (sequence) => sequence === 0 ? [0] : [1]), [1]);
});

Deno.test("audio and video that are asked for side by side are both taken part in", () => {
  assertEquals(watch(5, () => [0, 1]), [0, 1]);
});

Deno.test("an element that asks for nothing keeps its renditions for half a minute", () => {
  assertEquals(watch(12, (sequence) => sequence < 2 ? [0] : []), [0]);
  assertEquals(watch(20, (sequence) => sequence < 2 ? [0] : []), []);
});
