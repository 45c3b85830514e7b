/** Parity: made by whoever holds enough, spent when parents leave, and never trusted unchecked. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { PeerFrame } from "../../../edge/protocol/peer_frames.ts";
import { unitKey } from "../../../edge/protocol/unit.ts";
import { UNREST_MS } from "../../../web/swarm/parity.ts";
import {
  ACTIVE,
  createNetwork,
  entryOf,
  type Handle,
  isProbe,
  type Network,
  type Node,
  NOTHING,
  outputsOf,
  SEGMENT_MS,
} from "./network.ts";
import { ALL_RUNS, framesTo, RUNS, wantedOf } from "./stage.ts";

const PARITY_RUNS = 2;
/** Eight runs of one piece each, and two pieces of parity: index and run are the same. */
const entry = (sequence: number) => entryOf(sequence, 120_000, PARITY_RUNS);
const PARITY = Array.from({ length: PARITY_RUNS }, (_, run) => RUNS + run);
const ALL = [...ALL_RUNS, ...PARITY];
/** The way over one link, a check, a look of the engine: what is sent is used by then, ms. */
const SOON_MS = 300;

function piece(sequence: number, index: number, good = true): PeerFrame<Handle> {
  const { unit } = entry(sequence);
  return { type: "piece", unit, index, payload: { key: unitKey(unit), index, good } };
}

/** A peer whose parent in run r is the puppet `pr`, while two more could push parity. */
function stage() {
  const network = createNetwork();
  const node = network.add("self");
  const say = (peer: string, frame: PeerFrame<Handle>) =>
    network.handle(node, { type: "frame", peer, frame });
  const partner = (peer: string, lags: number[]) => {
    network.puppet(node, peer);
    say(peer, { type: "have", standing: { ...NOTHING, lags: new Uint8Array(lags) }, maps: [] });
  };
  for (const run of ALL_RUNS) partner(`p${run}`, ALL_RUNS.map((at) => at === run ? 1 : 255));
  partner("h0", ALL_RUNS.map(() => 250));
  partner("h1", ALL_RUNS.map(() => 250));
  announce(network, 0);
  const push = (sequence: number, runs: readonly number[]) => {
    for (const run of runs) say(`p${run}`, piece(sequence, run));
  };
  push(0, ALL_RUNS);
  network.run(SEGMENT_MS);
  return { network, node, say, push };
}

/** As many parents as there are parity runs say goodbye; another partner takes the place of each. */
function unsettle({ network, say }: ReturnType<typeof stage>): void {
  for (const run of PARITY.map((_, at) => at)) say(`p${run}`, { type: "bye" });
  network.run(SEGMENT_MS);
}

/** A segment is published, and its digest list checked. */
function announce(network: Network, sequence: number): void {
  network.publish(entry(sequence));
  network.run(10);
}

/** A buffer map in which nothing of a segment is missing. */
const showing = (sequence: number) => ({
  unit: entry(sequence).unit,
  pieces: new Uint8Array([0xff]),
});

/** All parity of a segment comes. */
function giveParity({ say }: ReturnType<typeof stage>, sequence: number): void {
  PARITY.forEach((run, at) => say(`h${at}`, piece(sequence, run)));
}

const parityPushers = (node: Node) =>
  PARITY.map((run) =>
    ["h0", "h1", "p2", "p3", "p4", "p5", "p6", "p7"]
      .find((peer) => wantedOf(node, peer).includes(run))
  );

const wants = (node: Node) =>
  outputsOf(node, "send").filter(({ frame }) => frame.type === "want" && !isProbe(frame)).length;

