import { assert, assertEquals } from "@std/assert";
import { DEFAULT_LIMITS } from "../../../edge/swarm/limits.ts";
import { ALONE, got, type Mailbox, peerId, setStage, WATCHING } from "./stage.ts";

const { partners: ROOM, introductions: MET } = DEFAULT_LIMITS;

function introduced(box: Mailbox): string[] {
  return got(box, "introduce").flatMap(({ peers }) => peers);
}

Deno.test("a newcomer meets a few others at most, each once, and never itself", () => {
  const stage = setStage();
  for (let socket = 1; socket <= 40; socket++) {
    const met = introduced(stage.join(socket));
    assertEquals(met.length, Math.min(MET, socket - 1));
    assertEquals(new Set(met).size, met.length);
    assert(!met.includes(peerId(socket)));
  }
});

Deno.test("those with few partners are met first", () => {
  const stage = setStage({ limits: { introductions: 6 } });
  for (let socket = 1; socket <= 10; socket++) stage.join(socket, { ...WATCHING, partners: 9 });
  for (let socket = 11; socket <= 16; socket++) stage.join(socket, { ...WATCHING, partners: 8 });
  for (let socket = 1; socket <= 10; socket++) {
    stage.say(socket, { type: "status", status: { ...WATCHING, partners: 9 } });
  }
  for (let socket = 11; socket <= 16; socket++) {
    stage.say(socket, { type: "status", status: { ...WATCHING, partners: 1 } });
  }
  const lonely = [11, 12, 13, 14, 15, 16].map(peerId);
  assertEquals(introduced(stage.join(20)).toSorted(), lonely);
});

Deno.test("who was heard of lately is met before who has fallen silent", () => {
  const stage = setStage({ limits: { introductions: 4 } });
  for (let socket = 1; socket <= 12; socket++) stage.join(socket, { ...WATCHING, partners: 5 });
  stage.jump(15_000);
  for (let socket = 1; socket <= 12; socket++) {
    const bytes = { peers: 0, edge: 0, cache: 0, uploaded: 0 };
    if (socket % 3 === 0) stage.say(socket, { type: "report", bytes });
  }
  assertEquals(introduced(stage.join(20)).toSorted(), [3, 6, 9, 12].map(peerId));
});

Deno.test("introductions of a burst of newcomers are spread, though nobody has reported yet", () => {
  const stage = setStage();
  const meetings = new Map<string, number>();
  for (let socket = 1; socket <= 200; socket++) {
    for (const peer of introduced(stage.join(socket))) {
      meetings.set(peer, (meetings.get(peer) ?? 0) + 1);
    }
  }
  assert(Math.max(...meetings.values()) <= ROOM);
});

Deno.test("a peer that has all the partners it may have is not introduced while others have room", () => {
  const stage = setStage();
  stage.join(1, { ...WATCHING, partners: ROOM });
  stage.join(2, WATCHING);
  assertEquals(introduced(stage.join(3)), [peerId(2)]);
});

Deno.test("a newcomer counts as the partner of those it was sent to before it says so", () => {
  const stage = setStage({ limits: { introductions: 3, partners: 3 } });
  const reset = () => {
    for (const socket of [1, 2, 3]) stage.say(socket, { type: "status", status: ALONE });
  };
  for (const socket of [1, 2, 3]) stage.join(socket);
  reset();
  assertEquals(introduced(stage.join(4)).length, 3);
  reset();
  assertEquals(introduced(stage.join(5)).toSorted(), [1, 2, 3].map(peerId));
});

Deno.test("a newcomer to a swarm that is full is not left alone", () => {
  const stage = setStage();
  for (let socket = 1; socket <= 13; socket++) {
    stage.join(socket, { ...WATCHING, partners: ROOM });
  }
  assertEquals(introduced(stage.join(20, ALONE)).length, 2);
});

Deno.test("who seeks gets what it wants, without those it knows, and no more than it has room for", () => {
  const stage = setStage();
  for (let socket = 1; socket <= 20; socket++) stage.join(socket);
  for (let socket = 1; socket <= 20; socket++) stage.say(socket, { type: "status", status: ALONE });
  const box = stage.box(1);
  box.messages.length = 0;
  const known = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17].map(peerId);
  stage.say(1, { type: "seek", want: 5, known });
  assertEquals(introduced(box).toSorted(), [18, 19, 20].map(peerId));
  box.messages.length = 0;
  stage.say(1, { type: "status", status: { ...WATCHING, partners: ROOM - 2 } });
  stage.say(1, { type: "seek", want: 5, known: [] });
  assertEquals(introduced(box).length, 2);
});

