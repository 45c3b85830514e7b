/** What is asked of whom: each piece of one partner at a time, and of nobody who has just failed. */
import { assert, assertEquals } from "@std/assert";
import { unitKey } from "../../../edge/protocol/unit.ts";
import { ACTIVE, entryOf, isProbe, outputsOf, SEGMENT_MS } from "./network.ts";
import { ALL_RUNS, framesTo, lag, single, stage, wantedOf } from "./stage.ts";

/** A new partner has so long to bring what it is asked for, ms. */
const PATIENCE_MS = 1_000;
/** Who was late, or refused, is left alone for this long, ms. */
const SHUN_MS = 500;

/** A peer whose element waits for a segment of one piece that some partners show. */
function waiting(...partners: string[]) {
  const set = stage({ ...ACTIVE, prefetch: "none" });
  for (const peer of partners) set.partner(peer);
  set.network.publish(single(1));
  for (const peer of partners) set.show(peer, 1);
  set.network.handle(set.node, { type: "edge", reachable: false });
  set.network.demand(set.node, 1, single(1).unit, 20_000);
  const wants = (peer: string) => framesTo(set.node, peer, "want").length;
  const asked = () => partners.filter((peer) => wants(peer) > 0);
  return { ...set, wants, asked };
}

Deno.test("what one partner does not bring in time is asked of another, and taken back from the first", () => {
  const { network, node, asked } = waiting("a", "b");
  network.run(100);
  const [first] = asked();
  assertEquals(asked().length, 1);
  network.run(PATIENCE_MS);
  assertEquals(asked().length, 2);
  assertEquals(framesTo(node, first!, "cancel").map(({ pieces }) => pieces), [[0]]);
});

Deno.test("who was late is asked for nothing for a moment, and then again", () => {
  const { network, wants } = waiting("a");
  network.run(PATIENCE_MS + 100);
  assertEquals(wants("a"), 1);
  network.run(SHUN_MS - 200);
  assertEquals(wants("a"), 1);
  network.run(400);
  assertEquals(wants("a"), 2);
});

Deno.test("who refuses is asked for nothing for a moment, and then again", () => {
  const { network, say, wants } = waiting("a");
  network.run(100);
  say("a", { type: "refuse", unit: single(1).unit, pieces: [0] });
  network.run(SHUN_MS - 100);
  assertEquals(wants("a"), 1);
  network.run(300);
  assertEquals(wants("a"), 2);
});

Deno.test("what was asked for and came past the engine is taken back", () => {
  const { network, node, partner, show } = stage();
  partner("a");
  network.publish(single(1));
  show("a", 1);
  network.run(500);
  assertEquals(framesTo(node, "a", "want").length, 1);
  const { unit } = single(1);
  const payloads = [{ key: unitKey(unit), index: 0, good: true }];
  network.handle(node, { type: "held", unit, digests: new Uint8Array([1]), payloads });
  assertEquals(framesTo(node, "a", "cancel").map(({ pieces }) => pieces), [[0]]);
});

Deno.test("while all that is missing is on its way it is looked half as often", () => {
  const { network, node, partner, standing } = stage();
  partner("a", lag(5));
  network.publish(single(1));
  network.run(1_000);
  assertEquals(wantedOf(node, "a"), [0]);
  const looksInASecond = () => {
    const atMs = new Set<number>();
    for (let said = 0; said < 100; said++) {
      standing("a", lag(5));
      atMs.add(node.engine.wakeMs());
      network.run(10);
    }
    return atMs.size;
  };
  const calm = looksInASecond();
  // By then the parent has had its time.
  network.run(PATIENCE_MS + SEGMENT_MS);
  const hungry = looksInASecond();
  assert(calm <= 14 && hungry >= 18, `${calm}, then ${hungry}`);
});

Deno.test("a refusal by somebody who was not asked changes nothing", () => {
  const { network, say, wants, asked } = waiting("a", "b");
  network.run(100);
  const [first] = asked();
  const other = first === "a" ? "b" : "a";
  say(other, { type: "refuse", unit: single(1).unit, pieces: [0] });
  network.run(300);
  assertEquals([wants(first!), wants(other)], [1, 0]);
});

