/** How many partners a peer has, and what becomes of one too many and of one that has gone. */
import { assert, assertEquals } from "@std/assert";
import { ACTIVE, entryOf, outputsOf } from "./network.ts";
import { ALL_RUNS, pushed, stage } from "./stage.ts";

const NAMES = Array.from({ length: 40 }, (_, at) => `peer-${at}`);

Deno.test("a peer takes four partners beyond those that it seeks, and drops the link of any more", () => {
  const { network, node } = stage({ ...ACTIVE, partners: 4 });
  for (const peer of NAMES.slice(0, 8)) {
    assert(node.engine.mayJoin(peer));
    network.puppet(node, peer);
  }
  assertEquals(outputsOf(node, "drop"), []);
  assert(!node.engine.mayJoin(NAMES[8]!));
  network.handle(node, { type: "linkOpen", peer: NAMES[8]! });
  assertEquals(outputsOf(node, "drop").map(({ peer }) => peer), [NAMES[8]!]);
  assertEquals(node.engine.totals().partners, 8);
});

Deno.test("a peer without uplink seeks seven partners, one with much some more", () => {
  const wanted = (upload: boolean) => {
    const { network, node, measure } = stage({ ...ACTIVE, upload });
    if (upload) measure();
    network.handle(node, { type: "audience", count: 100 });
    network.publish(entryOf(1));
    network.run(60_000);
    return outputsOf(node, "seek").at(-1)!.want;
  };
  assertEquals(wanted(false), 7);
  assert(wanted(true) > 10 && wanted(true) <= 16, `${wanted(true)}`);
});

Deno.test("one missing partner is no hurry, a third of them is", () => {
  const seeks = (partners: number) => {
    const { network, node } = stage({ ...ACTIVE, partners: 10 });
    network.handle(node, { type: "audience", count: 100 });
    for (const peer of NAMES.slice(0, partners)) network.puppet(node, peer);
    network.run(30_000);
    return outputsOf(node, "seek").length;
  };
  assert(seeks(9) <= 3, `${seeks(9)} times`);
  assert(seeks(5) >= 8, `${seeks(5)} times`);
});

Deno.test("an edge that is back is not asked at once: it names others by itself to those who join", () => {
  const { network, node } = stage({ ...ACTIVE, partners: 4 });
  network.run(1_000);
  network.handle(node, { type: "edge", reachable: false });
  network.run(60_000);
  const before = outputsOf(node, "seek").length;
  network.handle(node, { type: "edge", reachable: true });
  network.run(10_000);
  assertEquals(outputsOf(node, "seek").length, before);
  network.run(10_000);
  assertEquals(outputsOf(node, "seek").length, before + 1);
});

Deno.test("who has left is owed nothing when it comes back", () => {
  const { network, node, measure, partner, say } = stage();
  measure();
  network.handle(node, { type: "conduct", conduct: { ...ACTIVE, uploadCap: 100_000 } });
  partner("asker");
  network.publish(entryOf(1), { self: ALL_RUNS });
  network.run(200);
  say("asker", { type: "want", unit: entryOf(1).unit, pieces: [0, 1, 2, 3] });
  const before = pushed(node, "asker", 1).length;
  assert(before < 4, "what exceeds the first burst waits");
  say("asker", { type: "bye" });
  network.run(10);
  partner("asker");
  network.run(10_000);
  assertEquals(pushed(node, "asker", 1).length, before);
});
