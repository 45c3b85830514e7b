/** Who is here, and who has met whom. */
import { assert, assertEquals } from "@std/assert";
import { createPeerBook, haveMet, meet } from "../../../edge/swarm/peer_book.ts";
import { newMember, peerId } from "./stage.ts";

Deno.test("those who meet know of each other, others do not", () => {
  const [a, b, c] = [newMember(1), newMember(2), newMember(3)];
  meet(a, b);
  assert(haveMet(a, b) && haveMet(b, a));
  assert(!haveMet(a, c) && !haveMet(c, b));
});

Deno.test("one who joins anew, and knows nobody, has been met all the same", () => {
  const [a, b] = [newMember(1), newMember(2)];
  meet(a, b);
  assert(haveMet(a, newMember(2)) && haveMet(newMember(2), a));
});

Deno.test("of all whom a member meets the last ones are remembered", () => {
  const hub = newMember(0);
  const others = Array.from({ length: 1_000 }, (_, at) => newMember(at + 1));
  for (const other of others) meet(hub, other);
  assert(hub.met.size >= 32 && hub.met.size <= 128, `${hub.met.size}`);
  assertEquals([...hub.met], others.slice(-hub.met.size).map(({ peer }) => peer));
});

Deno.test("who is met again is remembered as if met last", () => {
  const hub = newMember(0);
  const friend = newMember(1);
  for (let other = 2; other < 500; other++) {
    meet(hub, friend);
    meet(hub, newMember(other));
    assert(hub.met.has(friend.peer), `after ${other}`);
  }
});

Deno.test("who is taken out twice, or after another has its place, takes nobody with it", () => {
  const book = createPeerBook();
  const [old, other] = [newMember(1, "here"), newMember(2, "here")];
  for (const one of [old, other]) book.add(one);
  book.remove(old);
  book.remove(old);
  const [back, last] = [newMember(1, "here"), newMember(3, "here")];
  for (const one of [back, last]) book.add(one);
  book.remove(old);
  assertEquals([1, 2, 3].map((number) => book.get(peerId(number))), [back, other, last]);
  assertEquals([...book.near(other, () => 0)].length, 3);
  for (const one of [back, other, last]) book.remove(one);
  assertEquals([book.size, [...book.near(other, () => 0)]], [0, []]);
});

Deno.test("who is of no known network is near nobody", () => {
  const book = createPeerBook();
  const [a, b] = [newMember(1), newMember(2)];
  for (const one of [a, b]) book.add(one);
  assertEquals([...book.near(a, () => 0)], []);
});