Deno.test("a segment that is demanded twice is asked for once", () => {
  const { network, node, wants } = waiting("a", "b");
  network.demand(node, 2, single(1).unit, 20_000);
  network.run(200);
  assertEquals(wants("a") + wants("b"), 1);
});

Deno.test("a parent that is asked for what it did not push in time is not told to leave it", () => {
  const { network, node, partner, show } = stage();
  partner("parent", lag(5));
  network.publish(single(1));
  network.run(1_000);
  assertEquals(wantedOf(node, "parent"), [0]);
  network.publish(single(2));
  show("parent", 2);
  network.run(4_500);
  assert(framesTo(node, "parent", "want").length > 0);
  const { unit } = single(2);
  const before = framesTo(node, "parent", "cancel").length;
  // It is late with it by now, and taken back once.
  assert(before <= 1, `${before} times`);
  assertEquals(
    framesTo(node, "parent", "cancel").every((one) => unitKey(one.unit) === unitKey(unit)),
    true,
  );
});

Deno.test("an element's page asks for what is ahead of it, and for nothing that it has passed", () => {
  const { network, node, partner, show } = stage({ ...ACTIVE, prefetch: "played" });
  partner("other");
  for (const sequence of [1, 2, 3]) network.publish(single(sequence));
  network.demand(node, 1, single(2).unit, 10_000);
  for (const sequence of [1, 2, 3]) show("other", sequence);
  network.run(5_000);
  const asked = new Set(framesTo(node, "other", "want").map(({ unit }) => unit.sequence));
  assertEquals([...asked].toSorted(), [2, 3]);
});

Deno.test("parents are told once of all that the edge has begun to send, however many pieces follow", () => {
  const { network, node, partner } = stage();
  partner("parent", lag(...ALL_RUNS.map(() => 5)));
  network.publish(entryOf(1));
  network.run(700);
  assertEquals(wantedOf(node, "parent"), ALL_RUNS);
  network.demand(node, 1, entryOf(1).unit, 1_200);
  network.run(1_000);
  assertEquals(framesTo(node, "parent", "cancel").map(({ pieces }) => pieces), [ALL_RUNS]);
});

Deno.test("a parent whose run had to come from the edge twice in a row is left for another", () => {
  const { network, node, partner, push } = stage();
  partner("parent", lag(5));
  network.publish(single(1));
  network.run(100);
  push("parent", 1);
  network.run(1_000);
  partner("other", lag(250));
  const parentOf = () => ["parent", "other"].filter((peer) => wantedOf(node, peer).length > 0);
  for (const sequence of [2, 3]) {
    assertEquals(parentOf(), ["parent"]);
    network.publish(single(sequence));
    network.demand(node, sequence, single(sequence).unit, 1_000);
    network.run(2_000);
    assertEquals(outputsOf(node, "fetch").length, sequence - 1);
  }
  assertEquals(parentOf(), ["other"]);
});

Deno.test("what a parent has not pushed is asked of another the moment its time is over", () => {
  const { node, network, partner, show, standing } = stage();
  partner("parent", lag(5));
  partner("other", lag(50));
  network.publish(single(1));
  const beginMs = network.now();
  network.run(600);
  assertEquals(wantedOf(node, "parent"), [0]);
  const asked = () => framesTo(node, "other", "want").filter((want) => !isProbe(want)).length;
  const runTo = (ms: number) => {
    while (network.now() < beginMs + ms) {
      network.run(Math.min(400, beginMs + ms - network.now()));
      for (const peer of ["parent", "other"]) standing(peer, lag(5));
    }
  };
  runTo(2 * SEGMENT_MS - 100);
  show("other", 1);
  runTo(2 * SEGMENT_MS - 20);
  assertEquals(asked(), 0);
  runTo(2 * SEGMENT_MS + 20);
  assertEquals(asked(), 1);
});
