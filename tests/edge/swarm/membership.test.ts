import { assert, assertEquals } from "@std/assert";
import { errors, got, peerId, setStage, WATCHING } from "./stage.ts";
import { PROTOCOL_VERSION } from "../../../edge/protocol/version.ts";

Deno.test("a newcomer is welcomed with channel, viewers, STUN servers and the recent ledger", () => {
  const stage = setStage();
  stage.join(1);
  stage.handle({
    type: "origin",
    event: { type: "state", channel: "demo", state: "upstream-down", detail: "it is away" },
  });
  stage.publish(7);
  stage.publish(8);
  const box = stage.open(2, ["stun:example.org:3478"]);
  stage.say(2, { type: "join", version: PROTOCOL_VERSION, peer: peerId(2), status: WATCHING });

  const [first, ...rest] = box.messages;
  const welcome = got(box, "welcome")[0]!;
  assertEquals(first, welcome);
  assertEquals(welcome.channel.name, "demo");
  assertEquals(welcome.state, "upstream-down");
  assertEquals(welcome.viewers, 2);
  assertEquals(welcome.backlog, 2);
  assertEquals(welcome.iceServers, ["stun:example.org:3478"]);
  assertEquals(rest[0], { type: "state", state: "upstream-down", detail: "it is away" });
  assertEquals(box.ledger.map(({ entry, inject }) => [entry.unit.sequence, inject]), [
    [7, []],
    [8, []],
  ]);
  assertEquals(got(box, "introduce"), [{ type: "introduce", peers: [peerId(1)] }]);
  assertEquals(got(stage.box(1), "introduce"), [{ type: "introduce", peers: [] }]);
});

Deno.test("a newcomer of another version is told so and sent away, whatever else its join says", () => {
  const stage = setStage();
  for (const [socket, extra] of [[1, { peer: peerId(1), status: WATCHING }], [2, {}]] as const) {
    const box = stage.open(socket);
    const text = JSON.stringify({ type: "join", version: 99, ...extra });
    stage.handle({ type: "text", socket, text });
    assertEquals(errors(box), ["protocol-version"]);
    assert(got(box, "error")[0]?.fatal);
    assertEquals(box.closed?.code, 1002);
  }
  assertEquals(stage.stats().joined, 0);
});

Deno.test("a peer that comes back while its old socket lingers takes its own place", () => {
  const stage = setStage();
  const old = stage.join(1, WATCHING, peerId(5));
  const other = stage.join(2);
  stage.join(3, WATCHING, peerId(5));
  assertEquals(old.closed?.code, 4001);
  assertEquals(stage.stats().joined, 2);
  stage.say(2, { type: "signal", to: peerId(5), signal: { kind: "offer", sdp: "x" } });
  assertEquals(got(stage.box(3), "signal").length, 1);
  // The runtime hears of the old socket's end only now.
  stage.handle({ type: "closed", socket: 1 });
  assertEquals(stage.stats().joined, 2);
  assertEquals(other.closed, undefined);
});

Deno.test("the origin hears of every change in the number of watchers", () => {
  const stage = setStage();
  stage.join(1);
  stage.join(2);
  stage.say(1, { type: "leave" });
  stage.handle({ type: "closed", socket: 2 });
  assertEquals(stage.events.map(({ channel, count }) => [channel, count]), [
    ["demo", 1],
    ["demo", 2],
    ["demo", 1],
    ["demo", 0],
  ]);
  assertEquals(stage.box(1).closed?.code, 1000);
});

Deno.test("viewers are counted out once a second at most, and only when the number changed", () => {
  const stage = setStage();
  const first = stage.join(1);
  for (let socket = 2; socket <= 50; socket++) stage.join(socket);
  assertEquals(got(first, "viewers"), []);
  stage.pass(1_000);
  assertEquals(got(first, "viewers").map(({ count }) => count), [50]);
  stage.pass(5_000);
  assertEquals(got(first, "viewers").length, 1);
  stage.handle({ type: "closed", socket: 50 });
  stage.handle({ type: "tick" });
  stage.pass(1_000);
  assertEquals(got(first, "viewers").map(({ count }) => count), [50, 49]);
});

Deno.test("what the origin says of the channel reaches everyone", () => {
  const stage = setStage();
  const box = stage.join(1);
  stage.handle({ type: "origin", event: { type: "state", channel: "demo", state: "on-air" } });
  assertEquals(got(box, "state"), [{ type: "state", state: "on-air" }]);
  const description = { ...got(box, "welcome")[0]!.channel, title: "Another" };
  stage.handle({ type: "origin", event: { type: "described", channel: "demo", description } });
  assertEquals(got(box, "describe").map(({ channel }) => channel.title), ["Another"]);
  assertEquals(got(stage.join(2), "welcome")[0]?.channel.title, "Another");
});

Deno.test("signals go from member to member, and nowhere else", () => {
  const stage = setStage();
  const signal = { kind: "candidate", candidate: "c", mid: null } as const;
  const [a, b, stranger] = [stage.join(1), stage.join(2), stage.open(3)];
  stage.say(1, { type: "signal", to: peerId(2), signal });
  assertEquals(got(b, "signal"), [{ type: "signal", from: peerId(1), signal }]);
  stage.say(1, { type: "signal", to: peerId(9), signal });
  stage.say(3, { type: "signal", to: peerId(1), signal });
  assertEquals(got(a, "signal"), []);
  assertEquals(errors(a), []);
  assertEquals(errors(stranger), ["junk"]);
});
