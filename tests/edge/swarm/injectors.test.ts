/** Who is told to fetch which run from the edge. */
import { assert, assertEquals } from "@std/assert";
import { isHome } from "../../../edge/protocol/homes.ts";
import { decodeLedgerEntry } from "../../../edge/protocol/ledger_entry.ts";
import { PROTOCOL_VERSION } from "../../../edge/protocol/version.ts";
import { createSwarm } from "../../../edge/swarm/swarm.ts";
import {
  ALONE,
  CHANNEL,
  type Mailbox,
  peerId,
  published,
  runsOf,
  SEGMENT_MS,
  setStage,
  WATCHING,
} from "./stage.ts";
import { ALL, confirm, injected, MOST_PATIENCE_MS, plan, type Stage } from "./injecting.ts";

/** An injector has to be this quick at most, ms. */
const LEAST_PATIENCE_MS = 500;

/** Lets time pass until somebody has been told of runs after the first, and says that all have them. */
function passUntilReplaced(stage: Stage, boxes: readonly Mailbox[], slow: number): void {
  const others = boxes.with(slow, NOBODY);
  const before = plan(others, 1).flat().length;
  for (let ms = 0; plan(others, 1).flat().length === before; ms += 500) {
    assert(ms <= MOST_PATIENCE_MS, "the slow one is replaced");
    stage.jump(500);
    stage.handle({ type: "tick" });
  }
  confirm(stage, others, 1);
}

const NOBODY: Mailbox = { messages: [], ledger: [], ledgerMs: [] };

Deno.test("every run of a segment has one injector, and everyone has the entry", () => {
  const stage = setStage();
  const boxes = [1, 2, 3].map((socket) => stage.join(socket, WATCHING));
  stage.publish(1, 8);
  assertEquals(plan(boxes, 1).flat().toSorted(), ALL);
  for (const box of boxes) assertEquals(box.ledger.length, 1);
});

Deno.test("everyone gets the digest list with the entry, who comes later too", () => {
  const stage = setStage();
  const boxes = Array.from({ length: 12 }, (_, at) => stage.join(at + 1, WATCHING));
  stage.publish(1, 8);
  boxes.push(stage.join(13));
  for (const { ledger: [frame] } of boxes) assertEquals(frame!.digests?.length, 8 * 16);
});

Deno.test("nobody eligible: the entry goes out and no run is injected", () => {
  const stage = setStage();
  const boxes = [
    stage.join(1, ALONE),
    stage.join(2, { ...WATCHING, playing: false }),
    stage.join(3, { ...WATCHING, uploads: false }),
  ];
  stage.publish(1);
  for (const box of boxes) assertEquals(box.ledger.map(({ inject }) => inject), [[]]);
  assertEquals(stage.stats().injectedCopies, 0);
  assertEquals(stage.stats().eligible, 0);
});

Deno.test("a peer is given runs of the renditions that it takes part in, and no others", () => {
  const stage = setStage();
  const others = stage.join(1, { ...WATCHING, uplink: 9e9, renditions: [1] });
  const box = stage.join(2, { ...WATCHING, uplink: 1, renditions: [1, 0] });
  stage.publish(1);
  assertEquals(plan([others, box], 1), [[], ALL]);
});

Deno.test("hidden peers inject only while no visible one can", () => {
  const stage = setStage();
  const hidden = stage.join(1, { ...WATCHING, visible: false });
  stage.publish(1);
  assertEquals(runsOf(hidden, 1).length, 8);
  const visible = stage.join(2, { ...WATCHING, uplink: 1 });
  stage.publish(2);
  assertEquals(runsOf(hidden, 2), []);
  assertEquals(runsOf(visible, 2).length, 8);
});

Deno.test("injectors stay from segment to segment, also when others like them come", () => {
  const stage = setStage();
  const boxes = Array.from({ length: 10 }, (_, at) => stage.join(at + 1, WATCHING));
  stage.publish(0, 8);
  const first = plan(boxes, 0);
  for (let sequence = 1; sequence < 50; sequence++) {
    confirm(stage, boxes, sequence - 1);
    boxes.push(stage.join(sequence + 10, { ...WATCHING, uplink: WATCHING.uplink * 1.2 }));
    stage.publish(sequence, 8);
    assertEquals(plan(boxes.slice(0, 10), sequence), first);
  }
});

Deno.test("the strongest injects, whoever came first", () => {
  for (let seed = 0; seed < 10; seed++) {
    const stage = setStage({ seed });
    const uplinks = [300_000, 100_000, 900_000, 500_000];
    const boxes = uplinks.map((uplink, at) => stage.join(at + 1, { ...WATCHING, uplink }));
    stage.publish(1, 1);
    assertEquals(plan(boxes, 1), [[], [], [0], []]);
  }
});

