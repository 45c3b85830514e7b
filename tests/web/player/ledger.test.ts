import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { createLedger } from "../../../web/player/ledger.ts";
import { entryOf, SEGMENT_MS } from "../ledger_entries.ts";

const sequences = (entries: readonly { unit: { sequence: number } }[]) =>
  entries.map(({ unit }) => unit.sequence);

Deno.test("entries are in the order of their numbers, however they come, and each once", () => {
  const arrivals = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1 });
  fc.assert(fc.property(arrivals, (numbers) => {
    const ledger = createLedger();
    for (const number of numbers) ledger.add(entryOf(number));
    const unique = [...new Set(numbers)].sort((a, b) => a - b);
    assertEquals(sequences(ledger.rendition(0)), unique);
    assertEquals(ledger.newest()?.unit.sequence, unique.at(-1));
  }));
});

Deno.test("an entry is found by its URI", () => {
  const ledger = createLedger();
  ledger.add(entryOf(3));
  assertEquals(ledger.byUri("r0/3.m4s"), entryOf(3));
  assertEquals(ledger.byUri("r0/4.m4s"), undefined);
});

Deno.test("entries older than two minutes are forgotten, by number and by URI", () => {
  const ledger = createLedger();
  const kept = 120_000 / SEGMENT_MS;
  for (let sequence = 0; sequence <= kept + 1; sequence++) ledger.add(entryOf(sequence));
  assertEquals(ledger.rendition(0)[0]!.unit.sequence, 1);
  assertEquals(ledger.byUri("r0/0.m4s"), undefined);
  assertEquals(ledger.byUri("r0/1.m4s"), entryOf(1));
});

Deno.test("renditions are apart, and the newest entry is that of any of them", () => {
  const ledger = createLedger();
  ledger.add(entryOf(9));
  ledger.add(entryOf(2, { rendition: 1, startMs: 9 * SEGMENT_MS }));
  ledger.add(entryOf(8));
  assertEquals(sequences(ledger.rendition(0)), [8, 9]);
  assertEquals(sequences(ledger.rendition(1)), [2]);
  assertEquals(sequences(ledger.rendition(2)), []);
  assertEquals(ledger.newest()?.unit, entryOf(2, { rendition: 1 }).unit);
});
