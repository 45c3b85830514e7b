/** Parents that promise more than they do. */
import { assert, assertEquals } from "@std/assert";
import { unitKey } from "../../../edge/protocol/unit.ts";
import { createNetwork, entryOf, NOTHING, outputsOf } from "./network.ts";

const ALL_RUNS = [0, 1, 2, 3, 4, 5, 6, 7];
/** Of one piece, and so one run. */
const segment = (sequence: number) => entryOf(sequence, 16_000);

/** A peer with two partners that say so of their lags. */
function withParents(lags: readonly [number, number]) {
  const network = createNetwork();
  const node = network.add("self");
  ["one", "two"].forEach((peer, at) => {
    network.puppet(node, peer);
    const standing = { ...NOTHING, lags: new Uint8Array([lags[at]!]) };
    network.handle(node, { type: "frame", peer, frame: { type: "have", standing, maps: [] } });
  });
  return {
    network,
    node,
    subscriptions: (peer: string) =>
      outputsOf(node, "send").filter((one) => one.peer === peer && one.frame.type === "subscribe"),
    push(peer: string, sequence: number) {
      const { unit } = segment(sequence);
      const payload = { key: unitKey(unit), index: 0, good: true };
      network.handle(node, {
        type: "frame",
        peer,
        frame: { type: "piece", unit, index: 0, payload },
      });
    },
    /** Nobody is taken for silent. */
    keepAlive() {
      ["one", "two"].forEach((peer, at) => {
        const standing = { ...NOTHING, lags: new Uint8Array([lags[at]!]) };
        network.handle(node, { type: "frame", peer, frame: { type: "have", standing, maps: [] } });
      });
    },
  };
}

Deno.test("a parent that pushes nothing is left, though the edge stepped in", () => {
  const { network, node, subscriptions, keepAlive } = withParents([5, 20]);
  for (let sequence = 1; sequence < 20; sequence++) {
    network.publish(segment(sequence));
    if (sequence > 2) network.demand(node, sequence, segment(sequence - 2).unit, 1_500);
    for (let half = 0; half < 4; half++) {
      network.run(500);
      keepAlive();
    }
  }
  assert(subscriptions("two").length > 0);
});

Deno.test("a parent that pushes later than it says is left", () => {
  const { network, subscriptions, push, keepAlive } = withParents([5, 10]);
  for (let sequence = 1; sequence < 20; sequence++) {
    network.publish(segment(sequence));
    network.run(700);
    keepAlive();
    network.run(800);
    push("one", sequence);
    network.run(500);
    keepAlive();
  }
  assert(subscriptions("two").length > 0);
});

Deno.test("keep-alives tell the standing in the rendition that is played", () => {
  const network = createNetwork();
  const node = network.add("self");
  network.puppet(node, "other");
  const entry = entryOf(1);
  network.publish({ ...entry, unit: { ...entry.unit, rendition: 1 } }, { self: ALL_RUNS });
  network.run(4_000);
  const told = outputsOf(node, "send").flatMap(({ frame }) =>
    frame.type === "have" ? [frame.standing.rendition] : []
  );
  assertEquals([...new Set(told)], [1]);
});
