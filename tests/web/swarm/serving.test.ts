/** What is sent when: never in vain, never more than leaves, and told in few messages. */
import { assert, assertEquals } from "@std/assert";
import { unitKey } from "../../../edge/protocol/unit.ts";
import { STUCK_MS } from "../../../web/swarm/partner_book.ts";
import { ACTIVE, entryOf, NOTHING, outputsOf } from "./network.ts";
import { ALL_RUNS, framesTo, pushed, stage } from "./stage.ts";

/** A buffer map in which nothing is missing. */
const WHOLE_MAP = new Uint8Array([0xff]);

/** A node with a child in every substream, and a source that brings it one piece of a segment. */
function parent() {
  const set = stage();
  const { network, node, measure, partner, subscribe, say } = set;
  measure();
  for (const peer of ["child", "source"]) partner(peer);
  network.publish(entryOf(9));
  network.run(600);
  subscribe("child", ...ALL_RUNS);
  return {
    ...set,
    /** Answers what is pushed of a segment that is due here in `dueInMs`. */
    bring(sequence: number, dueInMs: number): number[] {
      const { unit } = entryOf(sequence);
      network.publish(entryOf(sequence));
      network.demand(node, sequence, unit, dueInMs);
      network.run(10);
      const payload = { key: unitKey(unit), index: 0, good: true };
      say("source", { type: "piece", unit, index: 0, payload });
      network.run(100);
      return pushed(node, "child", sequence);
    },
  };
}

Deno.test("what comes seconds before it is due is pushed", () => {
  assertEquals(parent().bring(10, 3_000), [0]);
});

Deno.test("while the edge is away even what comes late is pushed: children have it from nowhere else", () => {
  const { network, node, bring } = parent();
  network.handle(node, { type: "edge", reachable: false });
  assertEquals(bring(10, 400), [0]);
});

Deno.test("what a child has got from somebody else by its turn is not sent to it", () => {
  const { network, node, partner, subscribe, say } = stage({ ...ACTIVE, uploadCap: 16_000 });
  partner("child");
  network.publish(entryOf(1));
  subscribe("child", ...ALL_RUNS);
  network.publish(entryOf(1), { self: ALL_RUNS });
  network.run(100);
  const before = pushed(node, "child", 1).length;
  say("child", {
    type: "have",
    standing: NOTHING,
    maps: [{ unit: entryOf(1).unit, pieces: WHOLE_MAP }],
  });
  network.run(30_000);
  assert(framesTo(node, "child", "unsubscribe").flatMap(({ runs }) => runs).length < 8);
  assertEquals(pushed(node, "child", 1).length, before);
});

Deno.test("what was asked for is sent, whatever the partner shows by then", () => {
  const { network, node, partner, say } = stage({ ...ACTIVE, uploadCap: 40_000 });
  partner("asker");
  network.publish(entryOf(1), { self: ALL_RUNS });
  network.run(200);
  const { unit } = entryOf(1);
  say("asker", { type: "have", standing: NOTHING, maps: [{ unit, pieces: WHOLE_MAP }] });
  say("asker", { type: "want", unit, pieces: [2] });
  network.run(2_000);
  assertEquals(pushed(node, "asker", 1), [2]);
});

Deno.test("while the uplink is not known one piece leaves after the other, whoever it is for", () => {
  const { network, node, partner, say } = stage();
  const peers = ["a", "b", "c"];
  for (const peer of peers) {
    partner(peer);
    network.stalled.add(peer);
  }
  network.publish(entryOf(1), { self: ALL_RUNS });
  network.run(200);
  const sent = () => peers.flatMap((peer) => pushed(node, peer, 1)).length;
  for (const peer of peers) say(peer, { type: "want", unit: entryOf(1).unit, pieces: [0] });
  network.run(100);
  assertEquals(sent(), 1);
  network.handle(node, { type: "sent", peer: "a", bytes: 16 * 1024 });
  network.run(100);
  assertEquals(sent(), 2);
});

