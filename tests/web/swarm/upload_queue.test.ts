/** Uploads: fair among partners, never above the cap, whatever the cap is set to. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { createUploadQueue } from "../../../web/swarm/upload_queue.ts";

const PIECE = 16_384;
const wish = (index: number) => ({ key: "1.0.1", index, bytes: PIECE, push: false, rank: 0 });
const idle = () => 0;

Deno.test("a partner that asks much and reads nothing does not keep the others from being served", () => {
  const queue = createUploadQueue();
  const cap = 100_000;
  for (let index = 0; index < 64; index++) queue.add("hog", wish(index), cap);
  assert(queue.add("honest", wish(0), cap));
  const sending = (peer: string) => peer === "hog" ? Infinity : 0;
  assertEquals(queue.next(1_000, cap, sending)?.peer, "honest");
});

Deno.test("a partner that always asks for more than there is leaves the others their turn", () => {
  const queue = createUploadQueue();
  const cap = 100_000;
  const served = { hog: 0, honest: 0 };
  let asked = 0;
  for (let ms = 0; ms < 60_000; ms += 50) {
    while (queue.add("hog", wish(asked++), cap));
    if (ms % 1_000 === 0) queue.add("honest", wish(ms), cap);
    for (let next; (next = queue.next(ms, cap, idle));) {
      served[next.peer as keyof typeof served]++;
    }
  }
  assertEquals(served.honest, 60);
});

Deno.test("what has the highest rank goes first, whoever it is for and however it came", () => {
  const queue = createUploadQueue();
  const add = (peer: string, index: number, rank: number, push: boolean) =>
    assert(queue.add(peer, { key: "1.0.1", index, bytes: 1, push, rank }, 1e9));
  add("leaf", 0, 0, true);
  add("asker", 1, 1, false);
  add("leaf", 2, 0, true);
  add("home", 3, 100, true);
  add("leaf", 4, 2, false);
  add("home", 5, 100, true);
  const order = [];
  for (let next; (next = queue.next(1_000, 1e6, idle));) order.push(next.wish.index);
  assertEquals(order, [3, 5, 4, 1, 0, 2]);
});

Deno.test("partners of one rank take turns", () => {
  const queue = createUploadQueue();
  for (const peer of ["a", "b"]) for (let at = 0; at < 3; at++) queue.add(peer, wish(at), 1e9);
  const order = [];
  for (let next; (next = queue.next(1_000, 1e6, idle));) order.push(next.peer);
  assertEquals(order, ["a", "b", "a", "b", "a", "b"]);
});

Deno.test("pushes that are no longer wanted are taken out, what was asked for stays", () => {
  const queue = createUploadQueue();
  for (let index = 0; index < 4; index++) {
    queue.add("a", { ...wish(index), push: index !== 3 }, 1e9);
    queue.add("b", { ...wish(index), push: true }, 1e9);
  }
  queue.keepPushes("a", (_, index) => index === 1);
  const sent: Record<string, number[]> = { a: [], b: [] };
  for (let next; (next = queue.next(1_000, 1e6, idle));) sent[next.peer]!.push(next.wish.index);
  assertEquals(sent, { a: [1, 3], b: [0, 1, 2, 3] });
});

Deno.test("a piece that waits already is not sent twice, asked for or pushed", () => {
  const queue = createUploadQueue();
  assert(queue.add("a", { ...wish(1), push: true }, 1e9));
  assert(queue.add("a", wish(1), 1e9));
  assert(queue.next(1_000, 1e6, idle));
  assertEquals(queue.next(2_000, 1e6, idle), undefined);
});

Deno.test("a cap below one piece a second is met and used, however seldom anyone looks", () => {
  const queue = createUploadQueue();
  const cap = 1_000;
  let sent = 0;
  let nowMs = 0;
  let looks = 0;
  while (nowMs < 3_600_000) {
    queue.add("a", wish(sent), 1e9);
    while (queue.next(nowMs, cap, idle)) queue.add("a", wish(++sent), 1e9);
    const readyMs = queue.readyAtMs(nowMs, cap);
    assert(readyMs > nowMs, "no look without a use");
    nowMs = readyMs;
    looks++;
  }
  assert(sent * PIECE <= cap * 3_600 + PIECE, `${sent} pieces`);
  assert(sent * PIECE >= cap * 3_600 * 0.98, `${sent} pieces`);
  assert(looks <= 3 * sent, `${looks} looks for ${sent} pieces`);
});

Deno.test("after any caps, nonsense too, the next cap holds", () => {
  const caps = fc.array(fc.oneof(fc.double(), fc.constantFrom(0, -1, NaN, Infinity)));
  fc.assert(fc.property(caps, (caps) => {
    const queue = createUploadQueue();
    let nowMs = 0;
    for (const cap of caps) {
      queue.add("a", wish(0), cap);
      queue.next(nowMs += 10, cap, idle);
    }
    const cap = 50_000;
    let sent = 0;
    for (const untilMs = nowMs + 20_000; nowMs < untilMs; nowMs += 100) {
      for (let index = 0; index < 8; index++) queue.add("a", wish(index), cap);
      while (queue.next(nowMs, cap, idle)) sent += PIECE;
    }
    // A quarter of a second may have been saved up, and one piece be owed.
    assert(sent <= cap * 20.25 + PIECE, `${sent} bytes`);
  }));
});

Deno.test("no more than two pieces of one link wait to leave, whatever else it is owed", () => {
  const queue = createUploadQueue();
  queue.add("a", wish(0), 1e9);
  assertEquals(queue.next(1_000, 1e6, () => 2 * PIECE), undefined);
  assertEquals(queue.next(1_000, 1e6, () => PIECE)?.wish.index, 0);
});

Deno.test("what would wait for more than half a second is refused at once, what is pushed is not", () => {
  const queue = createUploadQueue();
  const rate = 100_000;
  let taken = 0;
  while (queue.add("a", wish(taken), rate)) taken++;
  assertEquals(taken, Math.floor(rate / 2 / PIECE));
  assert(queue.add("a", { ...wish(99), push: true }, rate));
});

Deno.test("one partner has so many wishes at a time, however quickly they are met", () => {
  const queue = createUploadQueue();
  let taken = 0;
  while (taken < 1_000 && queue.add("a", wish(taken), 1e9)) taken++;
  assert(taken >= 32 && taken <= 128, `${taken}`);
});

/** The indexes of all that is sent from now on. */
function drain(queue: ReturnType<typeof createUploadQueue>): number[] {
  const sent = [];
  for (let next; (next = queue.next(1_000, 1e9, idle));) sent.push(next.wish.index);
  return sent;
}

Deno.test("what is taken back is not sent, and nothing else is lost with it", () => {
  const queue = createUploadQueue();
  for (const index of [0, 1, 2]) queue.add("a", wish(index), 1e9);
  queue.cancel("a", "1.0.1", 1);
  queue.cancel("a", "1.0.1", 7);
  queue.cancel("a", "another", 0);
  queue.cancel("b", "1.0.1", 0);
  assertEquals(drain(queue), [0, 2]);
});

Deno.test("who is gone is owed nothing, and when all is cleared nobody is", () => {
  const queue = createUploadQueue();
  for (const peer of ["gone", "a", "b"]) queue.add(peer, wish(peer.length), 1e9);
  queue.forget("gone");
  assertEquals(queue.clear().map(({ peer }) => peer).toSorted(), ["a", "b"]);
  assertEquals(drain(queue), []);
  assertEquals(queue.clear(), []);
});
