/** Pieces as they come: wanted or not, twice, from another than was asked, before their digest list. */
import { assertEquals } from "@std/assert";
import { unitKey } from "../../../edge/protocol/unit.ts";
import { ACTIVE, entryOf, outputsOf } from "./network.ts";
import { ALL_RUNS, framesTo, pushed, single, stage } from "./stage.ts";

const SOON_MS = 200;
const ASKS_NOTHING = { ...ACTIVE, prefetch: "none" } as const;

Deno.test("a piece that comes twice is checked once", () => {
  const { network, node, partner, push } = stage(ASKS_NOTHING);
  for (const peer of ["a", "b"]) partner(peer);
  network.publish(single(1));
  network.run(10);
  push("a", 1);
  push("b", 1);
  network.run(SOON_MS);
  push("b", 1);
  network.run(SOON_MS);
  assertEquals(outputsOf(node, "checkPiece").length, 1);
});

Deno.test("a piece that somebody else brings is taken back from whom it was asked of", () => {
  const { network, node, partner, push, show } = stage(ASKS_NOTHING);
  for (const peer of ["asked", "other"]) partner(peer);
  network.publish(single(1));
  show("asked", 1);
  network.handle(node, { type: "edge", reachable: false });
  network.demand(node, 1, single(1).unit, 20_000);
  network.run(100);
  assertEquals(framesTo(node, "asked", "want").length, 1);
  push("other", 1);
  network.run(SOON_MS);
  assertEquals(framesTo(node, "asked", "cancel").map(({ pieces }) => pieces), [[0]]);
  assertEquals(node.delivered.length, 1);
});

Deno.test("before the digest list is known a piece is kept of whom it was asked of, and of nobody else", () => {
  const taken = (asked: boolean) => {
    const { network, node, partner, push, show } = stage(ASKS_NOTHING);
    partner("a");
    network.edge.bare = true;
    network.publish(single(1));
    if (asked) {
      show("a", 1);
      network.handle(node, { type: "edge", reachable: false });
      network.demand(node, 1, single(1).unit, 20_000);
      network.run(100);
    }
    push("a", 1);
    const digests = new Uint8Array([1]);
    network.handle(node, { type: "fetchedDigests", unit: single(1).unit, digests });
    network.run(SOON_MS);
    return node.engine.totals().complete;
  };
  assertEquals([taken(true), taken(false)], [1, 0]);
});

Deno.test("who brought a piece is not pushed it", () => {
  const { network, node, measure, partner, subscribe, say } = stage(ACTIVE);
  measure();
  for (const peer of ["child", "other"]) partner(peer);
  network.publish(entryOf(9));
  subscribe("child", ...ALL_RUNS);
  network.publish(entryOf(10));
  network.run(10);
  const { unit } = entryOf(10);
  for (const [at, peer] of ["child", "other"].entries()) {
    say(peer, {
      type: "piece",
      unit,
      index: at,
      payload: { key: unitKey(unit), index: at, good: true },
    });
  }
  network.run(SOON_MS);
  assertEquals(pushed(node, "child", 10), [1]);
});

Deno.test("a bad piece of the edge gives what waits for it to the network, and blames no partner", () => {
  const { network, node, partner } = stage(ASKS_NOTHING);
  partner("a");
  network.publish(single(1));
  network.edge.slowMs = 60_000;
  network.demand(node, 1, single(1).unit, 1_000);
  network.run(700);
  const { fetch } = outputsOf(node, "fetch")[0]!;
  const payload = { key: unitKey(single(1).unit), index: 0, good: false };
  network.handle(node, { type: "fetchedPiece", fetch, index: 0, payload });
  network.run(SOON_MS);
  assertEquals(node.declined.map(({ demand }) => demand), [1]);
  assertEquals([outputsOf(node, "accuse"), node.engine.totals().banned], [[], 0]);
});

Deno.test("what the edge brings after a partner is not checked again", () => {
  const { network, node, partner, say } = stage();
  partner("other");
  network.publish(entryOf(1));
  network.run(100);
  network.edge.slowMs = 60_000;
  network.demand(node, 1, entryOf(1).unit, 1_000);
  network.run(700);
  const { fetch } = outputsOf(node, "fetch")[0]!;
  const { unit } = entryOf(1);
  const payload = { key: unitKey(unit), index: 3, good: true };
  say("other", { type: "piece", unit, index: 3, payload });
  network.run(50);
  for (const index of [3, 4]) {
    const piece = { ...payload, index };
    network.handle(node, { type: "fetchedPiece", fetch, index, payload: piece });
  }
  assertEquals(outputsOf(node, "checkPiece").map(({ index }) => index), [3, 4]);
});

Deno.test("a unit that is held whole is taken with its digest list, and one with too few pieces is not", () => {
  const { network, node, partner, say } = stage();
  partner("asker");
  network.edge.bare = true;
  for (const [sequence, pieces] of [[1, ALL_RUNS.length], [2, ALL_RUNS.length - 1]] as const) {
    const { unit } = entryOf(sequence);
    network.publish(entryOf(sequence));
    const payloads = Array.from(
      { length: pieces },
      (_, index) => ({ key: unitKey(unit), index, good: true }),
    );
    network.handle(node, { type: "held", unit, digests: new Uint8Array([1]), payloads });
  }
  assertEquals(node.engine.totals().complete, 1);
  say("asker", { type: "want", unit: entryOf(1).unit, pieces: [7] });
  network.run(SOON_MS);
  assertEquals(pushed(node, "asker", 1), [7]);
  say("asker", { type: "want", unit: entryOf(2).unit, pieces: [0] });
  assertEquals(framesTo(node, "asker", "refuse").map(({ unit }) => unit.sequence), [2]);
});

Deno.test("what a relay could not get in five segments' time it leaves alone, and until then asks for", () => {
  const asked = (afterMs: number) => {
    const { network, node, partner, show } = stage();
    partner("late");
    network.publish(single(1));
    network.run(afterMs);
    show("late", 1);
    network.run(SOON_MS);
    return framesTo(node, "late", "want").length;
  };
  assertEquals([asked(8_000), asked(12_000)], [1, 0]);
});
