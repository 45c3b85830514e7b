import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { createMembership, MEMBER_MS, type Membership } from "../../../web/swarm/membership.ts";
import { mulberry32 } from "../../sim/random.ts";

const member = (peer: string, room = 1, age = 0) => ({ peer, room, age });
const any = { fit: () => true, random: () => 0 };

function pick(membership: Membership, nowMs: number, fit: (peer: string) => boolean = () => true) {
  return membership.pick({ ...any, fit, nowMs });
}

Deno.test("whom a partner names can be reached by way of it", () => {
  const membership = createMembership();
  membership.hear("b", [member("c")], 0);
  assertEquals(pick(membership, 1), { peer: "c", relay: "b" });
  assertEquals(membership.relayTo("c", 1), "b");
  assertEquals(membership.relayTo("nobody", 1), undefined);
});

Deno.test("of several partners that named it the last is the way, and when that is gone the one before", () => {
  const membership = createMembership();
  membership.hear("a", [member("c")], 0);
  membership.hear("b", [member("c")], 1_000);
  assertEquals(membership.relayTo("c", 2_000), "b");
  membership.forgetRelay("b");
  assertEquals(membership.relayTo("c", 2_000), "a");
  membership.forgetRelay("a");
  assertEquals(pick(membership, 2_000), undefined);
  assertEquals(membership.size, 0);
});

Deno.test("what a member said is forgotten after its time, counted from when it said so", () => {
  const membership = createMembership();
  membership.hear("b", [member("c", 1, 30), member("old", 1, MEMBER_MS / 1_000 + 1)], 100_000);
  assertEquals(membership.size, 1);
  assert(pick(membership, 70_000 + MEMBER_MS));
  assertEquals(pick(membership, 70_001 + MEMBER_MS), undefined);
});

Deno.test("older news changes nothing of what is known better", () => {
  const membership = createMembership();
  membership.hear("a", [member("full", 0), member("roomy", 5)], 0);
  membership.hear("b", [member("full", 9, 20)], 0);
  assertEquals(pick(membership, 0)?.peer, "roomy");
});

Deno.test("of a few looked at, the one with most room is chosen", () => {
  const membership = createMembership();
  membership.hear("b", [member("x", 1), member("y", 7), member("z", 2)], 0);
  for (let seed = 0; seed < 20; seed++) {
    const random = mulberry32(seed);
    assertEquals(membership.pick({ fit: () => true, random, nowMs: 0 })?.peer, "y");
  }
});

Deno.test("in a great mesh it is not always those with most room that are chosen", () => {
  const membership = createMembership();
  membership.hear("b", Array.from({ length: 40 }, (_, at) => member(`m${at}`, 1 + at % 4)), 0);
  const random = mulberry32(1);
  const chosen = new Set(
    Array.from({ length: 400 }, () => membership.pick({ fit: () => true, random, nowMs: 0 })!.peer),
  );
  assert(chosen.size > 20, `${chosen.size}, of whom 10 have most room`);
});

Deno.test("who does not fit, or has been tried in vain a moment ago, is left out", () => {
  const membership = createMembership();
  membership.hear("b", [member("c"), member("d")], 0);
  assertEquals(pick(membership, 0, (peer) => peer !== "c")?.peer, "d");
  membership.tried("d", 0);
  assertEquals(pick(membership, 0)?.peer, "c");
  membership.tried("c", 0);
  assertEquals(pick(membership, 0), undefined);
  membership.connected("d");
  assertEquals(pick(membership, 0)?.peer, "d");
  membership.hear("b", [member("c")], 130_000);
  assertEquals(pick(membership, 130_000)?.peer, "c");
});

Deno.test("of very many members those that were heard of last are kept", () => {
  const membership = createMembership();
  for (let at = 0; at < 300; at++) membership.hear("b", [member(`m${at}`)], at);
  assertEquals(membership.size, 128);
  assertEquals(membership.relayTo("m171", 300), undefined);
  assertEquals(membership.relayTo("m172", 300), "b");
});

Deno.test("whatever is told, so many are kept and no more, and none is chosen that nobody named in time", () => {
  const names = fc.integer({ min: 0, max: 999 }).map((n) => `m${n}`);
  const news = fc.array(
    fc.record({ peer: names, room: fc.nat(255), age: fc.nat(255) }),
    { maxLength: 8 },
  );
  const step = fc.record({ relay: fc.constantFrom("a", "b", "c"), news, ms: fc.nat(10_000) });
  fc.assert(fc.property(fc.array(step, { maxLength: 80, size: "max" }), (steps) => {
    const membership = createMembership();
    const named = new Map<string, number>();
    let nowMs = 0;
    for (const { relay, news, ms } of steps) {
      nowMs += ms;
      membership.hear(relay, news, nowMs);
      for (const { peer } of news) named.set(`${relay} ${peer}`, nowMs);
      assert(membership.size <= 128);
      const found = pick(membership, nowMs);
      if (!found) continue;
      const namedMs = named.get(`${found.relay} ${found.peer}`);
      assert(namedMs !== undefined && nowMs - namedMs <= MEMBER_MS);
    }
  }));
});
