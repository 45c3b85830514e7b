/** When the edge is asked: early by a few for what nobody has, at the last by each for what is missing. */
import { assert, assertEquals } from "@std/assert";
import { ACTIVE, createNetwork, outputsOf, SEGMENT_MS } from "./network.ts";
import { single, stage } from "./stage.ts";

const STEP_MS = 50;
/** An element that has plenty in its buffer. */
const LATER_MS = 20_000;

/** How long after publication one of many fetches what none of its partners has, ms. */
function orphanMs(seed: number, audience: number): number {
  const network = createNetwork(seed);
  const node = network.add("self");
  network.puppet(node, "other");
  network.handle(node, { type: "audience", count: audience });
  network.run(4_000);
  const sinceMs = network.now();
  network.publish(single(1));
  network.demand(node, 1, single(1).unit, LATER_MS);
  while (outputsOf(node, "fetch").length === 0) {
    network.run(STEP_MS);
    assert(network.now() - sinceMs < LATER_MS, "it is fetched");
  }
  return network.now() - sinceMs;
}

Deno.test("what nobody has is fetched by few at first, and by everyone within half a segment", () => {
  const times = Array.from({ length: 60 }, (_, seed) => orphanMs(seed + 1, 100));
  const [first, last] = [Math.min(...times), Math.max(...times)];
  assert(first >= 1.25 * SEGMENT_MS, `the first after ${first} ms`);
  assert(last <= 1.75 * SEGMENT_MS + 3 * STEP_MS, `the last after ${last} ms`);
  assert(last - first >= 0.3 * SEGMENT_MS, "they take turns");
  const early = times.filter((ms) => ms < 1.5 * SEGMENT_MS).length;
  assert(early <= times.length / 4, `${early} of ${times.length} in the first half of that time`);
});

Deno.test("the fewer watch, the sooner somebody fetches what nobody has", () => {
  const mean = (audience: number) => {
    const times = Array.from({ length: 60 }, (_, seed) => orphanMs(seed + 1, audience));
    return times.reduce((sum, ms) => sum + ms, 0) / times.length;
  };
  assert(mean(3) < mean(1_000) - 100);
});

/** How long before it is due a segment that a partner shows is fetched, after some that the edge has brought. */
function lastCallMs(edgeSlowMs: number): number {
  const { network, node, partner, show } = stage({ ...ACTIVE, prefetch: "none" });
  partner("other");
  network.edge.slowMs = edgeSlowMs;
  let leadMs = 0;
  for (let sequence = 1; sequence <= 12; sequence++) {
    network.publish(single(sequence));
    show("other", sequence);
    const dueMs = network.now() + 2_000;
    network.demand(node, sequence, single(sequence).unit, 2_000);
    while (outputsOf(node, "fetch").length < sequence) network.run(10);
    leadMs = dueMs - network.now();
    network.run(2_000);
  }
  return leadMs;
}

Deno.test("what a partner shows is fetched at the last moment, and that is the later the quicker the edge is", () => {
  const [quick, slow] = [lastCallMs(0), lastCallMs(2_000)];
  assert(quick >= 150 && quick <= 250, `${quick} ms`);
  assert(slow >= 400 && slow <= 500, `${slow} ms`);
});

Deno.test("where there is no partner and none is expected, the edge is asked at once", () => {
  const { network, node, partner, say } = stage({ ...ACTIVE, prefetch: "none" });
  partner("other");
  network.publish(single(1));
  network.demand(node, 1, single(1).unit, LATER_MS);
  network.run(1_000);
  assertEquals(outputsOf(node, "fetch"), []);
  say("other", { type: "bye" });
  network.run(100);
  assertEquals(outputsOf(node, "fetch").length, 1);
});
