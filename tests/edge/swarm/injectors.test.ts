import { assert, assertEquals } from "@std/assert";
import { decodeLedgerEntry } from "../../../edge/protocol/ledger_entry.ts";
import { createSwarm } from "../../../edge/swarm/swarm.ts";
import {
  ALONE,
  CHANNEL,
  type Mailbox,
  peerId,
  published,
  SEGMENT_MS,
  setStage,
  WATCHING,
} from "./stage.ts";

/** Runs that a socket was given, by sequence number. */
function runsOf(box: Mailbox, sequence: number): number[] {
  return box.ledger.filter(({ entry }) => entry.unit.sequence === sequence)
    .flatMap(({ inject }) => inject);
}

Deno.test("every run of a segment has one injector, and everyone has the entry", () => {
  const stage = setStage();
  const boxes = [1, 2, 3].map((socket) => stage.join(socket, WATCHING));
  stage.publish(1, 8);
  assertEquals(boxes.flatMap((box) => runsOf(box, 1)).toSorted(), [0, 1, 2, 3, 4, 5, 6, 7]);
  for (const box of boxes) assertEquals(box.ledger.length, 1);
});

Deno.test("injectors get the digest list, the others do not", () => {
  const stage = setStage();
  const boxes = Array.from({ length: 12 }, (_, at) => stage.join(at + 1, WATCHING));
  stage.publish(1, 8);
  for (const { ledger: [frame] } of boxes) {
    assertEquals(frame!.digests?.length, frame!.inject.length > 0 ? 8 * 16 : undefined);
  }
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

Deno.test("hidden peers inject only while no visible one can", () => {
  const stage = setStage();
  const hidden = stage.join(1, { ...WATCHING, visible: false });
  stage.publish(1);
  assertEquals(runsOf(hidden, 1).length, 8);
  const visible = stage.join(2, WATCHING);
  stage.publish(2);
  assertEquals(runsOf(hidden, 2), []);
  assertEquals(runsOf(visible, 2).length, 8);
});

Deno.test("the load is even over a hundred segments, for latecomers too from when they come", () => {
  const stage = setStage();
  const boxes = Array.from({ length: 10 }, (_, at) => stage.join(at + 1, WATCHING));
  for (let sequence = 0; sequence < 100; sequence++) stage.publish(sequence, 8);
  const loads = boxes.map((box) => box.ledger.flatMap(({ inject }) => inject).length);
  assert(loads.every((load) => Math.abs(load - 80) <= 1), `${loads}`);

  const late = stage.join(11, WATCHING);
  for (let sequence = 100; sequence < 211; sequence++) stage.publish(sequence, 8);
  const load = late.ledger.flatMap(({ inject }) => inject).length;
  assert(Math.abs(load - (111 * 8) / 11) <= 2, `${load}`);
});

Deno.test("different seeds choose different injectors first", () => {
  const firsts = new Set(Array.from({ length: 20 }, (_, seed) => {
    const stage = setStage({ seed });
    const boxes = Array.from({ length: 8 }, (_, at) => stage.join(at + 1, WATCHING));
    stage.publish(1, 1);
    return boxes.findIndex((box) => runsOf(box, 1).length > 0);
  }));
  assert(firsts.size >= 4);
});

Deno.test("the runs of an injector that vanishes go to others, who learn of all their runs", () => {
  const stage = setStage();
  const boxes = [1, 2, 3, 4].map((socket) => stage.join(socket, WATCHING));
  stage.publish(1, 8);
  const orphans = runsOf(boxes[0]!, 1);
  assertEquals(orphans.length, 2);
  stage.jump(2 * SEGMENT_MS - 1);
  stage.handle({ type: "closed", socket: 1 });
  // The newest frame of each names all its runs.
  const newest = boxes.slice(1).flatMap((box) => box.ledger.at(-1)!.inject);
  assertEquals(newest.toSorted(), [0, 1, 2, 3, 4, 5, 6, 7]);
  for (const { ledger } of boxes.slice(1)) {
    assertEquals(ledger.at(-1)!.digests?.length, 8 * 16);
  }
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
    const join = { type: "join", version: 1, peer: peerId(socket), status: ALONE };
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
