/** Who pushes which substream to whom: parents chosen, left and refused, children served and let go. */
import { assert, assertEquals } from "@std/assert";
import { isHome } from "../../../edge/protocol/homes.ts";
import { runSpan } from "../../../edge/protocol/pieces.ts";
import { unitKey } from "../../../edge/protocol/unit.ts";
import { ACTIVE, createNetwork, entryOf, NOTHING, outputsOf, SEGMENT_MS } from "./network.ts";
import {
  ALL_RUNS,
  framesTo,
  lag,
  pushed,
  RUNS,
  single,
  SLOT_RATE,
  stage,
  wantedOf,
} from "./stage.ts";

/** A parent is left for a better one within this, but never before the least. */
const LEAST_COOL_DOWN_MS = 3_000;
const MOST_COOL_DOWN_MS = 20_000;

/** A peer id that is at home in a run, or is not. */
function named(run: number, runs: number, home: boolean, skip = 0): string {
  for (let at = 0;; at++) {
    const peer = `peer-${at}`;
    if (isHome(peer, run, runs, 1) === home && skip-- === 0) return peer;
  }
}

/** Where "self" is at home. */
const HOME = ALL_RUNS.find((run) => isHome("self", run, RUNS, 1))!;

Deno.test("a child is pushed what it subscribed to, each piece once, and nothing else", () => {
  const { network, node, partner, subscribe, measure } = stage();
  measure();
  partner("child");
  partner("other");
  const runs = [HOME, (HOME + 1) % RUNS].sort();
  subscribe("child", ...runs);
  network.publish(entryOf(2), { self: ALL_RUNS });
  network.run(SEGMENT_MS);
  const pieces = (wanted: number[]) =>
    wanted.flatMap((run) => {
      const { from, to } = runSpan(entryOf(2), run);
      return Array.from({ length: to - from }, (_, at) => from + at);
    });
  assertEquals(pushed(node, "child", 2).sort(), pieces(runs));
  assertEquals(framesTo(node, "child", "unsubscribe"), []);
  subscribe("child", HOME);
  network.publish(entryOf(3), { self: ALL_RUNS });
  network.run(SEGMENT_MS);
  assertEquals(pushed(node, "child", 3), pieces([HOME]), "a new subscription replaces the old one");
  subscribe("child");
  network.publish(entryOf(4), { self: ALL_RUNS });
  network.run(SEGMENT_MS);
  assertEquals(pushed(node, "child", 4), []);
  assertEquals(framesTo(node, "other", "piece"), []);
});

Deno.test("a child that comes in the middle of a segment gets what is here of it, but for what it shows", () => {
  const { network, node, partner, subscribe, say, measure } = stage();
  measure();
  partner("child");
  network.publish(entryOf(1), { self: ALL_RUNS });
  network.run(SEGMENT_MS / 4);
  const shown = new Uint8Array([0x80 >> HOME]);
  const next = (HOME + 1) % RUNS;
  say("child", {
    type: "have",
    standing: NOTHING,
    maps: [{ unit: entryOf(1).unit, pieces: shown }],
  });
  subscribe("child", HOME, next);
  network.run(SEGMENT_MS / 4);
  assertEquals(pushed(node, "child", 1), [next]);
});

Deno.test("who has a substream soonest is asked to push it, and has to be there", () => {
  const { network, node, partner } = stage();
  partner("idle", lag(255));
  network.publish(single(1));
  network.run(1_000);
  assertEquals(framesTo(node, "idle", "subscribe"), [], "it has it not at all");
  partner("slow", lag(100));
  partner("quick", lag(5));
  network.run(1_000);
  assertEquals(wantedOf(node, "quick"), [0]);
  for (const peer of ["slow", "idle"]) assertEquals(framesTo(node, peer, "subscribe"), []);
});

