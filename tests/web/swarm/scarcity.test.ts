/** Where uplinks are scarce: what is promised is kept, what is not is given, and nothing is sent in vain. */
import { assert, assertEquals } from "@std/assert";
import { unitKey } from "../../../edge/protocol/unit.ts";
import type { Conduct } from "../../../web/swarm/io.ts";
import { ACTIVE, entryOf, NOTHING, outputsOf, SEGMENT_MS } from "./network.ts";
import { ALL_RUNS, framesTo, INJECTOR_MS, lag, pushed, single, stage, wantedOf } from "./stage.ts";

const STREAM_RATE = (entryOf(0).length * 1_000) / SEGMENT_MS;

/** A node that may give as much as the stream takes, and knows that its uplink carries it. */
function narrow() {
  const set = stage();
  set.measure();
  const conduct: Conduct = { ...ACTIVE, uploadCap: STREAM_RATE };
  set.network.handle(set.node, { type: "conduct", conduct });
  return set;
}
/** What a last call leaves to the edge, and more than it, ms. */
const CLOSE_MS = 400;
/** Of an edge of which nothing has been fetched yet the last call may come any moment, and comes 50 ms later, ms. */
const ANY_MOMENT_MS = 449;

Deno.test("who says that it has no room for a substream is not asked to push it", () => {
  const { network, node, partner } = stage();
  partner("full", { ...lag(1, 1), spare: [1] });
  partner("roomy", { ...lag(20, 20), spare: [0, 1] });
  network.publish(entryOf(1));
  network.run(1_000);
  assert(!wantedOf(node, "full").includes(0));
  assert(wantedOf(node, "roomy").includes(0));
  assert(wantedOf(node, "full").includes(1));
});

Deno.test("a peer says which substreams it has room for, and with all promised that there are none", () => {
  const { network, node, partner, subscribe, standing } = narrow();
  partner("child");
  const spare = () => framesTo(node, "child", "have").at(-1)!.standing.spare;
  network.publish(entryOf(10));
  network.run(1_500);
  assert(spare().length > 0);
  for (const peer of ["one", "two", "three"]) {
    partner(peer);
    subscribe(peer, ...ALL_RUNS);
  }
  for (let tick = 0; tick < 4; tick++) {
    for (const peer of ["one", "two", "three"]) standing(peer, {});
    network.run(500);
  }
  assertEquals(spare(), []);
});

Deno.test("who asks is given what promises leave of the uplink, and no more", () => {
  const { network, node, partner, subscribe, say } = narrow();
  for (const peer of ["child", "asks"]) partner(peer);
  network.publish(entryOf(9), { self: ALL_RUNS });
  subscribe("child", ...ALL_RUNS);
  let asked = 0;
  const given = () => framesTo(node, "asks", "piece").length;
  const before = given();
  for (let sequence = 10; sequence < 20; sequence++) {
    network.publish(entryOf(sequence), { self: ALL_RUNS });
    for (let part = 0; part < 4; part++) {
      network.run(SEGMENT_MS / 4);
      asked += ALL_RUNS.length;
      say("asks", { type: "want", unit: entryOf(sequence).unit, pieces: ALL_RUNS });
      say("child", { type: "have", standing: NOTHING, maps: [] });
    }
  }
  const refused = framesTo(node, "child", "unsubscribe").flatMap(({ runs }) => runs);
  const kept = (ALL_RUNS.length - refused.length) * 10;
  const child = framesTo(node, "child", "piece").filter((one) => one.unit.sequence >= 10);
  assert(kept > 0 && child.length >= 0.95 * kept, `${child.length} of ${kept} were pushed`);
  assert(given() > before && given() - before < asked, `${given() - before} of ${asked}`);
});

Deno.test("a piece that its parent has not pushed is asked for while there is time before it is due", () => {
  const { network, node, partner, show } = stage();
  partner("parent", lag(5));
  partner("other", lag(250));
  network.publish(single(1));
  network.run(1_000);
  show("other", 1);
  network.demand(node, 1, single(1).unit, 2_000);
  network.run(200);
  assertEquals(framesTo(node, "other", "want"), [], "the parent is given time");
  network.run(500);
  assertEquals(framesTo(node, "other", "want").at(-1)?.pieces, [0]);
});

Deno.test("just before the edge is called, partners are asked for what they bring before it is due, and for nothing else", () => {
  const { network, node, partner, show, push } = stage({ ...ACTIVE, prefetch: "none" });
  partner("other");
  const demand = (sequence: number, dueInMs: number) => {
    network.publish(single(sequence));
    show("other", sequence);
    network.run(100);
    network.demand(node, sequence, single(sequence).unit, dueInMs);
  };
  const asked = () => framesTo(node, "other", "want").map(({ unit }) => unit.sequence);
  demand(1, ANY_MOMENT_MS);
  network.run(200);
  assertEquals(asked(), [1], "a new partner is thought to be quick enough");
  network.run(1_000);
  demand(2, 20_000);
  network.run(900);
  push("other", 2);
  network.run(100);
  demand(3, ANY_MOMENT_MS);
  network.run(200);
  assertEquals(asked(), [1, 2], "not one that took 900 ms");
  assertEquals(outputsOf(node, "fetch").length, 2);
});

