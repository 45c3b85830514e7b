/** What those who ask are given: what promises leave of the uplink, as far as these are kept. */
import { assert, assertEquals } from "@std/assert";
import { pieceLength } from "../../../edge/protocol/parity.ts";
import { fadePushed, mayGive, noteGiven, notePushed } from "../../../web/swarm/allowance.ts";
import { newPartner } from "../../../web/swarm/partner_book.ts";
import { slotOf } from "../../../web/swarm/slots.ts";
import { newState } from "../../../web/swarm/state.ts";
import { ACTIVE, entryOf, NOTHING, SEGMENT_MS } from "./network.ts";
import { ALL_RUNS, framesTo, SLOT_RATE, stage } from "./stage.ts";

const PIECE = 15_000;
/** bytes/s */
const UPLINK = 60_000;
const STEP_MS = 50;

/** A peer with a measured uplink and one child that is promised some substreams. */
function peer({ promised = 0, uplink = UPLINK }) {
  const state = newState<never>({
    self: "self",
    random: () => 0.5,
    conduct: { ...ACTIVE, uploadCap: uplink },
  });
  state.uplink.handed(1_000_000, 0);
  state.uplink.left(1_000_000, 1_000);
  state.buffer.add(entryOf(0), true, 0, 0.5);
  const child = newPartner("child", 0);
  for (let run = 0; run < promised; run++) child.children.add(slotOf(0, run));
  state.partners.set("child", child);
  const give = () => {
    let bytes = 0;
    while (mayGive(state)) {
      noteGiven(state, PIECE);
      bytes += PIECE;
    }
    return bytes;
  };
  return {
    state,
    give,
    /** Lets time pass in which `pushed` bytes leave every `everyMs`; answers what was given, bytes/s. */
    run(seconds: number, pushed = 0, everyMs = STEP_MS): number {
      let bytes = 0;
      const untilMs = state.nowMs + seconds * 1_000;
      while (state.nowMs < untilMs) {
        state.nowMs += STEP_MS;
        child.heardMs = state.nowMs;
        fadePushed(state, STEP_MS);
        if (state.nowMs % everyMs === 0) notePushed(state, pushed);
        bytes += give();
      }
      return bytes / seconds;
    },
  };
}

/** What leaves in one step at a rate. */
const step = (rate: number) => (rate * STEP_MS) / 1_000;

/** Pushes for so long that it is known how much, and has what was saved up asked for, s. */
const SETTLED_S = 40;

function assertNear(actual: number, expected: number): void {
  const off = Math.abs(actual - expected);
  assert(off < 0.05 * UPLINK, `${Math.round(actual)} in place of ${expected} bytes/s`);
}

Deno.test("while nothing is known of the uplink nobody is refused: how else would it be measured?", () => {
  const state = newState<never>({ self: "self", random: () => 0.5, conduct: ACTIVE });
  for (let piece = 0; piece < 1_000; piece++) {
    assert(mayGive(state));
    noteGiven(state, PIECE);
  }
});

Deno.test("where nothing is promised, those who ask are given all of the uplink", () => {
  const { run } = peer({});
  run(SETTLED_S);
  assertNear(run(60), UPLINK);
});

Deno.test("what is promised and pushed is not given to those who ask", () => {
  const { run } = peer({ promised: 4 });
  const pushed = step(4 * SLOT_RATE);
  run(SETTLED_S, pushed);
  assertNear(run(60, pushed), UPLINK - 4 * SLOT_RATE);
});

Deno.test("pushes in the rhythm of segments count between them too", () => {
  const { run } = peer({ promised: 4 });
  const pushed = 4 * SLOT_RATE * (SEGMENT_MS / 1_000);
  run(SETTLED_S, pushed, SEGMENT_MS);
  assertNear(run(60, pushed, SEGMENT_MS), UPLINK - 4 * SLOT_RATE);
});

