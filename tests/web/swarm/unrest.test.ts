/** Many partners that vanish at one instant: what those who are left do then. */
import { assert, assertEquals } from "@std/assert";
import { unitKey } from "../../../edge/protocol/unit.ts";
import { newPartner } from "../../../web/swarm/partner_book.ts";
import { newState } from "../../../web/swarm/state.ts";
import { isShaken, noticeShake } from "../../../web/swarm/unrest.ts";
import { ACTIVE, entryOf, isProbe, type Node, NOTHING, outputsOf, SEGMENT_MS } from "./network.ts";
import { framesTo, lag, single, stage, wantedOf } from "./stage.ts";

/** Silence of one partner alone is believed after this, ms; that of many well before it. */
const QUIET_MS = 1_500;
const SOON_MS = 1_100;

/** One with a parent of a small lag; `gone` partners say nothing more from the beginning on, `there` do. */
function among(gone: readonly string[], there: Record<string, number>) {
  const set = stage();
  for (const peer of gone) {
    set.partner(peer, lag(5));
    set.network.silence(peer);
  }
  for (const [peer, steps] of Object.entries(there)) set.partner(peer, lag(steps));
  set.network.publish(single(1));
  return set;
}

const THREE = ["a", "b", "c"];
const probes = (node: Node, peer: string) => framesTo(node, peer, "want").filter(isProbe).length;

Deno.test("that many partners are gone at once is believed sooner than that one is", () => {
  for (const [gone, wanted] of [[["a"], []], [THREE, [0]]] as const) {
    const { node, network } = among(gone, { other: 50 });
    network.run(SOON_MS);
    assertEquals(wantedOf(node, "other"), wanted, `${gone}`);
    network.run(QUIET_MS);
    assertEquals(wantedOf(node, "other"), [0]);
  }
});

Deno.test("a quarter that does not answer is a shake, fewer are none, nor is what one missed while away oneself", () => {
  const shaken = (partners: number, lookedMs: number) => {
    const state = newState({ self: "self", random: () => 0.5, conduct: ACTIVE });
    state.nowMs = 10_000;
    state.lastLookMs = lookedMs;
    state.buffer.add(single(1), true, state.nowMs, 0);
    for (let at = 0; at < partners; at++) {
      const partner = newPartner(`${at}`, state.nowMs - SOON_MS);
      // The others are silent too, and have just been asked.
      partner.probedMs = state.nowMs - (at < 3 ? 500 : 100);
      state.partners.set(`${at}`, partner);
    }
    noticeShake(state);
    return isShaken(state);
  };
  assert(shaken(12, 9_900));
  assert(!shaken(13, 9_900));
  assert(!shaken(12, 9_000));
});

Deno.test("who says little is asked whether it is there, and stays a parent if it answers", () => {
  const { node, push, network } = among([], { parent: 4, b: 40, c: 40, d: 40 });
  network.run(100);
  push("parent", 1);
  network.run(350);
  assertEquals(probes(node, "b"), 0);
  // While something is missing it is looked ten times a second.
  network.publish(single(2));
  network.run(450);
  assertEquals(probes(node, "b"), 1);
  network.run(5 * QUIET_MS);
  assertEquals(wantedOf(node, "parent"), [0]);
});

Deno.test("who does not answer is asked once, and the edge is told of it at once, and once", () => {
  const { node, network } = among(THREE, { other: 50 });
  network.run(SOON_MS);
  network.run(QUIET_MS);
  for (const peer of THREE) assertEquals(probes(node, peer), 1);
  const told = outputsOf(node, "seek").filter(({ silent }) => silent.length > 0);
  assertEquals(told.map(({ silent }) => silent), [THREE]);
});

Deno.test("fewer than three are asked nothing, nor are three of ten", () => {
  for (const there of [1, 7]) {
    const others = Array.from({ length: there }, (_, at) => `${at}`);
    const { node, say, network } = among(there < 2 ? ["a", "b"] : THREE, {});
    for (const peer of others) network.puppet(node, peer);
    for (let ms = 0; ms < QUIET_MS; ms += 100) {
      for (const peer of others) say(peer, { type: "have", standing: NOTHING, maps: [] });
      network.run(100);
    }
    assertEquals(probes(node, "a"), 0);
  }
});

Deno.test("after a shake nobody takes one that is behind for a parent, unless it shows what is missing", () => {
  const { node, push, show, network } = among(THREE, { behind: 50 });
  network.run(100);
  push("a", 1);
  network.run(2 * QUIET_MS);
  assertEquals(framesTo(node, "behind", "subscribe"), []);
  network.publish(single(2));
  network.run(100);
  assertEquals(framesTo(node, "behind", "subscribe"), []);
  show("behind", 2);
  network.run(200);
  assertEquals(wantedOf(node, "behind"), [0]);
});

