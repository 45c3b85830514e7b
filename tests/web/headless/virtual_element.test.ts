import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import {
  createVirtualElement,
  type VirtualElement,
} from "../../../web/headless/virtual_element.ts";
import { entryOf } from "../ledger_entries.ts";

/** Pieces in a segment of `entryOf`, and its length in bytes. */
const PIECES = 7;
const BYTES = 100_000;

/** An element that knows segments 1 … `count`, joined at 0. */
function elementWith(count: number): VirtualElement {
  const element = createVirtualElement(0);
  for (let sequence = 1; sequence <= count; sequence++) element.list(entryOf(sequence), 0);
  return element;
}

function asks(element: VirtualElement, nowMs: number): number | undefined {
  return element.next(nowMs)?.entry.unit.sequence;
}

function bring(element: VirtualElement, nowMs: number): void {
  for (let piece = 0; piece < PIECES; piece++) element.piece(nowMs);
  element.complete(nowMs);
}

/** One that has had segments 1 … 3 at 0 and plays: 6 s of buffer. It knows those up to `listed`. */
function playing(listed = 3): VirtualElement {
  const element = elementWith(3);
  for (let segment = 0; segment < 3; segment++) {
    element.next(0);
    bring(element, 0);
  }
  for (let sequence = 4; sequence <= listed; sequence++) element.list(entryOf(sequence), 0);
  return element;
}

Deno.test("it starts three segments behind the newest and asks one at a time, in order", () => {
  const element = elementWith(8);
  assertEquals(asks(element, 0), 6);
  assertEquals(asks(element, 5), undefined);
  bring(element, 10);
  assertEquals(asks(element, 10), 7);
  bring(element, 20);
  assertEquals(asks(element, 20), 8);
  bring(element, 30);
  assertEquals(asks(element, 30), undefined, "the playlist has no more");
  element.list(entryOf(9), 40);
  assertEquals(asks(element, 40), 9);
});

Deno.test("of a short playlist it takes what there is", () => {
  const element = elementWith(1);
  assertEquals(asks(element, 0), 1);
  assertEquals(asks(createVirtualElement(0), 0), undefined);
});

Deno.test("a segment that is listed again is not played again", () => {
  const element = playing();
  element.list(entryOf(2), 0);
  element.list(entryOf(3), 0);
  assertEquals(asks(element, 0), undefined);
});

Deno.test("the deadline comes from the buffer, as for a page", () => {
  const element = elementWith(3);
  assertEquals(element.next(100)?.deadlineMs, 100, "nothing to wait with");
  bring(element, 200);
  assertEquals(element.next(200)?.deadlineMs, 1_200, "a second is kept");
  bring(element, 300);
  assertEquals(element.next(300)?.deadlineMs, 3_200, "and no more than that");
});

Deno.test("the start is the time from the join to the first segment", () => {
  const element = elementWith(3);
  assertEquals(element.playback(0).startMs, undefined);
  element.next(50);
  bring(element, 250);
  bring(element, 300);
  assertEquals(element.playback(300).startMs, 250);
});

Deno.test("it asks for no more while its buffer is full", () => {
  const element = playing(9);
  for (const sequence of [4, 5]) {
    assertEquals(asks(element, 0), sequence);
    bring(element, 0);
  }
  assertEquals(asks(element, 0), undefined, "ten seconds are enough");
  assertEquals(asks(element, 1), 6);
});

Deno.test("what comes in time counts as there, but for the first segment", () => {
  const element = playing();
  assertEquals(element.playback(0), {
    startMs: 0,
    due: 2 * PIECES,
    there: 2 * PIECES,
    stalls: 0,
    stalledMs: 0,
    segments: 3,
    bytes: 3 * BYTES,
  });
});

Deno.test("of a segment that is late the pieces count that were there when it was due", () => {
  const element = playing(4);
  assertEquals(asks(element, 3_000), 4);
  for (let piece = 0; piece < 3; piece++) element.piece(5_999);
  for (let piece = 3; piece < PIECES; piece++) element.piece(6_100);
  element.complete(6_400);
  const { due, there, stalls, stalledMs } = element.playback(7_000);
  assertEquals([due, there], [3 * PIECES, 2 * PIECES + 3]);
  assertEquals([stalls, stalledMs], [1, 400]);
});

