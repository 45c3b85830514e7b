/** What is kept of a channel, for how long, and how much of it. */
import { assert, assertEquals } from "@std/assert";
import { type BackBuffer, createBackBuffer } from "../../../web/swarm/back_buffer.ts";
import { keepPiece } from "../../../web/swarm/segment.ts";
import { entryOf, SEGMENT_MS } from "./network.ts";

const MB = 1024 * 1024;

/** Adds segments, each held whole; answers which were let go. */
function fill(
  buffer: BackBuffer<number>,
  { from = 0, to, bytes = 120_000, playheadMs = Infinity }: {
    from?: number;
    to: number;
    bytes?: number;
    playheadMs?: number;
  },
): number[] {
  const gone: number[] = [];
  for (let sequence = from; sequence < to; sequence++) {
    const segment = buffer.add(entryOf(sequence, bytes), true, 0, 0.5)!;
    for (let index = 0; index < segment.count; index++) keepPiece(segment, index, index);
    gone.push(...buffer.evict(playheadMs).map(({ entry }) => entry.unit.sequence));
  }
  return gone;
}

const kept = (buffer: BackBuffer<number>) =>
  buffer.segments().map(({ entry }) => entry.unit.sequence);

Deno.test("the last minute is kept, in order of time, and what is older is let go once", () => {
  const buffer = createBackBuffer<number>();
  const gone = fill(buffer, { to: 100 });
  const first = 99 - 60_000 / SEGMENT_MS;
  assertEquals(kept(buffer), Array.from({ length: 100 - first }, (_, at) => first + at));
  assertEquals(gone, Array.from({ length: first }, (_, at) => at));
});

Deno.test("what comes late takes its place in time, and what is too old is not taken", () => {
  const buffer = createBackBuffer<number>();
  for (const sequence of [90, 100, 95]) buffer.add(entryOf(sequence), true, 0, 0.5);
  assertEquals(kept(buffer), [90, 95, 100]);
  assertEquals(buffer.add(entryOf(69), true, 0, 0.5), undefined);
  assert(buffer.add(entryOf(70), true, 0, 0.5));
  assertEquals(buffer.newest(0)?.entry.unit.sequence, 100);
});

Deno.test("a unit that is told of again is the one that is known", () => {
  const buffer = createBackBuffer<number>();
  const first = buffer.add(entryOf(1), true, 0, 0.5);
  assert(first === buffer.add(entryOf(1), false, 9, 0.1));
  assertEquals(kept(buffer), [1]);
});

Deno.test("an element that lags keeps its media for five minutes, one that is paused for longer does not", () => {
  const buffer = createBackBuffer<number>();
  fill(buffer, { to: 200, playheadMs: 100 * SEGMENT_MS });
  assertEquals(kept(buffer)[0], 100);
  fill(buffer, { from: 200, to: 300, playheadMs: 100 * SEGMENT_MS });
  assertEquals(kept(buffer)[0], 299 - 300_000 / SEGMENT_MS);
});

Deno.test("of media at a great rate less than a minute is kept, but what the element still needs", () => {
  const buffer = createBackBuffer<number>();
  const bytes = 8 * MB;
  fill(buffer, { to: 30, bytes });
  const held = buffer.segments().reduce((sum, { held, entry }) => sum + held * entry.pieceBytes, 0);
  assert(held <= 96 * MB && held > 80 * MB, `${held / MB} MB`);
  const lagging = createBackBuffer<number>();
  fill(lagging, { to: 30, bytes, playheadMs: 5 * SEGMENT_MS });
  assertEquals(kept(lagging)[0], 5);
});
