/** An edge that is there and does not give what the engine asks: the browser's own requests may still get it. */
import { assert, assertEquals } from "@std/assert";
import { pieceCount } from "../../../edge/protocol/pieces.ts";
import { createNetwork, entryOf } from "./network.ts";

Deno.test("demands go to the network when the edge is there and yet fails every range request", () => {
  const network = createNetwork();
  const [a, b] = [network.add("a"), network.add("b")];
  network.link(a, b);
  network.run(100);
  network.edge.away = true;
  network.publish(entryOf(10));
  network.demand(a, 1, entryOf(10).unit, 0);
  network.publish(entryOf(11), { a: [0] });
  network.demand(a, 2, entryOf(11).unit, 500);
  network.run(4_000);
  assertEquals(a.declined.map((one) => one.demand), [1, 2]);
});

Deno.test("one failed request is no reason to give up", () => {
  const network = createNetwork();
  const [a, b] = [network.add("a"), network.add("b")];
  network.link(a, b);
  network.run(100);
  network.publish(entryOf(10));
  network.demand(a, 1, entryOf(10).unit, 500);
  network.edge.away = true;
  network.run(200);
  network.edge.away = false;
  network.run(1_000);
  assertEquals(a.declined, []);
  assertEquals(a.delivered.length, pieceCount(entryOf(10)));
});

Deno.test("an edge that comes back is asked at once", () => {
  const network = createNetwork();
  const node = network.add("a");
  network.publish(entryOf(10));
  network.edge.away = true;
  network.handle(node, { type: "edge", reachable: false });
  network.demand(node, 1, entryOf(10).unit, 0);
  network.run(10_000);
  network.edge.away = false;
  network.handle(node, { type: "edge", reachable: true });
  network.run(100);
  assert(node.delivered.length === pieceCount(entryOf(10)));
});

Deno.test("an edge that gives pieces but no digest list is not waited for", () => {
  const network = createNetwork();
  const [a, b] = [network.add("a"), network.add("b")];
  network.link(a, b);
  network.run(100);
  network.edge.listless = true;
  network.publish(entryOf(10));
  network.demand(a, 1, entryOf(10).unit, 500);
  network.run(4_000);
  assertEquals(a.declined.length, 1);
});

Deno.test("a false digest list of the edge does not make later demands wait", () => {
  const network = createNetwork();
  const [a, b] = [network.add("a"), network.add("b")];
  network.link(a, b);
  network.run(100);
  network.edge.falseList = true;
  network.publish(entryOf(10));
  for (const demand of [1, 2]) {
    network.demand(a, demand, entryOf(10).unit, 300);
    network.run(1_000);
  }
  assertEquals(a.declined.map((one) => one.demand), [1, 2]);
});