Deno.test("what was spread before the parent was chosen is asked for at once", () => {
  const { network, node, partner, show } = stage();
  partner("other", lag());
  network.publish(single(1));
  network.run(1.1 * SEGMENT_MS);
  partner("parent", lag(5));
  network.run(600);
  assertEquals(wantedOf(node, "parent"), [0]);
  const before = framesTo(node, "other", "want").length;
  show("other", 1);
  network.run(300);
  assertEquals(framesTo(node, "other", "want").length, before + 1);
});

Deno.test("where there are several renditions more partners are sought, as each watches one of them", () => {
  const { network, node } = stage();
  network.handle(node, { type: "audience", count: 100 });
  const wanted = () => outputsOf(node, "seek").at(-1)!.want;
  network.publish(entryOf(1));
  network.run(100);
  const alone = wanted();
  const other = { ...entryOf(1), unit: { ...entryOf(1).unit, rendition: 1 }, uri: "r1/1.m4s" };
  network.publish(other);
  network.run(30_000);
  // Being at home in substreams of both accounts for two of them.
  assert(wanted() >= alone + 4, `${wanted()} and ${alone}`);
});

Deno.test("what comes when it is nearly due is shown, and not pushed: children play it at about that time", () => {
  const { network, node, measure, partner, subscribe, say } = stage();
  measure();
  for (const peer of ["child", "source"]) partner(peer);
  network.publish(entryOf(9));
  network.run(600);
  subscribe("child", ...ALL_RUNS);
  const bring = (sequence: number, dueInMs: number) => {
    network.publish(entryOf(sequence));
    network.demand(node, sequence, entryOf(sequence).unit, dueInMs);
    const { unit } = entryOf(sequence);
    const key = unitKey(unit);
    network.run(10);
    say("source", { type: "piece", unit, index: 0, payload: { key, index: 0, good: true } });
    network.run(100);
    return pushed(node, "child", sequence);
  };
  assertEquals(bring(10, 10 * SEGMENT_MS), [0]);
  assertEquals(bring(11, CLOSE_MS), []);
});

Deno.test("what has waited for the uplink until it was nearly due is not pushed any more", () => {
  const { network, node, partner, subscribe } = narrow();
  partner("child");
  network.publish(entryOf(9));
  network.run(600);
  subscribe("child", ...ALL_RUNS);
  const pushedOf = (sequence: number, dueInMs: number) => {
    network.publish(entryOf(sequence), { self: ALL_RUNS });
    network.demand(node, sequence, entryOf(sequence).unit, dueInMs);
    network.run(2 * SEGMENT_MS);
    return pushed(node, "child", sequence).length;
  };
  // The cap lets less than half of it out at once.
  const all = pushedOf(10, 10 * SEGMENT_MS);
  const some = pushedOf(11, 750);
  assert(some > 0 && some < all, `${some} of ${all} pieces`);
});

Deno.test("who has fallen silent is sent nothing more, and its place is given to others", () => {
  const { network, node, partner, subscribe } = narrow();
  partner("gone");
  network.publish(entryOf(9), { self: ALL_RUNS });
  network.run(300);
  subscribe("gone", ...ALL_RUNS);
  network.run(INJECTOR_MS);
  // A puppet goes on saying that it is there, unless its link is closed to it.
  network.silence("gone");
  network.run(2_000);
  partner("here");
  network.publish(entryOf(10), { self: ALL_RUNS });
  subscribe("here", ...ALL_RUNS);
  network.run(1_500);
  assertEquals(pushed(node, "gone", 10), []);
  assert(pushed(node, "here", 10).length >= 3);
});

Deno.test("partners that fall silent are replaced at once where they are many", () => {
  const { network, node, partner } = stage({ ...ACTIVE, partners: 4 });
  for (const peer of ["a", "b", "c", "d"]) partner(peer);
  network.handle(node, { type: "audience", count: 100 });
  network.run(30_000);
  const before = outputsOf(node, "seek").length;
  for (const peer of ["a", "b"]) network.silence(peer);
  network.run(2_500);
  assertEquals(outputsOf(node, "seek").length, before + 1);
  network.run(3_000);
  assertEquals(outputsOf(node, "seek").length, before + 2, "and again while they are missing");
});

Deno.test("where few watch, nobody is sought again and again", () => {
  const { network, node, partner } = stage({ ...ACTIVE, partners: 8 });
  partner("a");
  network.handle(node, { type: "audience", count: 2 });
  network.run(60_000);
  assert(outputsOf(node, "seek").length <= 6, `${outputsOf(node, "seek").length} times`);
});
