/** Whom its partners hear nothing of. */
import { assert, assertEquals } from "@std/assert";
import { isMissed, miss } from "../../../edge/swarm/missing.ts";
import { meet, type Member } from "../../../edge/swarm/peer_book.ts";
import { newMember } from "./stage.ts";

function among(partners: number): [Member, ...Member[]] {
  const member = newMember(0);
  const others = Array.from({ length: partners }, (_, at) => newMember(at + 1));
  for (const other of others) meet(member, other);
  return [member, ...others];
}

Deno.test("one partner that hears nothing of a member may be mistaken, two are not, however often it says so", () => {
  const [member, one, two] = among(2);
  for (const ms of [1, 2, 3]) miss(member, one!, ms);
  assert(!isMissed(member));
  miss(member, two!, 4);
  assert(isMissed(member));
});

Deno.test("who has said something since is there", () => {
  const [member, one, two, three, four] = among(4);
  for (const partner of [one, two]) miss(member, partner!, 1);
  member.heardMs = 1;
  assert(!isMissed(member));
  for (const partner of [three, four]) miss(member, partner!, 2);
  assert(isMissed(member));
});

Deno.test("a partner that was mistaken is not heard again within a minute", () => {
  const [member, one, two] = among(2);
  const all = (ms: number) => [one, two].forEach((partner) => miss(member, partner!, ms));
  all(1);
  member.heardMs = 10_000;
  all(60_000);
  assert(!isMissed(member));
  all(60_001);
  assert(isMissed(member));
});

Deno.test("strangers are not heard, and take no room", () => {
  const [member] = among(0);
  for (const stranger of [1, 2]) miss(member, newMember(stranger), 1);
  assertEquals(member.missedBy.size, 0);
});

Deno.test("what was said a minute ago takes no room", () => {
  const [member, ...partners] = among(10);
  partners.forEach((partner, at) => miss(member, partner, at * 20_000));
  assertEquals(member.missedBy.size, 3);
});
