/** Partners that come, fall silent, read nothing or go: what it means for the others. */
import { assert, assertEquals } from "@std/assert";
import { pieceCount } from "../../../edge/protocol/pieces.ts";
import { KEEPALIVE_MS, SILENT_MS } from "../../../web/swarm/partner_book.ts";
import { ACTIVE, createNetwork, entryOf, outputsOf, SEGMENT_MS } from "./network.ts";

const ALL_RUNS = Array.from({ length: entryOf(0).runs }, (_, run) => run);

Deno.test("partners that have nothing to say keep each other all the same", () => {
  const network = createNetwork();
  const [a, b] = [network.add("a"), network.add("b", { ...ACTIVE, upload: false })];
  network.link(a, b);
  network.run(60_000);
  assertEquals([a, b].map((node) => node.engine.totals().partners), [1, 1]);
  const told = outputsOf(a, "send").filter(({ frame }) => frame.type === "have").length;
  assert(told >= 30_000 / KEEPALIVE_MS && told <= 70_000 / KEEPALIVE_MS, `${told} in a minute`);
});

Deno.test("who says nothing for long is gone, though its link says that it is open", () => {
  const network = createNetwork();
  const [a, b] = [network.add("a"), network.add("b")];
  network.link(a, b);
  network.run(1_000);
  b.alive = false;
  network.run(SILENT_MS / 2);
  assertEquals(a.engine.totals().partners, 1);
  network.run(SILENT_MS);
  assertEquals(a.engine.totals().partners, 0);
  assertEquals(outputsOf(a, "drop").map((one) => one.peer), ["b"]);
});

Deno.test("a parent that vanishes without a word costs no stall, and its substreams come from another", () => {
  const network = createNetwork();
  const nodes = ["a", "b", "c"].map((id) => network.add(id));
  const [a, b, c] = nodes as [typeof nodes[0], typeof nodes[0], typeof nodes[0]];
  for (const [one, other] of [[a, b], [b, c], [a, c]] as const) network.link(one, other);
  for (let sequence = 1; sequence < 20; sequence++) {
    if (sequence === 8) b.alive = false;
    network.publish(entryOf(sequence), { a: ALL_RUNS });
    network.run(SEGMENT_MS);
    if (sequence > 3) network.demand(c, sequence, entryOf(sequence - 2).unit, 1_500);
  }
  network.run(SEGMENT_MS);
  assertEquals(c.delivered.length, 16 * pieceCount(entryOf(0)));
  assertEquals(outputsOf(c, "fetch"), []);
});

Deno.test("who has fallen silent is asked for nothing, even before it is taken for gone", () => {
  const network = createNetwork();
  const self = network.add("self", { ...ACTIVE, prefetch: "none", inject: false });
  const [quiet, there] = [network.add("quiet"), network.add("there")];
  for (const other of [quiet, there]) network.link(self, other);
  network.publish(entryOf(1), { quiet: ALL_RUNS, there: ALL_RUNS });
  network.run(2_000);
  quiet.alive = false;
  network.run(SILENT_MS * 0.75);
  assertEquals(self.engine.totals().partners, 2);
  network.demand(self, 1, entryOf(1).unit, 4_000);
  network.run(1_000);
  assertEquals(self.engine.totals().complete, 1);
  const asked = outputsOf(self, "send").filter(({ frame }) => frame.type === "want");
  assertEquals(new Set(asked.map(({ peer }) => peer)), new Set(["there"]));
});

Deno.test("one who joins while others watch waits for partners as long as there is time", () => {
  const network = createNetwork();
  const [a, b] = [network.add("a"), network.add("b")];
  network.publish(entryOf(10), { a: ALL_RUNS });
  network.run(500);
  network.handle(b, { type: "audience", count: 2 });
  network.demand(b, 1, entryOf(10).unit, 4_000);
  assertEquals(b.declined, []);
  network.run(500);
  assertEquals(outputsOf(b, "fetch"), []);
  network.link(a, b);
  network.run(3_000);
  assertEquals(b.delivered.length, pieceCount(entryOf(10)));
  assertEquals(outputsOf(b, "fetch"), []);
});

/** One that was to send to a partner that reads nothing, and another that wants the same. */
function withStuck() {
  const network = createNetwork();
  const [self, other] = [network.add("self"), network.add("other")];
  network.publish(entryOf(1), { self: ALL_RUNS });
  network.run(500);
  network.stalled.add("stuck");
  network.puppet(self, "stuck");
  const want = { type: "want", unit: entryOf(1).unit, pieces: ALL_RUNS } as const;
  network.handle(self, { type: "frame", peer: "stuck", frame: want });
  return { network, self, other };
}

Deno.test("a link that ends with pieces in it does not keep the others from being served", () => {
  const { network, self, other } = withStuck();
  network.run(100);
  network.handle(self, { type: "linkClosed", peer: "stuck" });
  network.link(self, other);
  network.run(5_000);
  assertEquals(other.engine.totals().complete, 1);
});

Deno.test("a partner that reads nothing does not keep the others from being served", () => {
  const { network, self, other } = withStuck();
  network.link(self, other);
  network.run(8_000);
  assertEquals(other.engine.totals().complete, 1);
});

Deno.test("a peer that is told how many partners to have seeks so many", () => {
  const network = createNetwork();
  const node = network.add("self", { ...ACTIVE, partners: 3 });
  network.handle(node, { type: "wake" });
  assertEquals(outputsOf(node, "seek").map(({ want }) => want), [3]);
});

Deno.test("who can meet nobody, though others watch, is soon as if it were alone", () => {
  const network = createNetwork();
  const node = network.add("self");
  network.handle(node, { type: "audience", count: 9 });
  network.run(10_000);
  network.handle(node, { type: "audience", count: 10 });
  network.publish(entryOf(10));
  network.demand(node, 1, entryOf(10).unit, 4_000);
  assertEquals(node.declined.map(({ demand }) => demand), [1], "to the network, at once");
});
