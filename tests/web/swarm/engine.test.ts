import { assert, assertEquals } from "@std/assert";
import { unitKey } from "../../../edge/protocol/unit.ts";
import { pieceCount } from "../../../edge/protocol/pieces.ts";
import { PROTOCOL_VERSION } from "../../../edge/protocol/version.ts";
import { ACTIVE, createNetwork, entryOf, type Network, type Node, outputsOf } from "./network.ts";

function mesh(network: Network, ids: string[]): Node[] {
  const nodes = ids.map((id) => network.add(id));
  for (const [at, node] of nodes.entries()) {
    for (const other of nodes.slice(at + 1)) network.link(node, other);
  }
  network.run(100);
  return nodes;
}

const ALL_RUNS = Array.from({ length: entryOf(1).runs }, (_, run) => run);

Deno.test("runs given to injectors reach every peer before the element asks, and leave the edge once", () => {
  const network = createNetwork();
  const nodes = mesh(network, ["a", "b", "c", "d"]);
  const entry = entryOf(10);
  network.publish(entry, { a: [0, 1], b: [2, 3], c: [4, 5], d: [6, 7] });
  network.run(1_000);
  for (const node of nodes) assertEquals(node.engine.totals().complete, 1, node.id);
  assertEquals(network.edge.bytes, entry.length);
});

Deno.test("a demand is delivered in order, each piece once, and only checked ones", () => {
  const network = createNetwork();
  const [a, b] = mesh(network, ["a", "b"]) as [Node, Node];
  const entry = entryOf(10);
  network.publish(entry, { a: ALL_RUNS });
  network.demand(b, 1, entry.unit, 1_500);
  network.run(1_500);
  assertEquals(
    b.delivered.map((one) => one.index),
    Array.from({ length: pieceCount(entry) }, (_, index) => index),
  );
  assert(b.delivered.every((one) => one.payload.good));
  assertEquals(outputsOf(b, "fetch").length, 0, "nothing had to come from the edge");
  assertEquals(a.declined.concat(b.declined), []);
});

Deno.test("what partners do not bring in time comes from the edge by range, and only that", () => {
  const network = createNetwork();
  const [a, b] = mesh(network, ["a", "b"]) as [Node, Node];
  const entry = entryOf(10);
  network.publish(entry, { a: [0, 1, 2, 3] });
  network.run(500);
  const before = network.edge.bytes;
  network.demand(b, 1, entry.unit, 1_500);
  network.run(1_500);
  assertEquals(b.delivered.length, pieceCount(entry));
  assertEquals(network.edge.bytes - before, entry.length - before);
  assert(b.delivered.at(-1)!.atMs <= 100 + 500 + 1_500, "before its deadline");
  assertEquals(a.engine.totals().received.edge, before);
});

Deno.test("a demand with no time and nothing at hand goes to the network at once", () => {
  const network = createNetwork();
  const [, b] = mesh(network, ["a", "b"]) as [Node, Node];
  network.publish(entryOf(10));
  network.demand(b, 1, entryOf(10).unit, 0);
  assertEquals(b.declined.length, 1);
  assertEquals(outputsOf(b, "fetch").length, 0);
});

Deno.test("a lone peer does not wait for partners that it does not have", () => {
  const network = createNetwork();
  const node = network.add("a");
  network.publish(entryOf(10));
  network.demand(node, 1, entryOf(10).unit, 1_800);
  assertEquals(node.declined.length, 1);
  network.publish(entryOf(11), { a: [0] });
  network.demand(node, 2, entryOf(11).unit, 1_800);
  network.run(100);
  assertEquals(
    node.delivered.length,
    pieceCount(entryOf(11)),
    "what has begun is brought to an end",
  );
});

Deno.test("a partner that sends wrong bytes is dropped, accused and never played or passed on", () => {
  const network = createNetwork();
  const [liar, b, c] = mesh(network, ["liar", "b", "c"]) as [Node, Node, Node];
  liar.liar = true;
  const entry = entryOf(10);
  network.publish(entry, { liar: ALL_RUNS });
  for (const node of [b, c]) network.demand(node, 1, entry.unit, 1_500);
  network.run(2_000);
  for (const node of [b, c]) {
    assertEquals(node.delivered.length, pieceCount(entry));
    assert(node.delivered.every((one) => one.payload.good), "only good bytes are played");
    assertEquals(outputsOf(node, "accuse").map((one) => one.peer), ["liar"]);
    assert(outputsOf(node, "drop").some((one) => one.peer === "liar"));
    const passedOn = outputsOf(node, "send").map((one) => one.frame).filter((one) =>
      one.type === "piece"
    );
    assert(passedOn.every((one) => one.payload.good), "only good bytes are passed on");
  }
  network.link(liar, b);
  network.run(100);
  assertEquals(b.engine.totals().partners, 1, "it is not taken again");
});

Deno.test("when a partner vanishes in the middle of a segment, its pieces come from the others", () => {
  const network = createNetwork();
  const [a, b, c] = mesh(network, ["a", "b", "c"]) as [Node, Node, Node];
  const entry = entryOf(10);
  network.publish(entry, { a: ALL_RUNS, b: ALL_RUNS });
  network.run(70);
  a.alive = false;
  network.unlink(a, b);
  network.unlink(a, c);
  const before = network.edge.bytes;
  network.demand(c, 1, entry.unit, 1_500);
  network.run(1_500);
  assertEquals(c.delivered.length, pieceCount(entry));
  assertEquals(network.edge.bytes, before, "nothing more from the edge");
});

