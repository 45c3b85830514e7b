/** Partners that mean harm: whatever they send or leave out, the viewer plays what the ledger names, in time. */
import { assert, assertEquals } from "@std/assert";
import { pieceCount } from "../../../edge/protocol/pieces.ts";
import { unitKey } from "../../../edge/protocol/unit.ts";
import { PROTOCOL_VERSION } from "../../../edge/protocol/version.ts";
import {
  ACTIVE,
  createNetwork,
  entryOf,
  type Handle,
  type Network,
  type Node,
  NOTHING,
  outputsOf,
} from "./network.ts";

const entry = entryOf(10);
const { unit } = entry;
const pieces = pieceCount(entry);
const everything = new Uint8Array([0xff]);
const bad = (index: number): Handle => ({ key: unitKey(unit), index, good: false });

function announce(network: Network, node: Node, peer: string, of = unit): void {
  const frame = {
    type: "have",
    standing: NOTHING,
    maps: [{ unit: of, pieces: everything }],
  } as const;
  network.handle(node, { type: "frame", peer, frame });
}

Deno.test("pieces that nobody asked for and that cannot be checked take no place and no memory", () => {
  const network = createNetwork();
  const a = network.add("a", { ...ACTIVE, prefetch: "none" });
  network.puppet(a, "liar");
  network.publish(entry);
  for (let index = 0; index < pieces; index++) {
    const frame = { type: "piece", unit, index, payload: bad(index) } as const;
    network.handle(a, { type: "frame", peer: "liar", frame });
  }
  network.demand(a, 1, unit, 500);
  assertEquals(outputsOf(a, "checkPiece").length, 0);
  network.run(150);
  assertEquals(outputsOf(a, "fetch").map((one) => one.pieces), [{ from: 0, to: pieces }]);
  network.run(500);
  assertEquals(a.delivered.length, pieces);
  assert(a.delivered.every((one) => one.payload.good));
});

Deno.test("a partner that sends wrong bytes before the digest list is here is found out before the element asks, and accused once", () => {
  const network = createNetwork();
  network.edge.bare = true;
  const a = network.add("a");
  network.puppet(a, "liar");
  network.publish(entry);
  announce(network, a, "liar");
  network.run(100);
  const wanted = outputsOf(a, "send").flatMap((one) =>
    one.frame.type === "want" ? one.frame.pieces : []
  );
  assertEquals(wanted.length, pieces);
  for (const index of wanted) {
    const frame = { type: "piece", unit, index, payload: bad(index) } as const;
    network.handle(a, { type: "frame", peer: "liar", frame });
  }
  network.run(100);
  assertEquals(a.engine.totals().banned, 1);
  assertEquals(outputsOf(a, "accuse").length, 1);
  network.puppet(a, "idle");
  network.demand(a, 1, unit, 500);
  network.run(1_000);
  assertEquals(a.delivered.length, pieces);
});

Deno.test("a check that was begun for other bytes proves nothing", () => {
  const network = createNetwork();
  const a = network.add("a");
  const engine = a.engine;
  const list = new Uint8Array([1]);
  engine.handle({ type: "ledger", entry, live: true, inject: [0], digests: list }, 0);
  const forged = { type: "checkedDigests", unit, digests: new Uint8Array([0]), ok: true } as const;
  engine.handle(forged, 1);
  engine.handle({ type: "checkedDigests", unit, digests: list, ok: true }, 1);
  engine.handle({ type: "fetchedPiece", fetch: 1, index: 0, payload: bad(0) }, 2);
  engine.handle({ type: "checkedPiece", unit, index: 0, payload: bad(0), ok: true }, 3);
  const outputs = [];
  for (let output; (output = engine.poll());) outputs.push(output);
  const checks = outputs.filter((one) => one.type === "checkPiece");
  assertEquals(checks.map((one) => one.digests), [list]);
  engine.handle({ type: "demand", demand: 1, unit, deadlineMs: 0 }, 4);
  for (let output; (output = engine.poll());) assert(output.type !== "deliver");
});

Deno.test("a partner that announces everything and sends nothing soon gets no more than one piece to sit on", () => {
  const network = createNetwork();
  const [a, b] = [network.add("a"), network.add("b")];
  network.link(a, b);
  network.puppet(b, "silent");
  network.run(100);
  const runs = Array.from({ length: entry.runs }, (_, run) => run);
  const asked = () =>
    outputsOf(b, "send").flatMap((one) =>
      one.peer === "silent" && one.frame.type === "want" ? one.frame.pieces : []
    ).length;
  const before = { asked: 0, edge: 0 };
  for (let sequence = 10; sequence < 50; sequence++) {
    if (sequence === 40) Object.assign(before, { asked: asked(), edge: network.edge.bytes });
    const next = entryOf(sequence);
    announce(network, b, "silent", next.unit);
    network.publish(next, { a: runs });
    network.run(2_000);
    network.demand(b, sequence, entryOf(sequence - 1).unit, 1_000);
  }
  network.run(2_000);
  assert(b.delivered.length >= 38 * pieces);
  assert(asked() - before.asked <= 20, `${asked() - before.asked} pieces asked in 10 segments`);
  const fetched = network.edge.bytes - before.edge;
  assertEquals(fetched, 10 * entry.length, "only what the injector fetched");
});

Deno.test("a partner that refuses everything costs a round trip, not a stall", () => {
  const network = createNetwork();
  const [a, b] = [network.add("a"), network.add("b")];
  network.link(a, b);
  network.puppet(b, "mean");
  network.run(100);
  announce(network, b, "mean");
  let heard = 0;
  for (let at = 0; at < 40; at++) {
    if (at === 0) network.publish(entry, { a: [0, 1, 2, 3, 4, 5, 6, 7] });
    network.run(50);
    const sent = outputsOf(b, "send");
    for (const { peer, frame } of sent.slice(heard)) {
      if (peer !== "mean" || frame.type !== "want") continue;
      const refuse = { type: "refuse", unit: frame.unit, pieces: frame.pieces } as const;
      network.handle(b, { type: "frame", peer: "mean", frame: refuse });
    }
    heard = sent.length;
  }
  assertEquals(b.engine.totals().complete, 1);
});

Deno.test("a hello that comes again and again is answered once", () => {
  const network = createNetwork();
  const a = network.add("a");
  network.publish(entry, { a: [0] });
  network.run(200);
  network.puppet(a, "again");
  network.run(500);
  const told = () =>
    outputsOf(a, "send").filter(({ frame }) => frame.type !== "have" || frame.maps.length > 0)
      .length;
  const before = told();
  for (let at = 0; at < 50; at++) {
    const frame = { type: "hello", version: PROTOCOL_VERSION, peer: "again" } as const;
    network.handle(a, { type: "frame", peer: "again", frame });
    network.run(200);
  }
  assertEquals(told(), before);
});

Deno.test("who said bye is welcome again", () => {
  const network = createNetwork();
  const [a, b] = [network.add("a"), network.add("b")];
  network.link(a, b);
  network.run(100);
  network.handle(a, { type: "frame", peer: "b", frame: { type: "bye" } });
  network.run(100);
  assertEquals([a, b].map((one) => one.engine.totals().partners), [0, 0]);
  network.link(a, b);
  network.run(100);
  network.publish(entry, { a: [0, 1, 2, 3, 4, 5, 6, 7] });
  network.run(1_000);
  assertEquals(b.engine.totals().complete, 1);
});