Deno.test("substreams are spread over partners that are alike", () => {
  const { network, node, partner } = stage();
  const peers = ["a", "b", "c", "d"];
  for (const peer of peers) partner(peer, lag(...ALL_RUNS.map(() => 10)));
  network.publish(entryOf(1));
  network.run(1_000);
  assertEquals(peers.map((peer) => wantedOf(node, peer).length), [2, 2, 2, 2]);
  assertEquals(peers.flatMap((peer) => wantedOf(node, peer)).sort(), ALL_RUNS);
});

Deno.test("a parent that refuses is replaced at once, and not asked again for a while", () => {
  const { network, node, partner, say } = stage();
  partner("best", lag(5));
  partner("second", lag(50));
  network.publish(single(1));
  network.run(1_000);
  assertEquals(wantedOf(node, "best"), [0]);
  say("best", { type: "unsubscribe", rendition: 0, runs: [0] });
  network.run(100);
  assertEquals(wantedOf(node, "second"), [0]);
  assertEquals(framesTo(node, "best", "subscribe").length, 1);
  say("second", { type: "unsubscribe", rendition: 0, runs: [0] });
  network.run(1_000);
  assertEquals(framesTo(node, "best", "subscribe").length, 1, "both have refused just now");
  network.run(30_000);
  const asked = ["best", "second"].flatMap((peer) => framesTo(node, peer, "subscribe"));
  assert(asked.length > 2, "later they are asked again");
});

Deno.test("a parent that leaves is replaced", () => {
  const { network, node, partner, say } = stage();
  partner("best", lag(5));
  partner("second", lag(50));
  network.publish(single(1));
  network.run(1_000);
  say("best", { type: "bye" });
  network.run(100);
  assertEquals(wantedOf(node, "second"), [0]);
});

Deno.test("a parent that misses twice is left for another, one that misses once is not", () => {
  const set = stage();
  const { network, node, partner, push, say, show } = set;
  partner("parent", lag(5));
  // So far behind that it is not chosen for being ahead.
  partner("other", lag(250));
  const parentOf = () => ["parent", "other"].filter((peer) => wantedOf(node, peer).length > 0);
  const miss = (sequence: number) => {
    network.publish(single(sequence));
    network.run(100);
    // Nor for showing what the parent lacks.
    say("other", { type: "unsubscribe", rendition: 0, runs: [0] });
    show("other", sequence);
    network.run(2.2 * SEGMENT_MS);
    assertEquals(framesTo(node, "other", "want").at(-1)?.unit.sequence, sequence);
    push("other", sequence);
    network.run(100);
  };
  network.publish(single(1));
  network.run(100);
  push("parent", 1);
  network.run(1_000);
  assertEquals(parentOf(), ["parent"]);
  miss(2);
  assertEquals(parentOf(), ["parent"], "once is no habit");
  network.publish(single(3));
  network.run(100);
  push("parent", 3);
  network.run(1_000);
  miss(4);
  assertEquals(parentOf(), ["parent"], "nor are two with one between them that came");
  miss(5);
  network.run(2_000);
  assertEquals(parentOf(), ["other"]);
  assertEquals(wantedOf(node, "parent"), [], "and it is told so");
});

Deno.test("what is asked of another is cancelled at the parent, and only that", () => {
  const { network, node, partner, say, show } = stage();
  partner("parent", lag(5));
  partner("other", lag(20));
  network.publish(single(1));
  network.run(1_000);
  say("other", { type: "unsubscribe", rendition: 0, runs: [0] });
  show("other", 1);
  network.run(1.7 * SEGMENT_MS);
  assertEquals(framesTo(node, "other", "want")[0]?.pieces, [0]);
  assertEquals(framesTo(node, "parent", "cancel").map(({ unit, pieces }) => ({ unit, pieces })), [
    { unit: single(1).unit, pieces: [0] },
  ]);
});

Deno.test("what is pulled is not asked for while its parent may still push it", () => {
  const { network, node, partner, show } = stage();
  partner("parent", lag(5));
  network.publish(single(1));
  network.run(600);
  assertEquals(wantedOf(node, "parent"), [0]);
  network.publish(single(2));
  show("parent", 2);
  network.run(SEGMENT_MS / 2);
  const asked = framesTo(node, "parent", "want").filter((one) => one.unit.sequence === 2);
  assertEquals(asked, []);
  network.run(2 * SEGMENT_MS);
  assertEquals(framesTo(node, "parent", "want").at(-1)?.unit.sequence, 2, "in the end it is");
});