Deno.test("after a shake one that is ahead is taken for a parent at once", () => {
  const { node, push, network } = among(THREE, { behind: 50, ahead: 6 });
  network.run(150);
  push("a", 1);
  network.run(QUIET_MS);
  assertEquals(wantedOf(node, "ahead"), [0]);
});

Deno.test("after a shake one that shows what is missing comes before one that only was quick", () => {
  const { node, push, show, network } = among(THREE, { quick: 6, holder: 50 });
  network.run(150);
  push("a", 1);
  network.run(SOON_MS / 2);
  network.publish(single(2));
  show("holder", 2);
  network.run(SOON_MS / 2);
  assertEquals(wantedOf(node, "holder"), [0]);
});

Deno.test("what is old is no sign of who is fed", () => {
  const { node, push, show, network } = among(THREE, { behind: 50 });
  network.run(100);
  push("a", 1);
  network.publish(single(2));
  network.run(2 * SEGMENT_MS + 100);
  show("behind", 2);
  network.run(500);
  assertEquals(framesTo(node, "behind", "subscribe"), []);
});

Deno.test("after a shake a new parent has a moment before it is left for another", () => {
  const { node, push, show, network } = among(["b", "c", "d"], { parent: 4, one: 40, two: 50 });
  network.run(100);
  push("parent", 1);
  network.run(SOON_MS);
  for (const sequence of [2, 3]) network.publish(single(sequence));
  network.run(500);
  show("one", 2);
  show("two", 3);
  network.run(200);
  assertEquals(wantedOf(node, "one"), [0]);
  network.run(400);
  assertEquals(wantedOf(node, "two"), [0]);
});

Deno.test("after a shake a parent that lacks what another shows is left for it, once it is late", () => {
  for (const gone of [[], ["b", "c", "d"]]) {
    const { node, push, show, network } = among(gone, { parent: 4, other: 50 });
    network.run(100);
    push("parent", 1);
    network.run(SOON_MS);
    assertEquals(wantedOf(node, "parent"), [0]);
    network.publish(single(2));
    show("other", 2);
    network.run(250);
    assertEquals(wantedOf(node, "parent"), [0], "it may still come");
    network.run(250);
    assertEquals(wantedOf(node, "other"), gone.length > 0 ? [0] : []);
  }
});

Deno.test("without a shake too, but not in its first two seconds", () => {
  const { node, push, show, network } = among([], { parent: 4, other: 50 });
  network.run(100);
  push("parent", 1);
  network.run(900);
  network.publish(single(2));
  show("other", 2);
  network.run(800);
  assertEquals(wantedOf(node, "parent"), [0]);
  network.run(1_500);
  assertEquals(wantedOf(node, "other"), [0]);
});

Deno.test("after a shake a parent that has what another shows is kept", () => {
  const { node, push, show, network } = among(["b", "c", "d"], { parent: 4, other: 50 });
  network.run(100);
  push("parent", 1);
  network.run(SOON_MS);
  network.publish(single(2));
  for (const peer of ["parent", "other"]) show(peer, 2);
  network.run(500);
  assertEquals(wantedOf(node, "parent"), [0]);
});

Deno.test("after a shake it is told at once what comes", () => {
  const told = (gone: readonly string[]) => {
    const { node, say, network } = among(gone, { other: 50 });
    network.run(SOON_MS);
    const { unit } = entryOf(2);
    network.publish(entryOf(2));
    const before = framesTo(node, "other", "have").length;
    for (let index = 0; index < 8; index++) {
      const payload = { key: unitKey(unit), index, good: true };
      say("other", { type: "piece", unit, index, payload });
      network.run(150);
    }
    return framesTo(node, "other", "have").length - before;
  };
  assert(told([]) <= 3);
  assert(told(THREE) >= 7);
});

Deno.test("who is given a run needs no parent for it, but keeps it after a shake", () => {
  for (const gone of [[], ["b", "c", "d"]]) {
    const { node, push, network } = among(gone, { parent: 4 });
    network.run(100);
    push("parent", 1);
    network.run(QUIET_MS);
    assertEquals(wantedOf(node, "parent"), [0]);
    network.publish(single(2), { self: [0] });
    network.run(600);
    assertEquals(wantedOf(node, "parent"), gone.length > 0 ? [0] : []);
  }
});