Deno.test("one who is far stronger takes the place of an injector, one who is a little stronger does not", () => {
  const stage = setStage();
  const boxes = [stage.join(1, { ...WATCHING, uplink: 100_000 })];
  stage.publish(1, 1);
  boxes.push(stage.join(2, { ...WATCHING, uplink: 130_000 }));
  stage.publish(2, 1);
  assertEquals(plan(boxes, 2), [[0], []]);
  boxes.push(stage.join(3, { ...WATCHING, uplink: 1_000_000 }));
  stage.publish(3, 1);
  assertEquals(plan(boxes, 3), [[], [], [0]]);
});

Deno.test("nobody is given more than its share, however strong", () => {
  const stage = setStage();
  const boxes = [1, 2, 3, 4].map((socket) =>
    stage.join(socket, { ...WATCHING, uplink: socket === 1 ? 1e9 : 1_000 })
  );
  stage.publish(1, 8);
  assertEquals(plan(boxes, 1).map((runs) => runs.length), [2, 2, 2, 2]);
});

Deno.test("a run goes to one who is at home in it, if anyone is", () => {
  const stage = setStage();
  // The first is the strongest by far, and yet gets no run that it is not at home in.
  const boxes = Array.from(
    { length: 64 },
    (_, at) => stage.join(at + 1, { ...WATCHING, uplink: at === 0 ? 1e9 : 1_000 }),
  );
  stage.publish(1, 8);
  const given = boxes.flatMap((box, at) => runsOf(box, 1).map((run) => ({ at, run })));
  assertEquals(given.map(({ run }) => run).toSorted(), ALL);
  for (const { at, run } of given) assert(isHome(peerId(at + 1), run, 8, 1), `${at} ${run}`);
});

Deno.test("who has not said in time that it has its runs is replaced, and rests", () => {
  const stage = setStage();
  const boxes = [1, 2, 3, 4].map((socket) => stage.join(socket, WATCHING));
  stage.publish(1, 8);
  const slow = runsOf(boxes[0]!, 1);
  assertEquals(slow.length, 2);
  confirm(stage, boxes.with(0, NOBODY), 1);
  stage.jump(LEAST_PATIENCE_MS - 1);
  stage.handle({ type: "tick" });
  assertEquals(plan(boxes.slice(1), 1).flat().length, 6, "it is given some time");
  passUntilReplaced(stage, boxes, 0);
  const others = plan(boxes.slice(1), 1).flat();
  assertEquals(others.toSorted(), ALL, "its runs are with others");
  assertEquals(runsOf(boxes[0]!, 1), slow, "and not with it again");

  stage.publish(2, 8);
  assertEquals(plan(boxes, 2)[0], []);
  assertEquals(plan(boxes, 2).flat().toSorted(), ALL);
});

Deno.test("where injections take little as a rule, who takes long is replaced all the sooner", () => {
  const patience = (usualMs: number) => {
    const stage = setStage();
    const boxes = [1, 2, 3, 4].map((socket) => stage.join(socket, WATCHING));
    stage.publish(1, 8);
    stage.jump(usualMs);
    confirm(stage, boxes, 1);
    stage.jump(SEGMENT_MS - usualMs);
    stage.publish(2, 8);
    confirm(stage, boxes.with(0, NOBODY), 2);
    const others = () => plan(boxes.slice(1), 2).flat().length;
    const before = others();
    let ms = 0;
    for (; others() === before; ms += 50) {
      stage.jump(50);
      stage.handle({ type: "tick" });
    }
    return ms;
  };
  assert(patience(20) < patience(300), `${patience(20)} and ${patience(300)} ms`);
});

Deno.test("who was slow once may inject again after its rest", () => {
  const stage = setStage();
  const statuses = [{ ...WATCHING, uplink: 1e9 }, WATCHING];
  const boxes = statuses.map((status, at) => stage.join(at + 1, status));
  stage.publish(1, 1);
  assertEquals(plan(boxes, 1), [[0], []]);
  passUntilReplaced(stage, boxes, 0);
  let sequence = 1;
  while (sequence < 100 && (sequence === 1 || runsOf(boxes[0]!, sequence).length === 0)) {
    statuses.forEach((status, at) => stage.say(at + 1, { type: "status", status }));
    stage.publish(++sequence, 1);
    confirm(stage, boxes, sequence);
    stage.pass(SEGMENT_MS);
  }
  assert(sequence > 3 && sequence < 100, `${sequence}`);
});

Deno.test("who said that it has its runs keeps them", () => {
  const stage = setStage();
  const boxes = [1, 2, 3, 4].map((socket) => stage.join(socket, WATCHING));
  stage.publish(1, 8);
  const before = plan(boxes, 1);
  confirm(stage, boxes, 1);
  stage.pass(2 * SEGMENT_MS);
  assertEquals(plan(boxes, 1), before);
  assertEquals(stage.stats().injectedCopies, 1);
});

