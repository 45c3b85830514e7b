/** What is known of the link, from one visit to the next. */
import { assertEquals } from "@std/assert";
import { createLinkNote, type Measured, UNMEASURED } from "../../sw/link_note.ts";
import { createNote } from "../../sw/note.ts";
import { fakeClock } from "./fake_clock.ts";

const HOUR_MS = 60 * 60 * 1000;

function noted(stored?: Measured) {
  const clock = fakeClock();
  const saved: Measured[] = [];
  /** A worker that has just begun, with what was stored last. */
  const begin = () =>
    createLinkNote(
      createNote({
        load: () => Promise.resolve(saved.at(-1) ?? stored),
        save(told: Measured) {
          saved.push(told);
          return Promise.resolve();
        },
      }, UNMEASURED),
      clock,
    );
  return { clock, saved, begin };
}

Deno.test("what was measured is known to later workers for a day, and then to nobody", async () => {
  const { clock, begin } = noted();
  const worker = begin();
  assertEquals(await worker.read(), 0);
  await worker.measured(20_000_000);
  clock.pass(23 * HOUR_MS);
  assertEquals([await worker.read(), await begin().read()], [20_000_000, 20_000_000]);
  clock.pass(HOUR_MS);
  assertEquals([await worker.read(), await begin().read()], [0, 0]);
});

Deno.test("what is measured again is known for a day more, and written once an hour", async () => {
  const { clock, begin, saved } = noted();
  const worker = begin();
  for (let hour = 0; hour < 30; hour++) {
    for (let times = 0; times < 3; times++) await worker.measured(700_000);
    clock.pass(HOUR_MS);
  }
  assertEquals(saved.length, 30);
  assertEquals(await begin().read(), 700_000);
});

Deno.test("the browser's word lowers what was measured, does not raise it, and keeps it no longer", async () => {
  const { clock, begin } = noted();
  const worker = begin();
  await worker.measured(5_000_000);
  await worker.hinted(7_000_000);
  assertEquals(await worker.read(), 5_000_000);
  await worker.hinted(1_000_000);
  assertEquals(await worker.read(), 1_000_000);
  clock.pass(23 * HOUR_MS);
  await worker.hinted(7_000_000);
  await worker.hinted(1_000_000);
  clock.pass(HOUR_MS);
  assertEquals(await worker.read(), 0);
  await worker.hinted(7_000_000);
  assertEquals(await worker.read(), 7_000_000, "where nothing is known it counts");
});

Deno.test("what was stored without its time is of long ago", async () => {
  const { begin } = noted(20_000_000 as unknown as Measured);
  assertEquals(await begin().read(), 0);
});