Deno.test("a segment is late once, however often it is asked for", () => {
  const element = playing(4);
  element.next(5_000);
  element.failed(6_500);
  assertEquals(asks(element, 7_000), 4);
  bring(element, 8_000);
  const { due, there, stalls, stalledMs } = element.playback(8_000);
  assertEquals([due, there], [3 * PIECES, 2 * PIECES]);
  assertEquals([stalls, stalledMs], [1, 2_000]);
});

Deno.test("pieces of an answer that failed, or of the segment before, are not there", () => {
  const failing = playing(4);
  failing.next(1_000);
  failing.piece(2_000);
  failing.failed(3_000);
  failing.next(4_000);
  assertEquals(failing.playback(6_000).there, 2 * PIECES);
  const silent = playing(5);
  silent.next(0);
  bring(silent, 100);
  assertEquals(silent.playback(8_000).there, 3 * PIECES, "the fifth was not even asked for");
});

Deno.test("a stall that goes on counts up to now, and play goes on after it", () => {
  const element = playing();
  assertEquals(element.playback(6_500).stalledMs, 500);
  assertEquals(element.playback(7_000).stalledMs, 1_000);
  element.list(entryOf(4), 7_000);
  element.next(7_000);
  bring(element, 7_100);
  assertEquals(element.playback(9_000).stalledMs, 1_100);
  assertEquals(element.playback(9_200), {
    ...element.playback(9_200),
    stalls: 2,
    stalledMs: 1_200,
  });
});

Deno.test("what nobody had published when it was wanted is a stall, and no piece missed", () => {
  const element = playing();
  element.list(entryOf(4), 7_000);
  element.next(7_000);
  bring(element, 7_500);
  const { due, there, stalledMs } = element.playback(7_500);
  assertEquals([due, there, stalledMs], [3 * PIECES, 3 * PIECES, 1_500]);
});

Deno.test("what is gone is passed over up to the live edge, and counts as missed", () => {
  const element = playing(9);
  assertEquals(asks(element, 0), 4);
  element.gone(20_000);
  assertEquals(asks(element, 20_000), 7);
  const { due, there } = element.playback(20_000);
  assertEquals([due, there], [5 * PIECES, 2 * PIECES]);
});

Deno.test("what is gone before the start was not due", () => {
  const element = elementWith(3);
  element.next(0);
  element.gone(100);
  assertEquals(element.playback(100).due, 0);
  assertEquals(asks(element, 100), 2);
});

Deno.test("whatever happens, time is either played, stalled or before the start", () => {
  const step = fc.record({
    passMs: fc.nat(5_000),
    what: fc.constantFrom("list", "next", "piece", "complete", "failed", "gone"),
  });
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const element = createVirtualElement(0);
    let nowMs = 0;
    let sequence = 0;
    let asking = false;
    let pieces = 0;
    for (const { passMs, what } of steps) {
      nowMs += passMs;
      if (what === "list") element.list(entryOf(++sequence), nowMs);
      else if (what === "next") {
        if (element.next(nowMs)) pieces = 0;
        else if (!asking) continue;
        asking = true;
      } else if (what === "piece") {
        if (asking && pieces++ < PIECES) element.piece(nowMs);
      } else if (asking) {
        element[what as "complete" | "failed" | "gone"](nowMs);
        asking = false;
      }
      const { startMs, due, there, stalls, stalledMs, segments } = element.playback(nowMs);
      assert(there <= due);
      assert(segments > 0 === (startMs !== undefined));
      if (startMs === undefined) assertEquals([stalls, stalledMs], [0, 0]);
      else {
        const playedMs = nowMs - startMs - stalledMs;
        assert(playedMs >= 0 && playedMs <= segments * 2_000, `played ${playedMs} ms`);
      }
    }
  }));
});