Deno.test("`injected` by anybody but the injector counts for nothing", () => {
  const stage = setStage();
  const boxes = [1, 2, 3, 4].map((socket) => stage.join(socket, WATCHING));
  stage.publish(1, 8);
  const slow = runsOf(boxes[0]!, 1);
  for (const socket of [2, 3, 4]) stage.say(socket, injected(1, ALL));
  // Nor what its injector says of another unit, of runs that are none, or of a unit that is none.
  for (const message of [injected(2, ALL), injected(1, [99]), injected(NaN, ALL)]) {
    stage.say(1, message);
  }
  passUntilReplaced(stage, boxes, 0);
  const others = plan(boxes.slice(1), 1).flat();
  assert(slow.every((run) => others.includes(run)));
});

Deno.test("the runs of an injector that vanishes go to others, who learn of all their runs", () => {
  const stage = setStage();
  const boxes = [1, 2, 3, 4].map((socket) => stage.join(socket, WATCHING));
  stage.publish(1, 8);
  assertEquals(runsOf(boxes[0]!, 1).length, 2);
  stage.jump(2 * SEGMENT_MS - 1);
  stage.handle({ type: "closed", socket: 1 });
  // The newest frame of each names all its runs.
  const newest = boxes.slice(1).flatMap((box) => box.ledger.at(-1)!.inject);
  assertEquals(newest.toSorted(), ALL);
  for (const { ledger } of boxes.slice(1)) {
    assertEquals(ledger.at(-1)!.digests?.length, 8 * 16);
  }
});

Deno.test("who has the runs already that it gets from one that leaves says so, and is not taken for slow", () => {
  const stage = setStage();
  const boxes = [1, 2].map((socket) => stage.join(socket, WATCHING));
  stage.publish(1, 8);
  confirm(stage, boxes, 1);
  stage.jump(1_000);
  stage.handle({ type: "closed", socket: 1 });
  assertEquals(runsOf(boxes[1]!, 1).toSorted(), ALL);
  // As an engine does: of all its runs, those that it told of before too.
  confirm(stage, boxes, 1);
  const box = stage.join(3, WATCHING);
  const before = stage.stats().injectedRuns;
  stage.jump(MOST_PATIENCE_MS);
  stage.handle({ type: "tick" });
  assertEquals(stage.stats().injectedRuns, before, "nothing is late");
  stage.publish(2, 8);
  assertEquals([boxes[1]!, box].map((one) => runsOf(one, 2).length), [4, 4], "nobody rests");
});

Deno.test("the run of one that does not report goes to who has said something since, however weak", () => {
  const stage = setStage();
  const uplinks = [1e9, 1e8, 1e5, 1e8];
  const boxes = uplinks.map((uplink, at) => stage.join(at + 1, { ...WATCHING, uplink }));
  stage.jump(1_000);
  stage.publish(1, 1);
  assertEquals(plan(boxes, 1), [[0], [], [], []]);
  stage.jump(100);
  stage.say(3, { type: "status", status: { ...WATCHING, uplink: 1e5 } });
  passUntilReplaced(stage, boxes, 0);
  assertEquals(plan(boxes, 1).slice(1), [[], [0], []]);
});

Deno.test("the runs of an injector that leaves late are nobody's any more", () => {
  const stage = setStage();
  const boxes = [1, 2].map((socket) => stage.join(socket, WATCHING));
  stage.publish(1, 8);
  stage.jump(2 * SEGMENT_MS + 1);
  stage.handle({ type: "closed", socket: 1 });
  assertEquals(boxes[1]!.ledger.length, 1);
});

Deno.test("copies are counted: one when all is injected, more when runs were given twice", () => {
  const stage = setStage();
  [1, 2, 3, 4].forEach((socket) => stage.join(socket, WATCHING));
  stage.publish(1, 8);
  assertEquals(stage.stats().injectedCopies, 1);
  stage.handle({ type: "closed", socket: 1 });
  assertEquals(stage.stats().injectedCopies, 1.25);
  assertEquals(stage.stats().injectedRuns, 10);
});

Deno.test("the frame for those who inject nothing is encoded once", () => {
  const swarm = createSwarm({ channel: CHANNEL, random: () => 0 });
  for (let socket = 1; socket <= 100; socket++) {
    swarm.handle({ type: "opened", socket, iceServers: [] }, 0);
    const join = { type: "join", version: PROTOCOL_VERSION, peer: peerId(socket), status: ALONE };
    swarm.handle({ type: "text", socket, text: JSON.stringify(join) }, 0);
  }
  while (swarm.poll());
  swarm.handle({ type: "origin", event: published(1) }, 0);
  const output = swarm.poll();
  if (output?.type !== "ledger") throw new Error(`not a ledger frame: ${output?.type}`);
  assertEquals(output.to.length, 100);
  assertEquals(swarm.poll(), undefined);
});