Deno.test("what a child takes back waits no longer", () => {
  const { network, node, partner, subscribe, say } = stage({ ...ACTIVE, uploadCap: 20_000 });
  partner("child");
  network.publish(entryOf(1));
  subscribe("child", HOME);
  // The cap is used up by what is asked for; then the push has to wait.
  network.publish(entryOf(0), { self: ALL_RUNS });
  network.run(200);
  say("child", { type: "want", unit: entryOf(0).unit, pieces: [0, 1, 2] });
  network.publish(entryOf(1), { self: ALL_RUNS });
  network.run(100);
  const { from } = runSpan(entryOf(1), HOME);
  assertEquals(pushed(node, "child", 1), []);
  say("child", { type: "cancel", unit: entryOf(1).unit, pieces: [from] });
  network.run(20_000);
  assertEquals(pushed(node, "child", 1), []);
});

/**
 * Publishes the segments `from` to `to`, one every 2 s; the parent pushes each `afterMs` later.
 * Answers when each partner was first subscribed to, ms.
 */
function follow(
  { network, node, push }: ReturnType<typeof stage>,
  options: { parent: string; afterMs: number; from: number; to: number },
): Map<string, number> {
  const since = new Map<string, number>();
  let heard = outputsOf(node, "send").length;
  for (let sequence = options.from; sequence < options.to; sequence++) {
    network.publish(single(sequence));
    for (let ms = 0; ms < SEGMENT_MS; ms += 50) {
      if (ms === options.afterMs) push(options.parent, sequence);
      network.run(50);
      const sent = outputsOf(node, "send");
      for (const { peer, frame } of sent.slice(heard)) {
        if (frame.type !== "subscribe" || frame.runs.length === 0 || since.has(peer)) continue;
        since.set(peer, network.now());
      }
      heard = sent.length;
    }
  }
  return since;
}

Deno.test("a parent that lags is left for one that is ahead of it, and not before the cool-down", () => {
  const set = stage();
  set.partner("late", lag(80));
  const chosenMs = follow(set, { parent: "late", afterMs: 1_500, from: 1, to: 2 }).get("late")!;
  set.partner("ahead", lag(10));
  const since = follow(set, { parent: "late", afterMs: 1_500, from: 2, to: 16 });
  const leftMs = since.get("ahead")! - chosenMs;
  assert(leftMs >= LEAST_COOL_DOWN_MS && leftMs <= MOST_COOL_DOWN_MS, `after ${leftMs} ms`);
});

Deno.test("a parent is not left for one that is so little ahead that it would come no sooner from there", () => {
  const set = stage();
  set.partner("parent", lag(31));
  follow(set, { parent: "parent", afterMs: 500, from: 1, to: 2 });
  // 450 ms
  set.partner("ahead", lag(28));
  const since = follow(set, { parent: "parent", afterMs: 500, from: 2, to: 16 });
  assertEquals(since.has("ahead"), false);
});

Deno.test("a child is no parent of the same substream, and a parent no child", () => {
  const { network, node, partner, subscribe, standing, measure } = stage();
  measure();
  partner("child");
  subscribe("child", HOME);
  assertEquals(framesTo(node, "child", "unsubscribe"), []);
  standing("child", lag(...ALL_RUNS.map(() => 1)));
  network.publish(entryOf(1));
  network.run(1_000);
  const wanted = wantedOf(node, "child");
  assertEquals(wanted, ALL_RUNS.filter((run) => run !== HOME));
  subscribe("child", HOME, wanted[0]!);
  assertEquals(framesTo(node, "child", "unsubscribe").flatMap((one) => one.runs), [wanted[0]]);
});