Deno.test("a peer accused by three others within a minute is not introduced any more", () => {
  const stage = setStage();
  for (let socket = 1; socket <= 5; socket++) stage.join(socket);
  const accuse = (socket: number) =>
    stage.say(socket, { type: "accuse", peer: peerId(1), unit: "1.0.7" });
  for (const socket of [2, 2, 2, 3, 1]) accuse(socket);
  assert(introduced(stage.join(10)).includes(peerId(1)));
  accuse(4);
  assert(!introduced(stage.join(11)).includes(peerId(1)));
  stage.box(1).messages.length = 0;
  stage.say(1, { type: "seek", want: 5, known: [] });
  assertEquals(introduced(stage.box(1)), []);
});

Deno.test("accusations that are long apart do not add up", () => {
  const stage = setStage();
  for (let socket = 1; socket <= 4; socket++) stage.join(socket);
  for (const socket of [2, 3, 4]) {
    stage.say(socket, { type: "accuse", peer: peerId(1), unit: "1.0.7" });
    for (let alive = 1; alive <= 4; alive++) stage.say(alive, { type: "status", status: ALONE });
    stage.jump(40_000);
  }
  assert(introduced(stage.join(10)).includes(peerId(1)));
});

/** Many on other networks, and so many on that of the newcomer, who is the last to join. */
function joinAmong(near: number, far: number, seed = 1) {
  const stage = setStage({ seed, limits: { introductions: 6 } });
  for (let socket = 1; socket <= near; socket++) stage.join(socket, ALONE, peerId(socket), "here");
  for (let other = 1; other <= far; other++) {
    stage.join(100 + other, ALONE, peerId(100 + other), `there${other % 7}`);
  }
  const isNear = new Set(Array.from({ length: near }, (_, at) => peerId(at + 1)));
  const met = introduced(stage.join(900, ALONE, peerId(900), "here"));
  return { met, near: met.filter((peer) => isNear.has(peer)).length, stage };
}

Deno.test("half of those whom a newcomer meets are on its own network, though few of all are", () => {
  for (let seed = 1; seed <= 10; seed++) {
    const { met, near } = joinAmong(10, 300, seed);
    assertEquals(new Set(met).size, 6);
    assert(near >= 3 && near <= 4, `${near} of 6`);
  }
});

Deno.test("where its own network is all there is, or has nobody, a newcomer meets as many", () => {
  assertEquals(joinAmong(10, 0).met.length, 6);
  assertEquals(joinAmong(1, 300).met.length, 6);
  assertEquals(joinAmong(0, 300).met.length, 6);
});

Deno.test("who has left is not met by its network", () => {
  const { stage } = joinAmong(3, 20);
  for (const socket of [1, 2, 3]) stage.handle({ type: "closed", socket });
  const met = introduced(stage.join(901, ALONE, peerId(901), "here"));
  assertEquals(met.filter((peer) => [1, 2, 3].map(peerId).includes(peer)), []);
});

Deno.test("nobody is told of another's network", () => {
  const { stage } = joinAmong(3, 3);
  for (const socket of [1, 2, 3, 101, 102, 103, 900]) {
    assert(!JSON.stringify(stage.box(socket).messages).includes("here"));
  }
});

Deno.test("who has a partner is not sent to those without room", () => {
  const stage = setStage();
  for (let socket = 1; socket <= 13; socket++) {
    stage.join(socket, { ...WATCHING, partners: ROOM });
  }
  assertEquals(introduced(stage.join(20, { ...WATCHING, partners: 1 })), []);
});

Deno.test("a silence of seconds weighs as much as so many partners, and no more", () => {
  const stage = setStage({ limits: { introductions: 1 } });
  const [few, many] = [{ ...WATCHING, partners: 2 }, { ...WATCHING, partners: 8 }];
  const metAfter = (silenceMs: number) => {
    stage.say(1, { type: "status", status: few });
    stage.jump(silenceMs);
    stage.say(2, { type: "status", status: many });
    stage.join(3);
    const met = introduced(stage.box(3));
    stage.say(3, { type: "leave" });
    return met;
  };
  stage.join(1, few);
  stage.join(2, many);
  assertEquals(metAfter(3_000), [peerId(1)]);
  assertEquals(metAfter(9_000), [peerId(2)]);
});

Deno.test("accusations within a minute add up", () => {
  const stage = setStage();
  for (let socket = 1; socket <= 4; socket++) stage.join(socket);
  for (const socket of [2, 3, 4]) {
    stage.say(socket, { type: "accuse", peer: peerId(1), unit: "1.0.7" });
    if (socket < 4) stage.jump(25_000);
  }
  assert(!introduced(stage.join(10)).includes(peerId(1)));
});
