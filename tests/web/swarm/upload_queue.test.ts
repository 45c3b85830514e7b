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
