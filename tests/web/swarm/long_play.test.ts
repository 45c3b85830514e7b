/** What has happened after an hour, a long pause or a sleep of the computer. */
import { assert, assertEquals } from "@std/assert";
import { pieceCount } from "../../../edge/protocol/pieces.ts";
import { unitKey } from "../../../edge/protocol/unit.ts";
import {
  ACTIVE,
  createNetwork,
  entryOf,
  type Network,
  type Node,
  outputsOf,
  SEGMENT_MS,
} from "./network.ts";

const PIECES = pieceCount(entryOf(0));

/** Publishes segments `from` to `to` at the rate of the stream; those in `viewers` demand each 2 s later. */
function play(network: Network, nodes: Node[], viewers: Node[], from: number, to: number): void {
  for (let sequence = from; sequence < to; sequence++) {
    const runs: Record<string, number[]> = {};
    for (let run = 0; run < 8; run++) (runs[nodes[run % nodes.length]!.id] ??= []).push(run);
    network.publish(entryOf(sequence), runs);
    network.run(SEGMENT_MS);
    for (const node of viewers) network.demand(node, sequence, entryOf(sequence).unit, 1_000);
  }
  network.run(SEGMENT_MS);
}

Deno.test("after an hour nothing has grown, every segment was played and one copy left the edge", () => {
  const network = createNetwork();
  const nodes = ["a", "b", "c"].map((id) => network.add(id, { ...ACTIVE, prefetch: "played" }));
  const [a, b, c] = nodes as [Node, Node, Node];
  for (const [one, other] of [[a, b], [b, c], [a, c]] as const) network.link(one, other);
  play(network, nodes, nodes, 100, 130);
  const atStart = network.edge.bytes;
  for (const node of nodes) [node.log.length, node.delivered.length] = [0, 0];
  play(network, nodes, nodes, 130, 1_930);
  for (const node of nodes) {
    assertEquals(node.delivered.length, 1_800 * PIECES);
    assertEquals(node.declined, []);
    assert(node.engine.totals().complete <= 32, "a minute is kept");
  }
  assertEquals(network.edge.bytes - atStart, 1_800 * entryOf(0).length);
});

Deno.test("a page that is paused for hours keeps five minutes of the ledger at most", () => {
  const network = createNetwork();
  const node = network.add("a", { ...ACTIVE, prefetch: "none" });
  network.publish(entryOf(1));
  network.demand(node, 1, entryOf(1).unit, 1_000);
  for (let sequence = 2; sequence < 5_000; sequence++) network.publish(entryOf(sequence));
  const digests = new Uint8Array([1]);
  for (let sequence = 1; sequence < 5_000; sequence++) {
    const entry = entryOf(sequence);
    const payloads = Array.from({ length: PIECES }, (_, index) => ({
      key: unitKey(entry.unit),
      index,
      good: true,
    }));
    network.handle(node, { type: "held", unit: entry.unit, digests, payloads });
  }
  assert(node.engine.totals().complete <= 151);
});

Deno.test("an element that lags by four minutes still finds its media", () => {
  const network = createNetwork();
  const node = network.add("a");
  network.publish(entryOf(1), { a: [0, 1, 2, 3, 4, 5, 6, 7] });
  network.run(100);
  network.demand(node, 1, entryOf(1).unit, 1_000);
  for (let sequence = 2; sequence < 120; sequence++) network.publish(entryOf(sequence));
  assert(node.engine.hasWithoutEdge(entryOf(1).unit));
});

Deno.test("after a sleep of an hour play goes on, and partners are as useful as before", () => {
  const network = createNetwork();
  const nodes = ["a", "b"].map((id) => network.add(id, { ...ACTIVE, prefetch: "played" }));
  const [a, b] = nodes as [Node, Node];
  network.link(a, b);
  play(network, [a], nodes, 100, 110);
  // Asked for just as the lid closes; what was on its way is lost.
  network.publish(entryOf(110), { a: [0, 1, 2, 3, 4, 5, 6, 7] });
  network.run(250);
  network.unlink(a, b);
  network.run(3_600_000);
  network.link(a, b);
  network.run(100);
  play(network, [a], nodes, 2_000, 2_005);
  const before = network.edge.bytes;
  play(network, [a], nodes, 2_005, 2_015);
  assertEquals(network.edge.bytes - before, 10 * entryOf(0).length);
});

Deno.test("when the socket joins again its backlog changes nothing that is held", () => {
  const network = createNetwork();
  const nodes = ["a", "b"].map((id) => network.add(id));
  const [a, b] = nodes as [Node, Node];
  network.link(a, b);
  play(network, [a], nodes, 100, 130);
  const said = () =>
    outputsOf(b, "send").filter(({ frame }) =>
      frame.type === "have" ? frame.maps.length > 0 : frame.type !== "members"
    ).length;
  const before = { edge: network.edge.bytes, said: said() };
  for (let again = 0; again < 3; again++) {
    for (let sequence = 85; sequence < 130; sequence++) {
      const entry = entryOf(sequence);
      network.handle(b, { type: "ledger", entry, live: false, inject: [] });
    }
  }
  network.run(1_000);
  assertEquals(network.edge.bytes, before.edge);
  assertEquals(said(), before.said);
  assert(b.engine.hasWithoutEdge(entryOf(129).unit));
});

Deno.test("segments of a minute in 137 pieces, and of one piece, go from peer to peer", () => {
  for (const [length, ms] of [[8_400_000, 60_000], [700, 500]] as const) {
    const network = createNetwork();
    const [a, b] = [network.add("a"), network.add("b")];
    network.link(a, b);
    network.run(100);
    for (let sequence = 10; sequence < 16; sequence++) {
      const entry = { ...entryOf(sequence, length), startMs: sequence * ms, durationMs: ms };
      const runs = Array.from({ length: entry.runs }, (_, run) => run);
      network.publish(entry, { a: runs });
      network.run(ms);
      network.demand(b, sequence, entry.unit, 1_000);
    }
    network.run(1_000);
    assertEquals(outputsOf(b, "deliver").filter((one) => one.last).length, 6);
    // What was asked for while the first substreams were arranged may come twice.
    assert(network.edge.bytes <= 6 * length * 1.01, `${network.edge.bytes}`);
  }
});
