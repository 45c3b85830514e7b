/** Several renditions in one swarm: which of them a peer takes part in, and what it tells of it. */
import { assertEquals } from "@std/assert";
import type { LedgerEntry } from "../../../edge/protocol/ledger_entry.ts";
import { ACTIVE, createNetwork, entryOf, SEGMENT_MS } from "./network.ts";
import { ALL_RUNS, framesTo, lag, pushed, single, stage, wantedOf } from "./stage.ts";

function unitOf(rendition: number, sequence: number): LedgerEntry {
  const entry = entryOf(sequence);
  return { ...entry, unit: { ...entry.unit, rendition }, uri: `r${rendition}/${sequence}.m4s` };
}

/** A viewer of a channel with the renditions 0 and 1, whose element asks for those that `asks` names. */
function watch(segments: number, asks: (sequence: number) => readonly number[]) {
  const network = createNetwork();
  const viewer = network.add("a", { ...ACTIVE, prefetch: "played" });
  let demands = 0;
  for (let sequence = 0; sequence < segments; sequence++) {
    for (const rendition of [0, 1]) network.publish(unitOf(rendition, sequence));
    for (const rendition of asks(sequence)) {
      network.demand(viewer, demands++, unitOf(rendition, sequence).unit, 1_000);
    }
    network.run(unitOf(0, sequence).durationMs);
  }
  return viewer.engine.totals().renditions.toSorted();
}

Deno.test("a quality that the element has left is soon no longer taken part in", () => {
  assertEquals(watch(5, (sequence) => sequence === 0 ? [0] : [1]), [1]);
});

Deno.test("audio and video that are asked for side by side are both taken part in", () => {
  assertEquals(watch(5, () => [0, 1]), [0, 1]);
});

Deno.test("an element that asks for nothing keeps its renditions for half a minute", () => {
  assertEquals(watch(12, (sequence) => sequence < 2 ? [0] : []), [0]);
  assertEquals(watch(20, (sequence) => sequence < 2 ? [0] : []), []);
});

/** A viewer of rendition 0 with a partner, who then goes over to rendition 1. */
function goOver() {
  const set = stage({ ...ACTIVE, prefetch: "played" });
  const { network, node, partner, subscribe } = set;
  partner("child");
  let demands = 0;
  const play = (rendition: number, from: number, to: number) => {
    for (let sequence = from; sequence < to; sequence++) {
      for (const one of [0, 1]) network.publish(unitOf(one, sequence), { self: ALL_RUNS });
      const deadlineMs = 3 * SEGMENT_MS;
      network.demand(node, demands++, unitOf(rendition, sequence).unit, deadlineMs);
      network.run(SEGMENT_MS / 2);
      if (sequence === 1) subscribe("child", ...ALL_RUNS);
      network.run(SEGMENT_MS / 2);
    }
  };
  return { ...set, play };
}

const standingsOf = (node: ReturnType<typeof stage>["node"], rendition: number) =>
  framesTo(node, "child", "have").map((frame) => frame.standing)
    .filter((one) => one.rendition === rendition);

Deno.test("who goes over to another quality lets the children of the one it left go", () => {
  const { node, play, partner, say } = goOver();
  play(0, 0, 4);
  const kept = pushed(node, "child", 3);
  assertEquals(kept.length > 0, true, "it has children");
  play(1, 4, 9);
  const told = framesTo(node, "child", "unsubscribe").filter(({ rendition }) => rendition === 0);
  assertEquals(told.at(-1)?.runs.toSorted(), kept.toSorted(), "each run has one piece");
  // Whose places could be had, if it were of use.
  say("child", { type: "subscribe", rendition: 1, runs: ALL_RUNS });
  partner("late", { homes: ALL_RUNS.length, uplink: 10_000 });
  say("late", { type: "subscribe", rendition: 0, runs: ALL_RUNS });
  assertEquals(
    framesTo(node, "late", "unsubscribe"),
    [{ type: "unsubscribe", rendition: 0, runs: ALL_RUNS }],
    "nor does it take new ones",
  );
});

Deno.test("who goes over to another quality says that it has nothing more of the one it left", () => {
  const { node, play } = goOver();
  play(0, 0, 4);
  assertEquals(standingsOf(node, 0).at(-1)!.spare.length > 0, true);
  play(1, 4, 14);
  const empty = standingsOf(node, 0).filter(({ lags }) => lags.every((one) => one === 255));
  assertEquals(standingsOf(node, 0).at(-1), empty.at(-1));
  assertEquals(empty.at(-1)!.spare, []);
  assertEquals(standingsOf(node, 1).at(-1)!.lags.some((one) => one < 255), true);
});

Deno.test("another quality has parents at once", () => {
  const { network, node, partner, standing } = stage({ ...ACTIVE, prefetch: "played" });
  partner("parent", { rendition: 1, ...lag(5) });
  standing("parent", { rendition: 0, ...lag(5) });
  const one = (rendition: number) => ({ ...single(0), unit: { ...single(0).unit, rendition } });
  for (const rendition of [0, 1]) network.publish(one(rendition));
  network.demand(node, 0, one(0).unit, 3 * SEGMENT_MS);
  network.run(1_100);
  network.demand(node, 1, one(1).unit, 3 * SEGMENT_MS);
  network.run(100);
  assertEquals(framesTo(node, "parent", "subscribe").map(({ rendition }) => rendition), [0, 1]);
  assertEquals(wantedOf(node, "parent"), [0]);
});

Deno.test("an injector without children pushes its run to some who watch the rendition, unasked", () => {
  const { network, node, partner } = stage();
  const watching = ["a", "b", "c", "d", "e"];
  for (const peer of watching) partner(peer, lag(200));
  partner("elsewhere", lag(255));
  network.publish(single(1), { self: [0] });
  network.run(SEGMENT_MS / 2);
  assertEquals(watching.filter((peer) => pushed(node, peer, 1).length > 0).length, 3);
  assertEquals(pushed(node, "elsewhere", 1), []);
});

Deno.test("an injector with as many children pushes to nobody else, and others never unasked", () => {
  const { network, node, partner, subscribe, push, measure } = stage();
  measure();
  const children = ["a", "b", "c"];
  for (const peer of [...children, "other"]) partner(peer, lag(200));
  network.publish(single(1), { self: [0] });
  for (const peer of children) subscribe(peer, 0);
  network.run(SEGMENT_MS / 2);
  assertEquals(children.filter((peer) => pushed(node, peer, 1).length > 0), children);
  assertEquals(pushed(node, "other", 1), []);
  network.publish(single(2));
  for (const peer of children) subscribe(peer);
  network.run(100);
  push("a", 2);
  network.run(SEGMENT_MS / 4);
  assertEquals([...children, "other"].filter((peer) => pushed(node, peer, 2).length > 0), []);
});