Deno.test("in a mesh no two push the same substream to each other", () => {
  const network = createNetwork(3);
  const nodes = ["a", "b", "c", "d", "e"].map((id) => network.add(id));
  for (const [at, node] of nodes.entries()) {
    for (const other of nodes.slice(at + 1)) network.link(node, other);
  }
  for (let sequence = 1; sequence < 30; sequence++) {
    const runs: Record<string, number[]> = sequence < 15
      ? { a: [0, 1, 2, 3], b: [4, 5, 6, 7] }
      : { c: [0, 1, 2], d: ALL_RUNS };
    network.publish(entryOf(sequence), runs);
    network.run(SEGMENT_MS);
    for (const one of nodes) {
      for (const other of nodes) {
        if (one === other) continue;
        // Two injectors of one run do not know of each other.
        const inject = (run: number) =>
          runs[one.id]?.includes(run) && runs[other.id]?.includes(run);
        const both = pushed(one, other.id, sequence).filter((index) =>
          pushed(other, one.id, sequence).includes(index) && !inject(index)
        );
        assertEquals(both, [], `${one.id} and ${other.id}`);
      }
    }
  }
  for (const node of nodes) assertEquals(node.engine.totals().complete, 29);
});

Deno.test("an injector takes no parent for its run, and has one again when it is not any more", () => {
  const { network, node, partner } = stage();
  partner("parent", lag(...ALL_RUNS.map(() => 1)));
  network.publish(entryOf(1));
  network.run(1_000);
  assertEquals(wantedOf(node, "parent"), ALL_RUNS);
  network.publish(entryOf(2), { self: [2, 5] });
  network.run(1_000);
  const others = ALL_RUNS.filter((run) => run !== 2 && run !== 5);
  assertEquals(wantedOf(node, "parent"), others);
  for (let sequence = 3; sequence < 8; sequence++) {
    network.publish(entryOf(sequence));
    network.run(SEGMENT_MS);
  }
  assertEquals(wantedOf(node, "parent").toSorted(), ALL_RUNS);
});

Deno.test("those who are at home in a substream are sent to before those who only play it", () => {
  const [leaf, home] = [named(HOME, RUNS, false), named(HOME, RUNS, true)];
  const { network, node, partner, subscribe } = stage({ ...ACTIVE, uploadCap: 200_000 });
  for (const peer of [leaf, home]) partner(peer, { homes: 1, uplink: 100 });
  const length = 8 * 64 * 1024;
  network.publish(entryOf(1, length));
  for (const peer of [leaf, home]) subscribe(peer, HOME);
  const to = [leaf, home].filter((peer) => framesTo(node, peer, "unsubscribe").length === 0);
  assertEquals(to, [leaf, home]);
  network.publish(entryOf(1, length), { self: ALL_RUNS });
  network.run(SEGMENT_MS);
  const order = outputsOf(node, "send").filter((one) => one.frame.type === "piece")
    .map((one) => one.peer);
  const pieces = runSpan(entryOf(1, length), HOME).to - runSpan(entryOf(1, length), HOME).from;
  assertEquals(order.slice(0, pieces), Array(pieces).fill(home));
  assertEquals(order.slice(pieces), Array(pieces).fill(leaf));
});

/** Children that only play, as many as are taken. */
function fill({ node, partner, subscribe }: ReturnType<typeof stage>): string[] {
  const taken: string[] = [];
  for (let at = 0; at < 12; at++) {
    const peer = named(HOME, RUNS, false, at);
    partner(peer, { homes: 1, uplink: 10 });
    subscribe(peer, HOME);
    if (framesTo(node, peer, "unsubscribe").length > 0) return taken;
    taken.push(peer);
  }
  throw new Error("nobody was refused");
}

