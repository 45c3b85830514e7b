/** Signals: by the edge, by way of a partner of both, and never any further. */
import { assert, assertEquals } from "@std/assert";
import type { Signal } from "../../../edge/protocol/messages.ts";
import { createNetwork, type Network, type Node, outputsOf } from "./network.ts";

const OFFER: Signal = { kind: "offer", sdp: "v=0" };
const ANSWER: Signal = { kind: "answer", sdp: "v=0" };
const CANDIDATE: Signal = { kind: "candidate", candidate: "c", mid: "0" };

/** `self` with two partners that say only what the test makes them say. */
function setStage() {
  const network = createNetwork();
  const self = network.add("self");
  for (const partner of ["b", "d"]) network.puppet(self, partner);
  return { network, self };
}

function say(network: Network, node: Node, peer: string, from: string, to: string, signal = OFFER) {
  network.handle(node, { type: "frame", peer, frame: { type: "signal", from, to, signal } });
}

/** Signal frames that a node sent: to whom, and whose they are. */
function sent(node: Node): string[] {
  return outputsOf(node, "send").flatMap(({ peer, frame }) =>
    frame.type === "signal" ? [`${peer}: ${frame.signal.kind} ${frame.from}→${frame.to}`] : []
  );
}

const taken = (node: Node) =>
  outputsOf(node, "signalled").map(({ from, signal }) => `${signal.kind} of ${from}`);
const byEdge = (node: Node) =>
  outputsOf(node, "signal").map(({ to, signal }) => `${signal.kind} to ${to}`);

Deno.test("a partner's signal goes on to another partner, as it is", () => {
  const { network, self } = setStage();
  say(network, self, "b", "b", "d");
  assertEquals(sent(self), ["d: offer b→d"]);
  assertEquals(taken(self), []);
});

Deno.test("what goes to nobody here, comes from somebody else, or has been carried once, goes no further", () => {
  const { network, self } = setStage();
  say(network, self, "b", "b", "stranger");
  say(network, self, "b", "stranger", "d");
  say(network, self, "b", "d", "d");
  say(network, self, "b", "self", "d");
  assertEquals([sent(self), taken(self)], [[], []]);
});

Deno.test("a signal for this peer is taken up, and answered by the way that it came", () => {
  const { network, self } = setStage();
  say(network, self, "b", "c", "self");
  assertEquals(taken(self), ["offer of c"]);
  network.handle(self, { type: "signal", to: "c", signal: ANSWER });
  assertEquals(sent(self), ["b: answer self→c"]);
  network.handle(self, { type: "signalled", from: "c", signal: CANDIDATE });
  network.handle(self, { type: "signal", to: "c", signal: CANDIDATE });
  assertEquals(byEdge(self), ["candidate to c"]);
});

Deno.test("nobody makes itself another link by way of somebody else", () => {
  const { network, self } = setStage();
  say(network, self, "b", "d", "self");
  say(network, self, "b", "b", "self");
  assertEquals(taken(self), []);
});

Deno.test("signals to those whom the edge named go by the edge, and by a partner of both once it is away", () => {
  const { network, self } = setStage();
  network.handle(self, { type: "introduced", peers: ["c"] });
  assertEquals(outputsOf(self, "connect").map(({ peer }) => peer), ["c"]);
  network.handle(self, { type: "signal", to: "c", signal: OFFER });
  assertEquals(byEdge(self), ["offer to c"]);
  network.handle(self, { type: "edge", reachable: false });
  network.handle(self, { type: "signal", to: "c", signal: CANDIDATE });
  assertEquals(sent(self), [], "nobody is known who could carry it");
  const members = [{ peer: "c", room: 1, age: 0 }];
  network.handle(self, {
    type: "frame",
    peer: "d",
    frame: { type: "members", room: 1, members },
  });
  network.handle(self, { type: "signal", to: "c", signal: CANDIDATE });
  assertEquals(sent(self), ["d: candidate self→c"]);
});

Deno.test("when its relay goes, a signal takes another way", () => {
  const { network, self } = setStage();
  say(network, self, "b", "c", "self");
  network.handle(self, { type: "linkClosed", peer: "b" });
  network.handle(self, { type: "signal", to: "c", signal: ANSWER });
  assertEquals([sent(self), byEdge(self)], [[], ["answer to c"]]);
});

Deno.test("when its relay goes while the edge is away, another that knows the peer carries on", () => {
  const { network, self } = setStage();
  network.handle(self, { type: "edge", reachable: false });
  say(network, self, "b", "c", "self");
  const members = [{ peer: "c", room: 1, age: 0 }];
  network.handle(self, { type: "frame", peer: "d", frame: { type: "members", room: 1, members } });
  network.handle(self, { type: "linkClosed", peer: "b" });
  network.handle(self, { type: "signal", to: "c", signal: ANSWER });
  assertEquals(sent(self), ["d: answer self→c"]);
});

Deno.test("a partner that floods is carried, and heard, no more than so much", () => {
  const { network, self } = setStage();
  for (let flood = 0; flood < 200; flood++) say(network, self, "b", "b", "d", CANDIDATE);
  assert(sent(self).length <= 64, `${sent(self).length} carried`);
  for (let flood = 0; flood < 200; flood++) say(network, self, "d", `x${flood}`, "self");
  assert(taken(self).length <= 8, `${taken(self).length} offers heard`);
  network.run(10_000);
  say(network, self, "b", "b", "d");
  assertEquals(sent(self).at(-1), "d: offer b→d");
});

Deno.test("a signal that no frame has room for is not sent", () => {
  const { network, self } = setStage();
  say(network, self, "b", "c", "self");
  const sdp = "v".repeat(17_000);
  network.handle(self, { type: "signal", to: "c", signal: { kind: "answer", sdp } });
  assertEquals(sent(self), []);
});
