/** When several injectors are gone at once, each run is given to one more for a while. */
import { assert, assertEquals } from "@std/assert";
import { ALL, callSilent, confirm, injected, MOST_PATIENCE_MS, plan } from "./injecting.ts";
import { runsOf, SEGMENT_MS, setStage, WATCHING } from "./stage.ts";

/** Eight injectors of whom `there` say that they have their runs, and the rest nothing until they are replaced. */
function someSilent(there: readonly number[]) {
  const stage = setStage();
  const boxes = [1, 2, 3, 4, 5, 6, 7, 8].map((socket) => stage.join(socket, WATCHING));
  stage.publish(1, 8);
  const before = stage.stats().injectedRuns;
  for (const socket of there) stage.say(socket, injected(1, runsOf(boxes[socket - 1]!, 1)));
  for (let ms = 0; stage.stats().injectedRuns === before; ms += 250) {
    assert(ms <= MOST_PATIENCE_MS, "who is silent is replaced");
    stage.jump(250);
    stage.handle({ type: "tick" });
  }
  const again = stage.stats().injectedRuns - before;
  stage.publish(2, 8);
  return { stage, again, next: plan(boxes, 2).flat().length };
}

Deno.test("when several injectors are silent at once, each run has a deputy for some seconds", () => {
  const { stage, again, next } = someSilent([1, 2, 3, 4, 5, 6]);
  assertEquals(again, 2 * 2);
  assertEquals(next, 2 * 8);
  const before = stage.stats().injectedRuns;
  stage.jump(3_100);
  stage.publish(3, 8);
  assertEquals(stage.stats().injectedRuns - before, 8);
});

Deno.test("when one is, or all are, there are no deputies", () => {
  const { again, next } = someSilent([1, 2, 3, 4, 5, 6, 7]);
  assertEquals([again, next], [1, 8]);
  assertEquals(someSilent([]).next, 8);
});

Deno.test("an injector of which two partners hear nothing is replaced at once, unless it says something", () => {
  for (const [witnesses, speaks] of [[2, false], [1, false], [2, true]] as const) {
    const replaced = witnesses === 2 && !speaks;
    const stage = setStage();
    const uplinks = [1e9, 1e6, 1e5];
    const boxes = uplinks.map((uplink, at) => stage.join(at + 1, { ...WATCHING, uplink }));
    stage.publish(1, 1);
    stage.jump(1);
    for (let at = 0; at < witnesses; at++) callSilent(stage, 2 + at, [1]);
    if (speaks) stage.say(1, { type: "status", status: { ...WATCHING, uplink: 1e9 } });
    stage.handle({ type: "tick" });
    assertEquals(plan(boxes, 1), [[0], replaced ? [0] : [], []]);
    stage.publish(2, 1);
    assertEquals(plan(boxes, 2), replaced ? [[], [0], []] : [[0], [], []]);
  }
});

Deno.test("when several injectors are missed, each run of the next segment has a deputy, though they had theirs", () => {
  const stage = setStage();
  const boxes = [1, 2, 3, 4, 5, 6, 7, 8].map((socket) => stage.join(socket, WATCHING));
  stage.publish(1, 8);
  confirm(stage, boxes, 1);
  stage.jump(1);
  for (const socket of [3, 4]) callSilent(stage, socket, [1, 2]);
  stage.handle({ type: "tick" });
  stage.publish(2, 8);
  assertEquals(plan(boxes, 2).flat().length, 2 * 8);
});

Deno.test("a deputy that leaves is no loss: only an injector's runs are given to others", () => {
  const there = [1, 2, 3, 4, 5, 6];
  let again = 0;
  for (const leaving of there) {
    const { stage } = someSilent(there);
    for (const socket of there) stage.say(socket, injected(2, ALL));
    // Nobody has deputies any more, and the first segment does not matter.
    stage.jump(3_700);
    const before = stage.stats().injectedRuns;
    stage.handle({ type: "closed", socket: leaving });
    again += stage.stats().injectedRuns - before;
  }
  assertEquals(again, ALL.length);
});

Deno.test("a run that a deputy has is given to nobody else", () => {
  const { stage } = someSilent([1, 2, 3, 4, 5, 6]);
  for (const socket of [1, 2, 3, 4, 5, 6]) stage.say(socket, injected(1, ALL));
  const before = stage.stats().injectedRuns;
  stage.jump(MOST_PATIENCE_MS);
  for (const socket of [1, 2, 3, 4, 5, 6]) stage.say(socket, injected(2, ALL));
  stage.handle({ type: "tick" });
  assertEquals(stage.stats().injectedRuns, before);
});

Deno.test("liars, half of all, who say that all injectors are gone cost the edge a tenth more at most", () => {
  const stage = setStage();
  const boxes = Array.from({ length: 16 }, (_, at) => stage.join(at + 1, WATCHING));
  const honest = boxes.slice(0, 8);
  const segments = 30;
  for (let sequence = 1; sequence <= segments; sequence++) {
    stage.publish(sequence, 8);
    const told: number[] = [];
    for (let ms = 0; ms < SEGMENT_MS; ms += 250) {
      for (let liar = 9; liar <= 16; liar++) callSilent(stage, liar, ALL.map((at) => at + 1));
      stage.jump(250);
      stage.handle({ type: "tick" });
      honest.forEach((box, at) => {
        // An engine says it once.
        const runs = runsOf(box, sequence);
        if (runs.length > (told[at] ?? 0)) stage.say(at + 1, injected(sequence, runs));
        told[at] = runs.length;
      });
    }
  }
  const copies = stage.stats().injectedRuns / (8 * segments);
  assert(copies > 1 && copies <= 1.1, `${copies} copies`);
});
