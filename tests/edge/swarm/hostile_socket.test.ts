/** What one socket that means harm can do to the others: nothing that lasts. */
import { assert, assertEquals } from "@std/assert";
import { PROTOCOL_VERSION } from "../../../edge/protocol/version.ts";
import { ALONE, errors, got, peerId, runsOf, setStage, WATCHING } from "./stage.ts";

const offer = { kind: "offer", sdp: "x" } as const;

Deno.test("nobody takes the place of a peer whose secret it does not know", () => {
  const stage = setStage();
  const join = (socket: number, secret?: string) => {
    const box = stage.open(socket);
    const message = { type: "join", version: PROTOCOL_VERSION, peer: peerId(1), status: ALONE };
    stage.say(socket, { ...message, type: "join", ...(secret === undefined ? {} : { secret }) });
    return box;
  };
  const victim = join(1, "a".repeat(20));
  for (const [socket, secret] of [[2, "b".repeat(20)], [3, undefined]] as const) {
    const thief = join(socket, secret);
    assertEquals(errors(thief), ["peer-taken"]);
    assert(thief.closed);
    assertEquals(victim.closed, undefined);
  }
  assertEquals(join(4, "a".repeat(20)).closed, undefined);
  assertEquals(errors(victim), ["replaced"]);
});

Deno.test("signals go only between peers that were introduced, whichever was told of the other", () => {
  const stage = setStage({ limits: { introductions: 1 } });
  for (const socket of [1, 2, 3]) stage.join(socket);
  const met = got(stage.box(3), "introduce").flatMap(({ peers }) => peers);
  const stranger = [1, 2].find((socket) => !met.includes(peerId(socket)))!;
  stage.say(3, { type: "signal", to: peerId(stranger), signal: offer });
  assertEquals(got(stage.box(stranger), "signal"), []);
  const friend = 3 - stranger;
  stage.say(3, { type: "signal", to: peerId(friend), signal: offer });
  stage.say(friend, { type: "signal", to: peerId(3), signal: offer });
  assertEquals(got(stage.box(friend), "signal").length, 1);
  assertEquals(got(stage.box(3), "signal").length, 1);
});

Deno.test("who came back over another socket may still be answered by those it met", () => {
  const stage = setStage();
  stage.join(1);
  stage.join(2);
  stage.handle({ type: "closed", socket: 1 });
  stage.join(3, WATCHING, peerId(1));
  stage.say(2, { type: "signal", to: peerId(1), signal: offer });
  stage.say(3, { type: "signal", to: peerId(2), signal: offer });
  assertEquals(got(stage.box(3), "signal").length, 1);
  assertEquals(got(stage.box(2), "signal").length, 1);
});

Deno.test("a flood of seeking does not fill everybody's place for newcomers", () => {
  const stage = setStage();
  for (let socket = 1; socket <= 30; socket++) stage.join(socket);
  for (let socket = 1; socket <= 30; socket++) {
    stage.say(socket, { type: "status", status: ALONE });
  }
  for (let at = 0; at < 90; at++) {
    stage.say(1, { type: "seek", want: 12, known: [] });
    stage.say(1, { type: "status", status: ALONE });
  }
  const newcomer = stage.join(31);
  assertEquals(got(newcomer, "introduce").flatMap(({ peers }) => peers).length, 6);
});

Deno.test("three liars do not get a swarm shunned", () => {
  const stage = setStage();
  for (let socket = 1; socket <= 60; socket++) stage.join(socket, WATCHING);
  for (let minute = 0; minute < 5; minute++) {
    for (const liar of [1, 2, 3]) {
      for (let victim = 4; victim <= 60; victim++) {
        stage.say(liar, { type: "accuse", peer: peerId(victim), unit: "1.0.7" });
      }
    }
    for (let socket = 1; socket <= 60; socket++) {
      stage.say(socket, { type: "status", status: WATCHING });
    }
    stage.pass(50_000);
  }
  assert(stage.stats().eligible >= 55, `${stage.stats().eligible} of 60 may still inject`);
});

Deno.test("two liars who call a member silent keep it from injecting for a sixth of the time at most", () => {
  const stage = setStage();
  const uplinks = [1e9, 1, 1, 1];
  const boxes = uplinks.map((uplink, at) => stage.join(at + 1, { ...WATCHING, uplink }));
  // Whoever else they name: themselves, and who is not there.
  const silent = [1, 1, 2, 3, 99].map(peerId);
  let kept = 0;
  for (let second = 0; second < 240; second++) {
    // What a peer says at least.
    if (second % 10 === 5) stage.say(1, { type: "status", status: { ...WATCHING, uplink: 1e9 } });
    stage.jump(500);
    for (const liar of [2, 3]) stage.say(liar, { type: "seek", want: 1, known: silent, silent });
    stage.jump(500);
    stage.publish(second, 1);
    if (runsOf(boxes[0]!, second).length === 0) kept++;
    boxes.forEach((box, at) => {
      const runs = runsOf(box, second);
      if (runs.length > 0) stage.say(at + 1, { type: "injected", unit: `1.0.${second}`, runs });
    });
  }
  assert(kept > 0 && kept <= 40, `${kept} of 240 s`);
});

Deno.test("one who joins again and again under new names is one accuser of strangers, and not heard", () => {
  const stage = setStage({ limits: { introductions: 2 } });
  for (let socket = 1; socket <= 40; socket++) stage.join(socket, WATCHING);
  for (let name = 100; name < 110; name++) {
    stage.join(name, ALONE);
    const met = got(stage.box(name), "introduce").flatMap(({ peers }) => peers);
    const stranger = [1, 2, 3].map(peerId).find((peer) => !met.includes(peer))!;
    stage.say(name, { type: "accuse", peer: stranger, unit: "1.0.7" });
    stage.say(name, { type: "leave" });
  }
  assertEquals(stage.stats().eligible, 40);
});