Deno.test("whoever holds any eight pieces makes any piece of parity that is asked for, and with seven refuses", () => {
  fc.assert(
    fc.property(fc.shuffledSubarray(ALL, { minLength: RUNS - 1, maxLength: RUNS }), (held) => {
      const network = createNetwork();
      // Nothing but what partners push comes to it.
      const node = network.add("self", { ...ACTIVE, prefetch: "none" });
      const say = (peer: string, frame: PeerFrame<Handle>) =>
        network.handle(node, { type: "frame", peer, frame });
      network.puppet(node, "giver");
      network.puppet(node, "asker");
      announce(network, 0);
      for (const index of held) say("giver", piece(0, index));
      network.run(10);
      const asked = PARITY.filter((index) => !held.includes(index)).slice(0, 1);
      say("asker", { type: "want", unit: entry(0).unit, pieces: asked });
      network.run(SOON_MS);
      const refused = framesTo(node, "asker", "refuse").flatMap(({ pieces }) => pieces);
      const sent = framesTo(node, "asker", "piece");
      assertEquals(refused, held.length < RUNS ? asked : []);
      assertEquals(sent.map(({ index }) => index), held.length < RUNS ? [] : asked);
      assert(sent.every(({ payload }) => payload.good));
    }),
    { numRuns: 60 },
  );
});

Deno.test("a partner that takes its wish back is not sent the parity that was made for it", () => {
  const network = createNetwork();
  const node = network.add("self");
  network.puppet(node, "asker");
  network.publish(entry(0), { self: ALL_RUNS });
  network.run(SOON_MS);
  for (const type of ["want", "cancel"] as const) {
    const frame = { type, unit: entry(0).unit, pieces: PARITY };
    network.handle(node, { type: "frame", peer: "asker", frame });
  }
  network.run(SOON_MS);
  assertEquals(framesTo(node, "asker", "piece"), []);
});

Deno.test("in a calm mesh nobody subscribes to parity, makes it or sends it", () => {
  const network = createNetwork();
  const nodes = ["a", "b", "c", "d"].map((id) => network.add(id));
  nodes.forEach((one, at) => nodes.slice(at + 1).forEach((other) => network.link(one, other)));
  for (let sequence = 0; sequence < 20; sequence++) {
    network.publish(entry(sequence), { a: ALL_RUNS });
    network.run(SEGMENT_MS);
  }
  for (const node of nodes) {
    assertEquals(node.engine.totals().complete, 20);
    assertEquals(outputsOf(node, "code"), []);
    for (const { frame } of outputsOf(node, "send")) {
      if (frame.type === "piece") assert(frame.index < RUNS);
      if (frame.type === "subscribe") assert(frame.runs.every((run) => run < RUNS));
    }
  }
});

Deno.test("each parent that is lost brings one parity substream more, up to all, until it is calm again", () => {
  const set = stage();
  const { network, node, say } = set;
  assertEquals(parityPushers(node).filter(Boolean).length, 0);
  say("p0", { type: "bye" });
  network.run(SEGMENT_MS);
  assertEquals(parityPushers(node).filter(Boolean).length, 1);
  say("p1", { type: "bye" });
  say("p2", { type: "bye" });
  network.run(SEGMENT_MS);
  assertEquals(parityPushers(node).filter(Boolean).length, PARITY_RUNS);
  network.run(UNREST_MS);
  assertEquals(parityPushers(node).filter(Boolean).length, 0);
});

Deno.test("who has parity children makes it with the last piece that it needs, for those who lack media alone", () => {
  const { network, node, say, push } = stage();
  network.puppet(node, "child");
  network.puppet(node, "full");
  say("child", { type: "subscribe", rendition: 0, runs: [RUNS] });
  say("full", { type: "subscribe", rendition: 0, runs: PARITY });
  announce(network, 1);
  say("full", { type: "have", standing: NOTHING, maps: [showing(1)] });
  push(1, ALL_RUNS.slice(1));
  network.run(SOON_MS);
  assertEquals(outputsOf(node, "code"), []);
  push(1, [0]);
  network.run(SOON_MS);
  assertEquals(outputsOf(node, "code").map(({ index }) => index), [RUNS]);
  assertEquals(framesTo(node, "child", "piece").map(({ index }) => index), [RUNS]);
  assertEquals(framesTo(node, "full", "piece"), []);
  assertEquals(framesTo(node, "child", "unsubscribe"), []);
});