Deno.test("a published entry that is none is not passed on", () => {
  const stage = setStage();
  const box = stage.join(1, WATCHING);
  const entry = new Uint8Array([1, 2, 3]);
  assertEquals(decodeLedgerEntry(entry), undefined);
  stage.handle({ type: "origin", event: { ...published(1), entry } });
  assertEquals(box.ledger, []);
});

Deno.test("when all were slow, somebody injects all the same", () => {
  const stage = setStage();
  const boxes = [1, 2].map((socket) => stage.join(socket, WATCHING));
  stage.publish(1, 8);
  stage.pass(4_000);
  stage.publish(2, 8);
  assertEquals(boxes.flatMap((box) => runsOf(box, 2)).length, 8);
});

Deno.test("an injector that pauses or is shunned is given nothing of the next segment", () => {
  const stage = setStage();
  const boxes = [1, 2, 3, 4, 5].map((socket) => stage.join(socket, WATCHING));
  stage.publish(1, 8);
  for (const runs of plan(boxes, 1)) assert(runs.length > 0);
  stage.say(1, { type: "status", status: { ...WATCHING, playing: false } });
  for (const socket of [3, 4, 5]) {
    stage.say(socket, { type: "accuse", peer: peerId(2), unit: "1.0.1" });
  }
  stage.publish(2, 8);
  assertEquals(plan(boxes, 2).slice(0, 2), [[], []]);
  assertEquals(plan(boxes, 2).flat().toSorted(), ALL);
});

/** All but the first have their runs after `tookMs`; answers when the first is replaced, ms. */
function patienceOf(
  stage: Stage,
  boxes: readonly Mailbox[],
  { sequence, tookMs }: { sequence: number; tookMs: number },
): number {
  stage.publish(sequence, 8);
  stage.jump(tookMs);
  confirm(stage, boxes.with(0, NOBODY), sequence);
  const others = () => plan(boxes.slice(1), sequence).flat().length;
  const before = others();
  let ms = tookMs;
  for (; others() === before; ms += 50) {
    assert(ms <= MOST_PATIENCE_MS, "the slow one is replaced");
    stage.jump(50);
    stage.handle({ type: "tick" });
  }
  return ms;
}

Deno.test("what injections take as a rule is learned anew when it changes", () => {
  const stage = setStage();
  const boxes = [1, 2, 3, 4].map((socket) => stage.join(socket, WATCHING));
  let sequence = 0;
  const inject = (segments: number, tookMs: number) => {
    for (let at = 0; at < segments; at++) {
      stage.publish(++sequence, 8);
      stage.jump(tookMs);
      confirm(stage, boxes, sequence);
      stage.jump(SEGMENT_MS - tookMs);
    }
  };
  inject(2, 10);
  inject(5, 300);
  assert(patienceOf(stage, boxes, { sequence: ++sequence, tookMs: 300 }) > 700);
});

Deno.test("who says twice that it has its runs spoils nothing", () => {
  const stage = setStage();
  const boxes = [1, 2, 3, 4].map((socket) => stage.join(socket, WATCHING));
  stage.publish(1, 8);
  stage.jump(20);
  for (let time = 0; time < 2; time++) confirm(stage, boxes, 1);
  const patienceMs = patienceOf(stage, boxes, { sequence: 2, tookMs: 20 });
  assert(patienceMs >= LEAST_PATIENCE_MS && patienceMs <= LEAST_PATIENCE_MS + 50);
});

Deno.test("a slow one rests for half a minute", () => {
  const stage = setStage();
  const boxes = [1, 2, 3, 4].map((socket) => stage.join(socket, WATCHING));
  stage.publish(1, 8);
  confirm(stage, boxes.with(0, NOBODY), 1);
  passUntilReplaced(stage, boxes, 0);
  stage.jump(20_000);
  stage.publish(2, 8);
  assertEquals(runsOf(boxes[0]!, 2), []);
});

Deno.test("copies are those of the last minute and a half, also while nothing is published", () => {
  const stage = setStage();
  const watch = () => stage.say(1, { type: "status", status: WATCHING });
  assertEquals(stage.stats().injectedCopies, 0);
  stage.join(1, ALONE);
  stage.publish(1, 8);
  watch();
  stage.jump(50_000);
  stage.publish(2, 8);
  assertEquals(stage.stats().injectedCopies, 0.5);
  stage.jump(50_000);
  assertEquals(stage.stats().injectedCopies, 1);
  stage.jump(50_000);
  assertEquals(stage.stats().injectedCopies, 0);
});