Deno.test("a partner to whom pieces leave slowly is kept, one to whom none leaves is dropped", () => {
  const { network, node, partner, say } = stage();
  partner("slow");
  network.stalled.add("slow");
  network.publish(entryOf(1), { self: ALL_RUNS });
  network.run(200);
  const isPartner = () => node.engine.totals().partners === 1;
  say("slow", { type: "want", unit: entryOf(1).unit, pieces: ALL_RUNS });
  for (let piece = 0; piece < 4; piece++) {
    network.run(STUCK_MS - 1_000);
    network.handle(node, { type: "sent", peer: "slow", bytes: 16 * 1024 });
    assert(isPartner(), `after ${piece} pieces`);
  }
  network.run(STUCK_MS + 1_000);
  assert(!isPartner());
});

Deno.test("pieces that come within half a second are told of in one message", () => {
  const { network, node, partner, say } = stage();
  for (const peer of ["hears", "source"]) partner(peer);
  network.publish(entryOf(1));
  network.run(1_000);
  const before = framesTo(node, "hears", "have").length;
  const { unit } = entryOf(1);
  for (const index of ALL_RUNS) {
    const payload = { key: unitKey(unit), index, good: true };
    say("source", { type: "piece", unit, index, payload });
    network.run(50);
  }
  network.run(600);
  const told = framesTo(node, "hears", "have").slice(before);
  assert(told.length <= 3, `${told.length} messages`);
  assertEquals(told.flatMap(({ maps }) => maps).at(-1)?.pieces, WHOLE_MAP);
});

Deno.test("a map that was told stays as it was, whatever comes here or to the partner after it", () => {
  const { network, node, partner, say } = stage();
  for (const peer of ["hears", "source"]) partner(peer);
  const { unit } = entryOf(1);
  const come = (peer: string, index: number) =>
    say(peer, { type: "piece", unit, index, payload: { key: unitKey(unit), index, good: true } });
  network.publish(entryOf(1));
  network.run(10);
  come("source", 0);
  network.run(1_000);
  const told = framesTo(node, "hears", "have").flatMap(({ maps }) => maps);
  const theirs = new Uint8Array([0b10000000]);
  say("hears", { type: "have", standing: NOTHING, maps: [{ unit, pieces: theirs }] });
  come("hears", 2);
  come("source", 1);
  network.run(1_000);
  assertEquals(told.map(({ pieces }) => pieces), [new Uint8Array([0b10000000])]);
  assertEquals(theirs, new Uint8Array([0b10000000]));
});

Deno.test("a new partner is told at once what is here, whenever it comes", () => {
  const { network, node, partner } = stage();
  network.publish(entryOf(0), { self: ALL_RUNS });
  partner("old");
  for (let late = 0; late < 500; late += 100) {
    network.run(1_000 + late);
    const peer = `new${late}`;
    partner(peer);
    network.run(100);
    const told = framesTo(node, peer, "have").flatMap(({ maps }) => maps);
    assertEquals(told.map(({ pieces }) => pieces), [WHOLE_MAP], `${late} ms`);
  }
});

Deno.test("wishes of one whose uploads end are refused at once, and pushes to it end", () => {
  const { network, node, partner, say } = stage({ ...ACTIVE, uploadCap: 10_000 });
  partner("asker");
  network.publish(entryOf(1), { self: ALL_RUNS });
  network.run(200);
  say("asker", { type: "want", unit: entryOf(1).unit, pieces: [0, 1] });
  network.handle(node, { type: "conduct", conduct: { ...ACTIVE, upload: false } });
  const refused = framesTo(node, "asker", "refuse").flatMap(({ pieces }) => pieces);
  const sent = pushed(node, "asker", 1);
  assertEquals([...refused, ...sent].toSorted(), [0, 1]);
  network.run(10_000);
  assertEquals(
    outputsOf(node, "send").filter(({ frame }) => frame.type === "piece").length,
    sent.length,
  );
});