Deno.test("a run that is neither media nor parity is refused", () => {
  const { node, say, network } = stage();
  network.puppet(node, "child");
  say("child", { type: "subscribe", rendition: 0, runs: [RUNS + PARITY_RUNS] });
  assertEquals(framesTo(node, "child", "unsubscribe").map(({ runs }) => runs), [
    [RUNS + PARITY_RUNS],
  ]);
});

Deno.test("where parents push nothing, as many as there is parity, it costs neither a wish, nor a byte of the edge, nor a stall", () => {
  const set = stage();
  const { network, node, say, push } = set;
  unsettle(set);
  const pushers = parityPushers(node);
  const [wished, bytes] = [wants(node), network.edge.bytes];
  announce(network, 2);
  network.demand(node, 7, entry(2).unit, 8_000);
  // Of eight parents two are silent; who pushes parity does.
  push(2, ALL_RUNS.slice(PARITY_RUNS));
  PARITY.forEach((run, at) => say(pushers[at]!, piece(2, run)));
  network.run(SEGMENT_MS);
  assertEquals(node.delivered.filter(({ demand }) => demand === 7).length, RUNS);
  assertEquals(outputsOf(node, "code").map(({ index }) => index).sort(), [0, 1]);
  assertEquals([wants(node), network.edge.bytes], [wished, bytes]);
});

Deno.test("what parity will bring is not asked for, what it will not is", () => {
  for (const lost of [PARITY_RUNS, PARITY_RUNS + 1]) {
    const set = stage();
    const { network, node, say, push } = set;
    unsettle(set);
    // Nobody can push the lost runs any more, and somebody shows them.
    for (const peer of ["h0", "h1", ...ALL_RUNS.map((run) => `p${run}`)]) {
      const runs = ALL_RUNS.slice(0, lost);
      say(peer, { type: "unsubscribe", rendition: 0, runs });
    }
    announce(network, 2);
    push(2, ALL_RUNS.slice(lost));
    const wished = wants(node);
    say("p7", { type: "have", standing: NOTHING, maps: [showing(2)] });
    network.run(SOON_MS);
    assertEquals(wants(node) > wished, lost > PARITY_RUNS, `${lost} lost`);
  }
});

Deno.test("a piece is not rebuilt while its parent is no later than ever", () => {
  const set = stage();
  const { network, node, say, push } = set;
  unsettle(set);
  const last = RUNS - 1;
  const rebuilt = () => outputsOf(node, "code").some(({ index }) => index === last);
  announce(network, 2);
  say("h0", piece(2, 0));
  push(2, ALL_RUNS.slice(2, last));
  giveParity(set, 2);
  network.run(100);
  assertEquals(rebuilt(), false);
  network.run(SEGMENT_MS);
  assertEquals(rebuilt(), true);
});

Deno.test("what is rebuilt is taken back from the partner that was asked for it, and from the edge", () => {
  const set = stage();
  const { network, node, say, push } = set;
  unsettle(set);
  network.edge.slowMs = 5_000;
  announce(network, 2);
  network.demand(node, 7, entry(2).unit, SEGMENT_MS);
  push(2, ALL_RUNS.slice(3));
  say("p7", { type: "have", standing: NOTHING, maps: [showing(2)] });
  // It is asked for the rest and silent; then the edge is, and as slow.
  network.run(SEGMENT_MS - SOON_MS);
  const fetching = outputsOf(node, "fetch").length - outputsOf(node, "cancelFetch").length;
  assert(fetching > 0);
  const asked = framesTo(node, "p7", "want").flatMap(({ pieces }) => pieces);
  const cancelled = () => framesTo(node, "p7", "cancel").flatMap(({ pieces }) => pieces);
  assert(asked.length > 0 && cancelled().length < asked.length);
  say("p7", piece(2, 2));
  giveParity(set, 2);
  network.run(SOON_MS);
  assertEquals(outputsOf(node, "fetch").length, outputsOf(node, "cancelFetch").length);
  assert([0, 1].every((index) => cancelled().includes(index)));
  assertEquals(node.delivered.filter(({ demand }) => demand === 7).length, RUNS);
  assertEquals(network.edge.bytes, 0);
});