Deno.test("a partner that falls silent without leaving is given up for the others", () => {
  const network = createNetwork();
  const [a, _, c] = mesh(network, ["a", "b", "c"]) as [Node, Node, Node];
  const entry = entryOf(10);
  network.publish(entry, { a: ALL_RUNS, b: ALL_RUNS });
  network.run(130);
  a.alive = false;
  network.demand(c, 1, entry.unit, 1_900);
  network.run(1_900);
  assertEquals(c.delivered.length, pieceCount(entry));
});

Deno.test("while the edge is away, demands wait and are met as soon as it is back", () => {
  const network = createNetwork();
  const node = network.add("a");
  const entry = entryOf(10);
  network.publish(entry);
  network.edge.away = true;
  network.handle(node, { type: "edge", reachable: false });
  network.demand(node, 1, entry.unit, 1_000);
  network.run(20_000);
  assertEquals(node.declined, []);
  assert(network.edge.requests < 20, "the edge is not hammered");
  network.edge.away = false;
  network.run(3_000);
  assertEquals(node.delivered.length, pieceCount(entry));
});

Deno.test("a unit that the edge no longer has is left to the network to say so", () => {
  const network = createNetwork();
  const node = network.add("a");
  const entry = entryOf(10);
  network.edge.gone.add(unitKey(entry.unit));
  network.publish(entry, { a: [0] });
  network.demand(node, 1, entry.unit, 1_000);
  network.run(1_000);
  assertEquals(node.declined.length, 1);
});

Deno.test("uploads stay under the cap, and those who wait too long are told at once", () => {
  const network = createNetwork();
  const cap = 40_000;
  const giver = network.add("giver", { ...ACTIVE, uploadCap: cap });
  const takers = ["b", "c", "d", "e"].map((id) => network.add(id, { ...ACTIVE, inject: false }));
  for (const taker of takers) network.link(giver, taker);
  network.run(100);
  for (let sequence = 10; sequence < 20; sequence++) {
    network.publish(entryOf(sequence), { giver: ALL_RUNS });
    network.run(2_000);
  }
  const { uploaded } = giver.engine.totals();
  assert(uploaded <= cap * 20 * 1.05 + 16_384, `${uploaded} bytes in 20 s`);
  assert(uploaded >= cap * 20 * 0.9, `${uploaded} bytes in 20 s: the cap is used`);
  const refusals = outputsOf(giver, "send").filter((one) => one.frame.type === "refuse");
  assert(refusals.length > 0);
});

Deno.test("with uploads off nothing is shown, nothing is sent, and nothing waits", () => {
  const network = createNetwork();
  const [a, b] = mesh(network, ["a", "b"]) as [Node, Node];
  network.publish(entryOf(10), { a: ALL_RUNS });
  network.run(60);
  network.handle(a, { type: "conduct", conduct: { ...ACTIVE, upload: false, inject: false } });
  const before = a.engine.totals().uploaded;
  network.publish(entryOf(11), { a: ALL_RUNS });
  network.run(1_000);
  assertEquals(a.engine.totals().uploaded, before);
  assertEquals(outputsOf(a, "fetch").every((one) => one.entry.unit.sequence === 10), true);
  network.handle(a, { type: "conduct", conduct: ACTIVE });
  network.run(1_000);
  assertEquals(b.engine.totals().complete, 1, "shown again once uploads are back on");
});

Deno.test("a peer that does not prefetch asks partners only for what its element asks", () => {
  const network = createNetwork();
  const a = network.add("a");
  const b = network.add("b", { ...ACTIVE, prefetch: "none", inject: false });
  network.link(a, b);
  network.publish(entryOf(10), { a: ALL_RUNS });
  network.publish(entryOf(11), { a: ALL_RUNS });
  network.run(1_000);
  assertEquals(b.engine.totals().received.peers, 0);
  network.demand(b, 1, entryOf(10).unit, 1_500);
  network.run(1_000);
  assertEquals(b.engine.totals().received.peers, entryOf(10).length);
});

Deno.test("media that came past the engine is shared like any other", () => {
  const network = createNetwork();
  const [a, b] = mesh(network, ["a", "b"]) as [Node, Node];
  const entry = entryOf(10);
  network.publish(entry);
  const payloads = Array.from({ length: pieceCount(entry) }, (_, index) => ({
    key: unitKey(entry.unit),
    index,
    good: true,
  }));
  network.handle(a, { type: "held", unit: entry.unit, digests: new Uint8Array([1]), payloads });
  network.run(1_000);
  assertEquals(b.engine.totals().complete, 1);
  assertEquals(network.edge.requests, 0);
});

Deno.test("whoever speaks before its hello, or says it is somebody else, is not heard", () => {
  const network = createNetwork();
  const a = network.add("a");
  for (
    const [peer, frame] of [
      ["x", { type: "want", unit: entryOf(1).unit, pieces: [0] }],
      ["y", { type: "hello", version: PROTOCOL_VERSION, peer: "z" }],
      ["z", { type: "hello", version: 99, peer: "z" }],
    ] as const
  ) {
    network.handle(a, { type: "linkOpen", peer });
    network.handle(a, { type: "frame", peer, frame });
    assertEquals(outputsOf(a, "drop").at(-1)?.peer, peer);
  }
  assertEquals(a.engine.totals().partners, 0);
});

Deno.test("old media is let go after a minute, and what the element is at is kept", () => {
  const network = createNetwork();
  const node = network.add("a");
  network.publish(entryOf(1), { a: ALL_RUNS });
  network.run(100);
  network.demand(node, 1, entryOf(1).unit, 1_000);
  for (let sequence = 2; sequence < 45; sequence++) network.publish(entryOf(sequence));
  assert(node.engine.hasWithoutEdge(entryOf(1).unit), "the element is at it");
  network.demand(node, 2, entryOf(44).unit, 10_000);
  network.publish(entryOf(45));
  assert(!node.engine.hasWithoutEdge(entryOf(1).unit));
});