Deno.test("promises that are not kept take no more than what is pushed, and a little for more", () => {
  const { run } = peer({ promised: 6 });
  assertNear(run(SETTLED_S), UPLINK);
  const pushed = step(2 * SLOT_RATE);
  run(SETTLED_S, pushed);
  const left = run(60, pushed);
  assert(left < UPLINK - 2.1 * SLOT_RATE && left > UPLINK - 2.6 * SLOT_RATE, `${left} bytes/s`);
});

Deno.test("what was pushed beyond promises takes nothing", () => {
  const { run } = peer({ promised: 2 });
  const pushed = step(6 * SLOT_RATE);
  run(SETTLED_S, pushed);
  assertNear(run(60, pushed), UPLINK - 2 * SLOT_RATE);
});

Deno.test("when nothing is pushed any more its share is given away within seconds, not at once", () => {
  const { run } = peer({ promised: 6 });
  run(SETTLED_S, step(6 * SLOT_RATE));
  const soon = run(1);
  assert(soon < UPLINK / 2, `${soon} bytes/s at once`);
  run(11);
  const later = run(10);
  assert(later > 0.9 * UPLINK, `${later} bytes/s after 12 s`);
});

Deno.test("what nobody asked for is saved up for a second, and no longer", () => {
  const { state, give } = peer({});
  give();
  state.nowMs += 60_000;
  const saved = give();
  assert(saved >= UPLINK && saved < UPLINK + PIECE, `${saved} bytes`);
});

Deno.test("promises beyond the uplink leave nothing, and owe nothing", () => {
  const { state, run } = peer({ promised: 8, uplink: 4 * SLOT_RATE });
  const pushed = step(8 * SLOT_RATE);
  run(SETTLED_S, pushed);
  assertEquals(run(60, pushed), 0);
  assert(state.allowance.bytes > -PIECE);
});

Deno.test("an uplink that carries less than a piece in a second gives one now and then", () => {
  const { give, run, state } = peer({ uplink: PIECE / 10 });
  give();
  state.nowMs += 20_000;
  assertEquals(give(), PIECE);
  assertNear(run(300), PIECE / 10);
  assert(run(300) > 0);
});

Deno.test("who asks for all that there is gets what children leave, and all of it when there is nothing to push", () => {
  const { network, node, measure, partner, subscribe, say } = stage();
  measure();
  network.handle(node, { type: "conduct", conduct: { ...ACTIVE, uploadCap: UPLINK } });
  for (const peer of ["child", "asks"]) partner(peer);
  network.publish(entryOf(9), { self: ALL_RUNS });
  subscribe("child", ...ALL_RUNS);
  const refused = framesTo(node, "child", "unsubscribe").flatMap(({ runs }) => runs).length;
  const children = ALL_RUNS.length - refused;
  assert(children >= 3, `${children} substreams promised`);
  let sequence = 10;
  const given = () =>
    framesTo(node, "asks", "piece").reduce(
      (sum, { index }) => sum + pieceLength(entryOf(9), index),
      0,
    );
  const play = (segments: number, { published }: { published: boolean }) => {
    const before = given();
    for (let at = 0; at < segments; at++) {
      if (published) network.publish(entryOf(++sequence), { self: ALL_RUNS });
      const { unit } = entryOf(sequence);
      for (let part = 0; part < 20; part++) {
        network.run(SEGMENT_MS / 20);
        say("asks", { type: "want", unit, pieces: ALL_RUNS });
        say("child", { type: "have", standing: NOTHING, maps: [] });
      }
    }
    return ((given() - before) * 1_000) / (segments * SEGMENT_MS);
  };
  play(10, { published: true });
  const left = UPLINK - children * SLOT_RATE;
  const rate = play(20, { published: true });
  assert(rate > 0.8 * left && rate < 1.05 * left, `${rate} of ${left} bytes/s`);
  play(5, { published: false });
  assert(play(10, { published: false }) > 0.85 * UPLINK);
});
