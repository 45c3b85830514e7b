/** Uplinks, distances and downlinks. Rates in bytes/ms. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { createClock } from "./clock.ts";
import { createCarrier, createHost, type Disturbance, openFlow } from "./hosts.ts";

const DELAY_MS = 30;
const FAST = 1e9;

function setUp(disturbance: Disturbance = () => 0) {
  const clock = createClock();
  const carrier = createCarrier(clock, disturbance);
  const arrivals: { name: string; atMs: number }[] = [];
  const note = (name: string) => () => void arrivals.push({ name, atMs: clock.now() });
  return { clock, carrier, arrivals, note };
}

Deno.test("a frame takes its time on the uplink, on the way and on the downlink", () => {
  const { clock, carrier, arrivals, note } = setUp();
  const flow = openFlow(createHost(0, 10, FAST), createHost(1, FAST, 20), DELAY_MS);
  carrier.send(flow, 1_000, note("frame"));
  clock.runUntil(1_000);
  assertEquals(arrivals, [{ name: "frame", atMs: 100 + DELAY_MS + 50 }]);
});

Deno.test("a host sends no more than its uplink carries", () => {
  const { clock, carrier, arrivals, note } = setUp();
  const from = createHost(0, 10, FAST);
  for (let to = 1; to <= 4; to++) {
    const flow = openFlow(from, createHost(to, FAST, FAST), DELAY_MS);
    for (let frame = 0; frame < 10; frame++) carrier.send(flow, 100, note(`${to}`));
  }
  clock.runUntil(200 + DELAY_MS);
  assertEquals(arrivals.length, 20);
});

Deno.test("flows with something to send take turns", () => {
  const { clock, carrier, arrivals, note } = setUp();
  const from = createHost(0, 10, FAST);
  const flows = ["a", "b"].map((name, index) => ({
    name,
    flow: openFlow(from, createHost(index + 1, FAST, FAST), DELAY_MS),
  }));
  for (const { name, flow } of flows) {
    for (let frame = 0; frame < 3; frame++) carrier.send(flow, 100, note(name));
  }
  clock.runUntil(1_000);
  // The first of a is on the wire before b has anything.
  assertEquals(arrivals.map(({ name }) => name).join(""), "aababb");
});

Deno.test("what goes first waits for no other flow's turn", () => {
  const { clock, carrier, arrivals, note } = setUp();
  const from = createHost(0, 10, FAST);
  const usual = openFlow(from, createHost(1, FAST, FAST), DELAY_MS);
  const first = openFlow(from, createHost(2, FAST, FAST), DELAY_MS, { first: true });
  for (let frame = 0; frame < 3; frame++) carrier.send(usual, 100, note("usual"));
  for (let frame = 0; frame < 2; frame++) carrier.send(first, 100, note("first"));
  clock.runUntil(1_000);
  assertEquals(arrivals.map(({ name }) => name), ["usual", "first", "first", "usual", "usual"]);
});

Deno.test("frames of a flow keep their order, whatever the way does to them", () => {
  const frame = fc.record({ bytes: fc.integer({ min: 1, max: 5_000 }), lateMs: fc.nat(300) });
  fc.assert(fc.property(fc.array(frame, { maxLength: 40 }), (frames) => {
    let left = 0;
    const { clock, carrier, arrivals, note } = setUp(() => frames[left++]!.lateMs);
    const flow = openFlow(createHost(0, 100, FAST), createHost(1, FAST, 50), DELAY_MS);
    frames.forEach(({ bytes }, index) => carrier.send(flow, bytes, note(`${index}`)));
    clock.runUntil(1e6);
    assertEquals(arrivals.map(({ name }) => name), frames.map((_, index) => `${index}`));
  }));
});

Deno.test("of a dead host nothing arrives that had not left it", () => {
  const { clock, carrier, arrivals, note } = setUp();
  const from = createHost(0, 10, FAST);
  const flow = openFlow(from, createHost(1, FAST, FAST), DELAY_MS);
  carrier.send(flow, 100, note("had left"));
  carrier.send(flow, 100, note("was leaving"));
  clock.after(15, () => from.goneMs = clock.now());
  clock.runUntil(1_000);
  assertEquals(arrivals.map(({ name }) => name), ["had left"]);
});

Deno.test("nothing arrives at a dead host, nor by a closed flow", () => {
  const { clock, carrier, arrivals, note } = setUp();
  const from = createHost(0, 10, FAST);
  const dead = createHost(1, FAST, 1);
  const closed = openFlow(from, createHost(2, FAST, FAST), DELAY_MS);
  carrier.send(openFlow(from, dead, DELAY_MS), 100, note("to the dead"));
  carrier.send(closed, 100, note("by the closed flow"));
  clock.after(10 + DELAY_MS + 50, () => dead.goneMs = clock.now());
  clock.after(15, () => closed.open = false);
  clock.runUntil(1_000);
  assertEquals(arrivals, []);
});

Deno.test("who sends is told when its frame has left, not when it has arrived", () => {
  const { clock, carrier } = setUp();
  let leftMs = NaN;
  const flow = openFlow(createHost(0, 10, FAST), createHost(1, FAST, FAST), DELAY_MS);
  carrier.send(flow, 1_000, () => {}, () => leftMs = clock.now());
  clock.runUntil(1_000);
  assert(leftMs === 100);
});

Deno.test("a frame to another thread is told of when it is on its way, with the time when it will be there", () => {
  const { clock, carrier } = setUp();
  const told: { atMs: number; reachesMs: number }[] = [];
  const flow = openFlow(createHost(0, 10, FAST), createHost(1, FAST, 1), DELAY_MS, { far: true });
  const tell = (reachesMs: number) => void told.push({ atMs: clock.now(), reachesMs });
  carrier.send(flow, 1_000, tell);
  clock.runUntil(50);
  // Its downlink is the other thread's to reckon with.
  assertEquals(told, [{ atMs: 0, reachesMs: 100 + DELAY_MS }]);
});

Deno.test("media to another thread is not on its way before it has left, so that it can be lost with its host", () => {
  const { clock, carrier, arrivals, note } = setUp();
  const from = createHost(0, 10, FAST);
  const flow = openFlow(from, createHost(1, FAST, FAST), DELAY_MS, { far: true });
  carrier.send(flow, 100, note("had left"), () => {});
  carrier.send(flow, 100, note("was leaving"), () => {});
  clock.after(15, () => from.goneMs = clock.now());
  clock.runUntil(1_000);
  assertEquals(arrivals, [{ name: "had left", atMs: 10 }]);
});
