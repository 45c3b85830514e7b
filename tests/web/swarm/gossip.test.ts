/** What partners tell each other of who is there, and how somebody who is missing is replaced by it. */
import { assert, assertEquals } from "@std/assert";
import type { MemberNews } from "../../../edge/protocol/peer_frames.ts";
import { ACTIVE, createNetwork, type Network, type Node, outputsOf } from "./network.ts";

function told(node: Node) {
  return outputsOf(node, "send").flatMap(({ peer, frame }) =>
    frame.type === "members" ? [{ peer, ...frame }] : []
  );
}

function name(network: Network, node: Node, partner: string, members: MemberNews[], room = 1) {
  const frame = { type: "members", room, members } as const;
  network.handle(node, { type: "frame", peer: partner, frame });
}

const member = (peer: string) => ({ peer, room: 1, age: 0 });
const sought = (node: Node) => outputsOf(node, "connect").map(({ peer }) => peer);

Deno.test("partners tell each other rarely, and name no more than a few of their own partners", () => {
  const network = createNetwork();
  const hub = network.add("hub");
  const others = ["a", "b", "c", "d", "e", "f", "g"].map((id) => network.add(id));
  for (const other of others) network.link(hub, other);
  network.run(100_000);
  const words = told(hub);
  for (const { id } of others) {
    const ofOne = words.filter(({ peer }) => peer === id);
    assert(ofOne.length >= 4 && ofOne.length <= 6, `${ofOne.length} times in 100 s`);
    for (const { members } of ofOne) {
      assert(members.length <= 4);
      assert(members.every(({ peer }) => peer !== id && peer !== "hub"));
      assertEquals(new Set(members.map(({ peer }) => peer)).size, members.length);
    }
  }
  assert(words.some(({ members }) => members.length === 4));
});

Deno.test("a partner is named with the room that it gave, one that has just come too, and none that gave it long ago", () => {
  const network = createNetwork();
  const self = network.add("self");
  for (const peer of ["silent", "spoke", "listens"]) network.puppet(self, peer);
  name(network, self, "spoke", [], 3);
  network.run(10_000);
  const [first] = told(self).filter(({ peer }) => peer === "listens");
  const named = first!.members.map(({ peer, room }) => [peer, room]);
  assertEquals(named.toSorted(), [["silent", 1], ["spoke", 3]]);
  network.run(90_000);
  const last = told(self).filter(({ peer }) => peer === "listens").at(-1);
  assertEquals(last!.members, []);
});

Deno.test("while the edge is away, partners that are missing are sought among members, at once", () => {
  const network = createNetwork();
  const self = network.add("self", { ...ACTIVE, partners: 3 });
  network.puppet(self, "b");
  name(network, self, "b", ["c", "d", "e"].map(member));
  network.run(1_000);
  assertEquals(sought(self), []);
  network.handle(self, { type: "edge", reachable: false });
  network.run(100);
  assertEquals(sought(self).length, 2, "so many as are missing");
  network.run(6_000);
  assertEquals(sought(self).toSorted(), ["c", "d", "e"], "and another when no link comes about");
});

Deno.test("while the edge is away and nobody is known, whoever is named first is tried at once", () => {
  const network = createNetwork();
  const self = network.add("self", { ...ACTIVE, partners: 3 });
  network.puppet(self, "b");
  network.handle(self, { type: "edge", reachable: false });
  network.run(1_000);
  name(network, self, "b", [member("c")]);
  network.run(100);
  assertEquals(sought(self), ["c"]);
});

Deno.test("while the edge is there it is asked, and members only when it has not brought enough", () => {
  const network = createNetwork();
  const self = network.add("self", { ...ACTIVE, partners: 4 });
  for (const peer of ["b", "x", "y"]) network.puppet(self, peer);
  name(network, self, "b", [member("c")]);
  network.run(5_000);
  assertEquals(outputsOf(self, "seek").length, 1);
  assertEquals(sought(self), []);
  network.run(15_000);
  assertEquals(sought(self), ["c"]);
});

Deno.test("who has enough seeks nobody, and neither partners nor those that have left are sought", () => {
  const network = createNetwork();
  const self = network.add("self", { ...ACTIVE, partners: 2 });
  network.handle(self, { type: "edge", reachable: false });
  for (const peer of ["b", "c"]) network.puppet(self, peer);
  name(network, self, "b", ["c", "self", "d"].map(member));
  network.run(5_000);
  assertEquals(sought(self), []);
  network.handle(self, { type: "frame", peer: "c", frame: { type: "bye" } });
  network.run(5_000);
  assertEquals(sought(self), ["d"]);
});

Deno.test("a partner whose link was lost is sought again, by way of another", () => {
  const network = createNetwork();
  const self = network.add("self", { ...ACTIVE, partners: 2 });
  network.handle(self, { type: "edge", reachable: false });
  network.puppet(self, "b");
  name(network, self, "b", [member("c")]);
  network.run(1_000);
  assertEquals(sought(self), ["c"]);
  network.puppet(self, "c");
  network.run(10_000);
  network.handle(self, { type: "linkClosed", peer: "c" });
  name(network, self, "b", [member("c")]);
  network.run(1_000);
  assertEquals(sought(self), ["c", "c"]);
});

Deno.test("nobody is sought by way of a partner that has gone", () => {
  const network = createNetwork();
  const self = network.add("self", { ...ACTIVE, partners: 2 });
  for (const peer of ["b", "x"]) network.puppet(self, peer);
  name(network, self, "b", [member("c")]);
  network.handle(self, { type: "linkClosed", peer: "b" });
  network.handle(self, { type: "edge", reachable: false });
  network.run(5_000);
  assertEquals(sought(self), []);
});

Deno.test("when the edge goes everyone is told soon, and more often until it is back", () => {
  const network = createNetwork();
  const self = network.add("self", { ...ACTIVE, partners: 1 });
  network.puppet(self, "b");
  network.run(10_000);
  assertEquals(told(self).length, 1);
  network.handle(self, { type: "edge", reachable: false });
  network.run(4_100);
  assertEquals(told(self).length, 2);
  network.run(16_000);
  assertEquals(told(self).length, 4);
  network.handle(self, { type: "edge", reachable: true });
  network.run(40_000);
  assert(told(self).length <= 7);
});

Deno.test("gossip that comes too often is passed over", () => {
  const network = createNetwork();
  const self = network.add("self", { ...ACTIVE, partners: 9 });
  network.puppet(self, "b");
  name(network, self, "b", []);
  for (let flood = 0; flood < 50; flood++) name(network, self, "b", [member(`x${flood}`)]);
  network.handle(self, { type: "edge", reachable: false });
  network.run(1_000);
  assertEquals(sought(self), []);
});