Deno.test("parity that can serve nothing any more is not even checked", () => {
  const set = stage();
  const { network, node, push } = set;
  announce(network, 2);
  push(2, ALL_RUNS);
  network.run(10);
  giveParity(set, 2);
  network.run(SOON_MS);
  assert(outputsOf(node, "checkPiece").every(({ index }) => index < RUNS));
});

Deno.test("a parent that falls silent is a loss before it is gone", () => {
  const network = createNetwork();
  const nodes = ["a", "b", "c", "d"].map((id) => network.add(id));
  nodes.forEach((one, at) => nodes.slice(at + 1).forEach((other) => network.link(one, other)));
  const play = (from: number, to: number, injector: string) => {
    for (let sequence = from; sequence < to; sequence++) {
      network.publish(entry(sequence), { [injector]: ALL_RUNS });
      network.run(SEGMENT_MS);
    }
  };
  play(0, 10, "a");
  nodes[0]!.alive = false;
  play(10, 12, "b");
  const subscribed = nodes.slice(1).flatMap((node) => outputsOf(node, "send"))
    .flatMap(({ frame }) => frame.type === "subscribe" ? frame.runs : []);
  assert(subscribed.some((run) => run >= RUNS));
});

Deno.test("a wrong piece is never coded with, and only who sent it is banned", () => {
  const set = stage();
  const { network, node, say, push } = set;
  unsettle(set);
  const [first, second] = parityPushers(node);
  announce(network, 2);
  push(2, ALL_RUNS.slice(PARITY_RUNS));
  say(first!, piece(2, PARITY[0]!, false));
  say(second!, piece(2, PARITY[1]!));
  network.run(SOON_MS);
  assertEquals(outputsOf(node, "accuse").map(({ peer }) => peer), [first]);
  for (const { pieces } of outputsOf(node, "code")) {
    assert(pieces.every(({ payload }) => payload.good));
  }
});

Deno.test("a rebuilt piece that fails its check is no partner's fault: nothing of it is used, and the edge brings the rest", () => {
  const set = stage();
  const { network, node, push } = set;
  unsettle(set);
  node.miscodes = true;
  const partners = node.engine.totals().partners;
  announce(network, 2);
  network.demand(node, 7, entry(2).unit, 8_000);
  push(2, ALL_RUNS.slice(PARITY_RUNS));
  giveParity(set, 2);
  network.run(SEGMENT_MS / 2);
  assert(outputsOf(node, "code").length > 0);
  const { banned, partners: left } = node.engine.totals();
  assertEquals([banned, left, outputsOf(node, "accuse").length], [0, partners, 0]);
  network.run(8_000);
  const delivered = node.delivered.filter(({ demand }) => demand === 7);
  assertEquals(delivered.length, RUNS);
  assert(delivered.every(({ payload }) => payload.good));
});

Deno.test("where the uplink is short, media goes before parity, however early that was made", () => {
  const network = createNetwork();
  const node = network.add("self");
  const say = (peer: string, frame: PeerFrame<Handle>) =>
    network.handle(node, { type: "frame", peer, frame });
  for (const peer of ["lost", "plays"]) network.puppet(node, peer);
  announce(network, 0);
  say("lost", { type: "subscribe", rendition: 0, runs: [RUNS] });
  // It only plays: no media has a lower rank.
  say("plays", { type: "subscribe", rendition: 0, runs: [0] });
  for (const peer of ["lost", "plays"]) assertEquals(framesTo(node, peer, "unsubscribe"), []);
  const uploadCap = 8_000;
  network.handle(node, { type: "conduct", conduct: { ...ACTIVE, uploadCap } });
  for (const sequence of [1, 2, 3]) network.publish(entry(sequence), { self: ALL_RUNS });
  network.run(SOON_MS);
  assertEquals(outputsOf(node, "code").length, 3, "parity waits from now on, as media does");
  network.run(20 * SEGMENT_MS);
  const order = outputsOf(node, "send").flatMap(({ frame }) =>
    frame.type === "piece" ? [frame.index >= RUNS ? "parity" : "media"] : []
  );
  assertEquals(order, ["media", "media", "media", "parity", "parity", "parity"]);
});