Deno.test("a child of lesser rank makes room for one that passes on, and not the other way round", () => {
  const set = stage({ ...ACTIVE, uploadCap: 3.5 * SLOT_RATE });
  const { network, node, partner, subscribe } = set;
  network.publish(entryOf(1));
  const taken = fill(set);
  assert(taken.length > 0);
  const home = named(HOME, RUNS, true);
  partner(home, { homes: 1, uplink: 1_000 });
  subscribe(home, HOME);
  assertEquals(framesTo(node, home, "unsubscribe"), []);
  const gone = taken.filter((peer) => framesTo(node, peer, "unsubscribe").length > 0);
  assertEquals(gone.length, 1);
  assertEquals(framesTo(node, gone[0]!, "unsubscribe").at(-1)!.runs, [HOME]);
  subscribe(gone[0]!, HOME);
  assertEquals(framesTo(node, gone[0]!, "unsubscribe").length, 2, "it is refused now");
  assertEquals(framesTo(node, home, "unsubscribe"), []);
});

Deno.test("a parent that is not at home gives a leaf's place to one that passes on, and no other place", () => {
  const set = stage({ ...ACTIVE, uploadCap: 3.5 * SLOT_RATE });
  const { network, node, partner, subscribe } = set;
  network.publish(entryOf(1));
  const leaves = fill(set);
  const away = (HOME + 1) % RUNS;
  const refusedOf = (peer: string) =>
    framesTo(node, peer, "unsubscribe").flatMap((one) => one.runs);
  const forwarders = leaves.map((_, at) => named(away, RUNS, true, at));
  for (const peer of forwarders) {
    partner(peer, { homes: 1, uplink: 10 });
    subscribe(peer, away);
    assertEquals(refusedOf(peer), []);
  }
  for (const peer of leaves) assertEquals(refusedOf(peer), [HOME], "one leaf for each");
  const strong = named(away, RUNS, true, leaves.length);
  partner(strong, { homes: 1, uplink: 60_000 });
  subscribe(strong, away);
  assertEquals(refusedOf(strong), [away], "all that are left pass on too");
  const player = named(away, RUNS, false, 20);
  partner(player, { homes: 1, uplink: 60_000 });
  subscribe(player, away);
  assertEquals(refusedOf(player), [away]);
});

Deno.test("a partner that is not at home and has no room is asked by who is at home, if nobody else is there", () => {
  const full = named(HOME, RUNS, false);
  const fast = { ...lag(...ALL_RUNS.map(() => 1)), homes: 1, spare: [] };
  for (const homes of [1, 0]) {
    const { network, node, partner } = stage();
    partner(full, { ...fast, homes });
    network.publish(entryOf(1));
    network.run(900);
    assertEquals(
      wantedOf(node, full),
      homes > 0 ? [HOME] : [],
      "without a home it has no children",
    );
  }
  const { network, node, partner } = stage();
  partner(full, fast);
  partner("roomy", { ...lag(...ALL_RUNS.map(() => 100)), homes: 0, spare: ALL_RUNS });
  network.publish(entryOf(1));
  network.run(900);
  assertEquals(wantedOf(node, full), []);
  assertEquals(wantedOf(node, "roomy").toSorted(), ALL_RUNS);
});

Deno.test("a partner that is not at home is not asked for another's place merely to have things sooner", () => {
  for (const spare of [[], ALL_RUNS]) {
    const { network, node, partner, standing, say } = stage();
    const guest = named(HOME, RUNS, false);
    const standings = new Map([
      ["parent", { ...lag(...ALL_RUNS.map(() => 60)), homes: 0, spare: ALL_RUNS }],
    ]);
    const quick = { ...lag(...ALL_RUNS.map(() => 1)), homes: 1, spare };
    const meet = (peer: string) => {
      partner(peer, standings.get(peer));
      // A puppet that goes on by itself says that it has room.
      network.silence(peer);
    };
    const passHalf = () => {
      for (let beat = 0; beat < 2; beat++) {
        for (const [peer, its] of standings) standing(peer, its);
        network.run(SEGMENT_MS / 4);
      }
    };
    meet("parent");
    for (let sequence = 1; sequence < 10; sequence++) {
      const { unit } = entryOf(sequence);
      const key = unitKey(unit);
      network.publish(entryOf(sequence));
      passHalf();
      const { from, to } = runSpan(entryOf(sequence), HOME);
      for (let index = from; index < to; index++) {
        say("parent", { type: "piece", unit, index, payload: { key, index, good: true } });
      }
      passHalf();
      if (standings.has(guest)) continue;
      assertEquals(wantedOf(node, "parent").includes(HOME), true);
      standings.set(guest, quick);
      meet(guest);
    }
    assertEquals(wantedOf(node, guest).includes(HOME), spare.length > 0);
  }
});

