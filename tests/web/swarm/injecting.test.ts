/** Runs that the edge gives to this peer: fetched, told of once they are here, and none that there is not. */
import { assert, assertEquals } from "@std/assert";
import { unitKey } from "../../../edge/protocol/unit.ts";
import { ACTIVE, entryOf, type Node, outputsOf } from "./network.ts";
import { ALL_RUNS, stage } from "./stage.ts";

/** The edge has answered, and what came is checked, ms. */
const SOON_MS = 200;

const told = (node: Node) => outputsOf(node, "injected").flatMap(({ runs }) => runs).toSorted();
const fetched = (node: Node) => outputsOf(node, "fetch").map(({ pieces }) => pieces);

Deno.test("an injector tells the edge of each of its runs once, when it is here and not before", () => {
  const { network, node } = stage();
  network.publish(entryOf(1), { self: [2, 5] });
  network.run(10);
  assertEquals(told(node), []);
  network.run(SOON_MS);
  assertEquals(told(node), [2, 5]);
  for (const { runs } of outputsOf(node, "injected")) assert(runs.length > 0);
  network.publish(entryOf(1), { self: ALL_RUNS });
  network.run(SOON_MS);
  assertEquals(fetched(node).length, ALL_RUNS.length, "what it has it does not fetch again");
  assertEquals(told(node), [...ALL_RUNS, 2, 5].toSorted(), "it is told of what it was given");
});

Deno.test("a run that came from a partner before it was given is told of at once", () => {
  const { network, node, partner, say } = stage({ ...ACTIVE, prefetch: "none" });
  partner("other");
  const { unit } = entryOf(1);
  network.publish(entryOf(1));
  network.run(10);
  say("other", {
    type: "piece",
    unit,
    index: 3,
    payload: { key: unitKey(unit), index: 3, good: true },
  });
  network.run(10);
  network.publish(entryOf(1), { self: [3] });
  assertEquals(told(node), [3]);
  assertEquals(fetched(node), []);
});

Deno.test("a run that the segment does not have is not fetched, nor told of", () => {
  const { network, node } = stage();
  network.publish(entryOf(1), { self: [1, ALL_RUNS.length, 31] });
  network.run(SOON_MS);
  assertEquals(told(node), [1]);
  assertEquals(fetched(node).length, 1);
});

Deno.test("who does not inject fetches nothing and says nothing", () => {
  const { network, node } = stage({ ...ACTIVE, inject: false });
  network.publish(entryOf(1), { self: ALL_RUNS });
  network.run(SOON_MS);
  assertEquals([told(node), fetched(node)], [[], []]);
});

Deno.test("where an entry came without its digest list, that is asked for with the first piece, once", () => {
  const { network, node } = stage();
  network.edge.bare = true;
  network.edge.slowMs = 1_000;
  network.publish(entryOf(1), { self: [0, 1, 4] });
  network.run(500);
  assertEquals(outputsOf(node, "fetchDigests").length, 1);
  network.run(1_000);
  assertEquals(outputsOf(node, "fetchDigests").length, 1);
  assertEquals(told(node), [0, 1, 4]);
});

Deno.test("the request for a run to inject goes on though partners have brought much of what comes next", () => {
  const { network, node, partner, say } = stage({ ...ACTIVE, prefetch: "none" });
  partner("other");
  const entry = entryOf(1, 64 * 16_384);
  network.edge.slowMs = 1_000;
  network.publish(entry, { self: [0] });
  network.run(50);
  const [{ from, to }] = fetched(node) as [{ from: number; to: number }];
  assert(to - from > 5, "a run of many pieces");
  for (let index = from; index < from + 5; index++) {
    const payload = { key: unitKey(entry.unit), index, good: true };
    say("other", { type: "piece", unit: entry.unit, index, payload });
  }
  network.run(100);
  assertEquals(outputsOf(node, "cancelFetch"), []);
  network.run(1_000);
  assertEquals(told(node), [0]);
});
