/** An edge that is slow or fails must not cost what partners bring. */
import { assertEquals } from "@std/assert";
import { unitKey } from "../../../edge/protocol/unit.ts";
import { ACTIVE, entryOf, outputsOf } from "./network.ts";
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

Deno.test("a request that still brings other pieces goes on, until partners have brought them all", () => {
  const { network, node, partner, say } = stage();
  partner("other");
  network.publish(entryOf(1));
  network.edge.slowMs = 10_000;
  network.run(100);
  network.demand(node, 1, entryOf(1).unit, 1_000);
  network.run(700);
  assertEquals(outputsOf(node, "fetch").map(({ pieces }) => pieces), [
    { from: 0, to: ALL_RUNS.length },
  ]);
  const bring = (index: number) => {
    const payload = { key: unitKey(entryOf(1).unit), index, good: true };
    say("other", { type: "piece", unit: entryOf(1).unit, index, payload });
    network.run(50);
  };
  const [last, ...others] = ALL_RUNS.toReversed();
  for (const index of others) bring(index);
  assertEquals(outputsOf(node, "cancelFetch"), []);
  bring(last!);
  assertEquals(outputsOf(node, "cancelFetch").length, 1);
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
