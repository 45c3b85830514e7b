import { assert, assertEquals } from "@std/assert";
import { MAX_MESSAGE_CHARS } from "../../../edge/protocol/messages.ts";
import { PROTOCOL_VERSION } from "../../../edge/protocol/version.ts";
import { ALONE, errors, got, peerId, setStage, WATCHING } from "./stage.ts";

const status = { type: "status", status: ALONE } as const;

Deno.test("junk is counted and told; the fifth ends the socket", () => {
  const stage = setStage();
  const box = stage.join(1);
  stage.handle({ type: "text", socket: 1, text: "{" });
  stage.handle({ type: "text", socket: 1, text: '{"type":"dance"}' });
  stage.handle({ type: "binary", socket: 1 });
  stage.handle({ type: "text", socket: 1, text: " ".repeat(MAX_MESSAGE_CHARS) + "{}" });
  assertEquals(errors(box), ["junk", "junk", "junk", "junk"]);
  assert(got(box, "error").every(({ fatal }) => !fatal));
  stage.say(1, status);
  assertEquals(stage.stats().joined, 1);

  stage.handle({ type: "text", socket: 1, text: "" });
  assert(got(box, "error").at(-1)!.fatal);
  assertEquals(box.closed, { code: 1008, reason: "junk" });
  assertEquals(stage.stats().joined, 0);
});

Deno.test("a message before the join, and a second join, are junk", () => {
  const stage = setStage();
  const box = stage.open(1);
  stage.say(1, status);
  stage.say(1, { type: "join", version: PROTOCOL_VERSION, peer: peerId(1), status: ALONE });
  stage.say(1, { type: "join", version: PROTOCOL_VERSION, peer: peerId(2), status: ALONE });
  assertEquals(errors(box), ["junk", "junk"]);
  assertEquals(stage.stats().joined, 1);
});

Deno.test("a burst is allowed, a flood is not", () => {
  const stage = setStage();
  const box = stage.join(1);
  for (let sent = 0; sent < 199; sent++) stage.say(1, status);
  assertEquals(box.closed, undefined);
  stage.jump(1_000);
  for (let sent = 0; sent < 50; sent++) stage.say(1, status);
  assertEquals(box.closed, undefined);
  stage.say(1, status);
  assertEquals(errors(box), ["too-fast"]);
  assertEquals(box.closed?.code, 1008);
});

Deno.test("signals count against the sender, not against who gets them", () => {
  const stage = setStage();
  const [flooder, victim] = [stage.join(1), stage.join(2)];
  for (let sent = 0; sent < 500; sent++) {
    stage.say(1, { type: "signal", to: peerId(2), signal: { kind: "offer", sdp: "" } });
  }
  assertEquals(errors(flooder), ["too-fast"]);
  assert(got(victim, "signal").length <= 200);
  assertEquals(victim.closed, undefined);
});

Deno.test("a socket that does not join within ten seconds is closed", () => {
  const stage = setStage();
  const box = stage.open(1);
  stage.pass(10_000);
  assertEquals(box.closed, undefined);
  stage.pass(1_000);
  assertEquals(errors(box), ["join-timeout"]);
  assert(box.closed);
});

Deno.test("a member that is silent for a minute is dropped, one that speaks is not", () => {
  const stage = setStage();
  const [silent, alive] = [stage.join(1), stage.join(2)];
  for (let at = 0; at < 4; at++) {
    stage.pass(20_000);
    stage.say(2, status);
  }
  assertEquals(errors(silent), ["silent"]);
  assertEquals(alive.closed, undefined);
  assertEquals(stage.stats().joined, 1);
});

Deno.test("a swarm that is full sends newcomers to the edge until there is room", () => {
  const stage = setStage({ limits: { peers: 2 } });
  stage.join(1);
  stage.join(2);
  const box = stage.join(3);
  assertEquals(errors(box), ["swarm-full"]);
  assertEquals(box.closed?.code, 1013);
  // Who comes back in its own place does not need room.
  assertEquals(stage.join(4, WATCHING, peerId(2)).closed, undefined);
  stage.say(1, { type: "leave" });
  assertEquals(stage.join(5).closed, undefined);
});

Deno.test("what a closed socket had on its way is not heard", () => {
  const stage = setStage();
  stage.join(1);
  stage.say(1, { type: "leave" });
  stage.say(1, { type: "join", version: PROTOCOL_VERSION, peer: peerId(1), status: ALONE });
  stage.say(9, status);
  assertEquals(stage.stats().joined, 0);
});

Deno.test("a socket is closed with the code that the protocol names for it", () => {
  const stage = setStage();
  const late = stage.open(1);
  const [old, silent] = [stage.join(2), stage.join(3)];
  stage.join(4, ALONE, peerId(2));
  stage.pass(11_000);
  stage.pass(60_000);
  assertEquals([late, old, silent].map(({ closed }) => closed?.code), [4002, 4001, 4002]);
});

Deno.test("who has sought too often is heard again after five seconds", () => {
  const stage = setStage();
  for (let socket = 1; socket <= 30; socket++) stage.join(socket);
  const seek = () => {
    const before = got(stage.box(1), "introduce").length;
    stage.say(1, { type: "status", status: ALONE });
    stage.say(1, { type: "seek", want: 1, known: [] });
    return got(stage.box(1), "introduce").length - before;
  };
  let heard = 0;
  for (let at = 0; at < 50; at++) heard += seek();
  assert(heard > 0 && heard < 50);
  stage.jump(3_000);
  assertEquals(seek(), 0);
  stage.jump(3_000);
  assertEquals([seek(), seek()], [1, 0]);
});

Deno.test("who accuses many is not heard again within minutes", () => {
  const stage = setStage();
  for (let socket = 1; socket <= 5; socket++) stage.join(socket, WATCHING);
  const accuse = (socket: number, victim: number) =>
    stage.say(socket, { type: "accuse", peer: peerId(victim), unit: "1.0.7" });
  for (const victim of [2, 3, 4]) accuse(1, victim);
  stage.jump(50_000);
  for (const socket of [1, 2, 3]) accuse(socket, 5);
  assertEquals(stage.stats().eligible, 5);
  accuse(4, 5);
  assertEquals(stage.stats().eligible, 4);
});
