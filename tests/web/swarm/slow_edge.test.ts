/** An edge that is slow or fails must not cost what partners bring. */
import { assertEquals } from "@std/assert";
import { unitKey } from "../../../edge/protocol/unit.ts";
import { ACTIVE, entryOf, NOTHING, outputsOf } from "./network.ts";
import { ALL_RUNS, framesTo, lag, single, stage } from "./stage.ts";

const SOON_MS = 300;

Deno.test("what partners were asked for is taken back once the edge begins to answer, and no sooner", () => {
  const { network, node, partner, show } = stage({ ...ACTIVE, prefetch: "none" });
  partner("other");
  network.publish(single(1));
  show("other", 1);
  network.edge.slowMs = 200;
  network.demand(node, 1, single(1).unit, 1_000);
  network.run(100);
  assertEquals(framesTo(node, "other", "want").length, 1);
  network.run(600);
  assertEquals(outputsOf(node, "fetch").length, 1);
  assertEquals(framesTo(node, "other", "cancel"), []);
  network.run(200);
  assertEquals(framesTo(node, "other", "cancel").map(({ pieces }) => pieces), [[0]]);
  assertEquals(node.delivered.length, 1);
});

Deno.test("a parent need not push what the edge has begun to send", () => {
  const { network, node, partner } = stage();
  partner("parent", lag(5));
  network.publish(single(1));
  network.run(700);
  network.demand(node, 1, single(1).unit, 1_200);
  network.run(1_000);
  assertEquals(framesTo(node, "parent", "cancel").map(({ pieces }) => pieces), [[0]]);
});

Deno.test("a partner's piece that comes before the edge's is taken, and the request ends", () => {
  const { network, node, partner, show, push } = stage();
  partner("other");
  network.publish(single(1));
  show("other", 1);
  network.run(100);
  network.edge.slowMs = 10_000;
  network.demand(node, 1, single(1).unit, SOON_MS);
  network.run(100);
  assertEquals(outputsOf(node, "fetch").length, 1);
  push("other", 1);
  network.run(50);
  assertEquals(node.delivered.length, 1);
  assertEquals(outputsOf(node, "cancelFetch").length, 1);
});

/** A node that has asked an edge that does not answer for all of a segment, and a partner that brings pieces of it. */
function askedTheEdge() {
  const staged = stage({ ...ACTIVE, prefetch: "none" });
  const { network, node, partner, say } = staged;
  partner("other");
  network.publish(entryOf(1));
  network.edge.slowMs = 10_000;
  network.run(100);
  network.demand(node, 1, entryOf(1).unit, 1_000);
  network.run(700);
  const { fetch, pieces } = outputsOf(node, "fetch")[0]!;
  assertEquals(pieces, { from: 0, to: ALL_RUNS.length });
  const payload = (index: number) => ({ key: unitKey(entryOf(1).unit), index, good: true });
  const bring = (...indexes: number[]) => {
    for (const index of indexes) {
      say("other", { type: "piece", unit: entryOf(1).unit, index, payload: payload(index) });
    }
    network.run(100);
  };
  const edgeBrings = (index: number) =>
    network.handle(node, { type: "fetchedPiece", fetch, index, payload: payload(index) });
  return { ...staged, bring, edgeBrings };
}

const { length: COUNT } = ALL_RUNS;

Deno.test("a request that still brings other pieces goes on, until partners have brought them all", () => {
  const { node, bring } = askedTheEdge();
  for (const index of ALL_RUNS.slice(1).toReversed()) bring(index);
  assertEquals(outputsOf(node, "cancelFetch"), []);
  bring(0);
  assertEquals(outputsOf(node, "cancelFetch").length, 1);
  assertEquals(node.delivered.length, COUNT);
  assertEquals(outputsOf(node, "fetch").length, 1);
});