Deno.test("no more is promised to children than there is uplink, whenever they come", () => {
  for (const early of [false, true]) {
    const { network, node, partner, subscribe } = stage({
      ...ACTIVE,
      uploadCap: 5 * SLOT_RATE,
    });
    if (!early) network.publish(entryOf(1));
    const peers = ["a", "b", "c", "d", "e", "f", "g"];
    for (const peer of peers) {
      partner(peer, { homes: 8, uplink: 1_000 });
      subscribe(peer, ...ALL_RUNS);
    }
    if (early) network.publish(entryOf(1));
    network.run(1_000);
    let promised = 0;
    for (const peer of peers) {
      const refused = new Set(framesTo(node, peer, "unsubscribe").flatMap((one) => one.runs));
      promised += RUNS - refused.size;
    }
    assert(promised * SLOT_RATE <= node.engine.totals().uplink, `${promised} substreams, ${early}`);
    if (!early) assert(promised > 0);
  }
});

Deno.test("a peer that does not upload refuses every child, whether it knows the rendition or not", () => {
  const { network, node, partner, subscribe } = stage({ ...ACTIVE, upload: false });
  partner("child");
  subscribe("child", 0);
  assertEquals(framesTo(node, "child", "unsubscribe").map((one) => one.runs), [[0]]);
  network.publish(entryOf(1));
  subscribe("child", 1);
  assertEquals(framesTo(node, "child", "unsubscribe").at(-1)?.runs, [1]);
});

Deno.test("who stops uploading lets its children go", () => {
  const { network, node, partner, subscribe } = stage();
  partner("child");
  network.publish(entryOf(1));
  subscribe("child", HOME);
  network.handle(node, { type: "conduct", conduct: { ...ACTIVE, upload: false } });
  assertEquals(framesTo(node, "child", "unsubscribe").map((one) => one.runs), [[HOME]]);
  network.publish(entryOf(2), { self: ALL_RUNS });
  network.run(SEGMENT_MS);
  assertEquals(framesTo(node, "child", "piece"), []);
});

Deno.test("buffer maps are not told to who shows all of it itself", () => {
  const { network, node, partner, say } = stage();
  partner("has");
  partner("lacks");
  const pieces = new Uint8Array([0xff]);
  const maps = [{ unit: entryOf(1).unit, pieces }];
  network.publish(entryOf(1));
  say("has", { type: "have", standing: NOTHING, maps });
  say("lacks", {
    type: "have",
    standing: NOTHING,
    maps: [{ ...maps[0]!, pieces: pieces.slice() }],
  });
  say("lacks", {
    type: "have",
    standing: NOTHING,
    maps: [{ ...maps[0]!, pieces: new Uint8Array([0xfe]) }],
  });
  network.publish(entryOf(1), { self: ALL_RUNS });
  network.run(2_000);
  const told = (peer: string) => framesTo(node, peer, "have").flatMap((one) => one.maps).length;
  assertEquals(told("has"), 0);
  assertEquals(told("lacks"), 1);
});

Deno.test("standing is told with buffer maps: lags of the runs that came, and none of the others", () => {
  const { network, node, partner } = stage();
  partner("p");
  network.publish(entryOf(1), { self: [0, 1] });
  network.run(1_000);
  const { standing } = framesTo(node, "p", "have").find((one) => one.maps.length > 0)!;
  assertEquals(standing.rendition, 0);
  assertEquals([...standing.lags].map((one) => one === 255), ALL_RUNS.map((run) => run > 1));
  assert(standing.lags[0]! < 10, "it came within a few round trips");
  assert(standing.homes >= 1 && standing.uplink > 0);
});