Deno.test("a request that would bring several pieces again ends, and what is missing after them is asked for anew", () => {
  const { node, bring, edgeBrings } = askedTheEdge();
  bring(1, 2, 3);
  edgeBrings(0);
  assertEquals(outputsOf(node, "cancelFetch"), []);
  bring(4);
  assertEquals(outputsOf(node, "cancelFetch").length, 1);
  assertEquals(outputsOf(node, "fetch").at(-1)!.pieces, { from: 5, to: COUNT });
});

Deno.test("what the edge brings counts as its own, also where a partner was faster", () => {
  const { node, bring, edgeBrings } = askedTheEdge();
  bring(1);
  edgeBrings(0);
  edgeBrings(1);
  const { edge, peers } = node.engine.totals().received;
  assertEquals(edge, 2 * peers);
});

Deno.test("what an edge sends too slowly is asked of partners as well, but for what it sends next", () => {
  const { network, node, say, edgeBrings } = askedTheEdge();
  edgeBrings(0);
  const maps = [{ unit: entryOf(1).unit, pieces: new Uint8Array([0xff, 0xff]) }];
  say("other", { type: "have", standing: NOTHING, maps });
  network.run(800);
  const asked = framesTo(node, "other", "want").flatMap(({ pieces }) => pieces);
  assertEquals(asked.toSorted((a, b) => a - b), ALL_RUNS.slice(2));
});

Deno.test("what an edge sends in time is asked of no partner", () => {
  const { network, node, partner, say } = stage({ ...ACTIVE, prefetch: "none" });
  partner("other");
  network.publish(entryOf(1));
  network.demand(node, 1, entryOf(1).unit, 1_000);
  while (outputsOf(node, "fetch").length === 0) network.run(10);
  const maps = [{ unit: entryOf(1).unit, pieces: new Uint8Array([0xff, 0xff]) }];
  say("other", { type: "have", standing: NOTHING, maps });
  network.run(2_000);
  assertEquals(node.delivered.length, COUNT);
  assertEquals(framesTo(node, "other", "want"), []);
});

Deno.test("what is due already and partners show is asked of the edge by range, so that they may bring it too", () => {
  const { network, node, partner, show } = stage({ ...ACTIVE, prefetch: "none" });
  partner("other");
  network.publish(single(1));
  show("other", 1);
  network.demand(node, 1, single(1).unit, 0);
  network.run(60);
  assertEquals(node.declined, []);
  assertEquals(outputsOf(node, "fetch").length, 1);
});

Deno.test("what the edge does not begin to send is asked of partners after all", () => {
  const { network, node, partner, show } = stage({ ...ACTIVE, prefetch: "none" });
  partner("other");
  network.publish(single(1));
  network.edge.slowMs = 10_000;
  network.demand(node, 1, single(1).unit, 1_000);
  network.run(650);
  assertEquals(outputsOf(node, "fetch").length, 1);
  show("other", 1);
  network.run(200);
  assertEquals(framesTo(node, "other", "want"), []);
  network.run(600);
  assertEquals(framesTo(node, "other", "want").map(({ pieces }) => pieces), [[0]]);
});

/** A new partner is expected to answer after 300 ms, and the edge is asked 400 ms before the deadline. */
const [TIME_ENOUGH_MS, NO_TIME_MS] = [1_000, 650];

/** What is asked of a partner that has all of a segment, which is due in `dueInMs`. */
function askedInTime(dueInMs: number, edgeReachable = true): number {
  const { network, node, partner, show } = stage({ ...ACTIVE, prefetch: "none" });
  partner("other");
  network.publish(single(1));
  show("other", 1);
  network.handle(node, { type: "edge", reachable: edgeReachable });
  network.demand(node, 1, single(1).unit, dueInMs);
  network.run(100);
  return framesTo(node, "other", "want").length;
}

Deno.test("what a partner would bring later than the edge is not asked of it", () => {
  assertEquals(askedInTime(TIME_ENOUGH_MS), 1);
  assertEquals(askedInTime(NO_TIME_MS), 0);
});

Deno.test("while the edge is away partners are asked however late they may be", () => {
  assertEquals(askedInTime(NO_TIME_MS, false), 1);
});
