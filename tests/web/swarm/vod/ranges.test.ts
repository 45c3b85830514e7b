/** What an element asks for of a file, and where it comes from. */
import { assert, assertEquals } from "@std/assert";
import { PROTOCOL_VERSION } from "../../../../edge/protocol/version.ts";
import {
  createFileNetwork,
  entryOf,
  fetchesOf,
  filmOf,
  framesTo,
  listOf,
  RATE,
  STEP_MS,
  WATCHES,
} from "./network.ts";

const film = filmOf(8);
const PIECE = film.file.pieceBytes;
const indexes = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, at) => from + at);

Deno.test("a range in the middle of a block is delivered in order, and nothing else of it is fetched", () => {
  const network = createFileNetwork(film);
  const node = network.add("a");
  network.ask(node, 7, 3, { from: 20, to: 26 }, 0);
  network.run(3_000);
  assertEquals(
    node.delivered.map(({ demand, index }) => [demand, index]),
    indexes(20, 26).map((i) => [7, i]),
  );
  assertEquals(network.edge.bytes, 6 * PIECE);
  assertEquals(node.log.filter((one) => one.type === "deliver" && one.last).length, 1);
});

Deno.test("where nobody else is, a range comes as by plain HTTP: in one request, at once", () => {
  const network = createFileNetwork(film);
  const node = network.add("a");
  network.ask(node, 1, 0, { from: 10, to: 60 }, 9_000);
  network.run(50);
  assertEquals([network.edge.requests, network.edge.bytes], [1, 50 * PIECE]);
});

Deno.test("a block that has come piece by piece is told of once, when it is whole", () => {
  const network = createFileNetwork(film);
  const node = network.add("a");
  const whole = () => node.log.filter((one) => one.type === "whole");
  network.ask(node, 1, 0, { from: 0, to: 63 }, 0);
  network.run(3_000);
  assertEquals(whole(), []);
  network.ask(node, 2, 0, { from: 40, to: 64 }, 0);
  network.run(3_000);
  assertEquals(whole().map(({ entry }) => entry.offset), [0]);
  assertEquals(whole()[0]!.pieces.map(({ index }) => index), indexes(0, 64));
  // What was there whole from the beginning is stored already.
  network.stock(node, [1]);
  network.run(3_000);
  assertEquals(whole().length, 1);
});

Deno.test("a piece that no partner has is fetched in time, not the block at once", () => {
  const network = createFileNetwork(film);
  const node = network.add("a");
  network.puppet(node, "p");
  network.ask(node, 1, 0, { from: 0, to: 64 }, 0);
  network.run(1_000);
  // Due so far, and what goes with it: the others are due later.
  assert(network.edge.bytes < 48 * PIECE, `${network.edge.bytes / PIECE} pieces`);
  network.run(64 * STEP_MS);
  assertEquals(network.edge.bytes, 64 * PIECE);
  assertEquals(node.delivered.length, 64);
  node.delivered.forEach(({ index, atMs }) => assert(atMs <= index * STEP_MS + 100, `${index}`));
});

Deno.test("different pieces of one block come from several partners at once, and the edge sends none", () => {
  const network = createFileNetwork(film);
  const node = network.add("me");
  for (const id of ["p", "q", "r"]) {
    const other = network.add(id);
    network.stock(other, [2]);
    network.link(node, other);
  }
  network.run(500);
  network.ask(node, 1, 2, { from: 0, to: 32 }, 5_000);
  network.run(60);
  for (const id of ["p", "q", "r"]) {
    assert(
      framesTo(node, id, "want").flatMap(({ pieces }) => pieces).length > 0,
      `${id} was not asked`,
    );
  }
  network.run(8_000);
  assertEquals(node.delivered.map(({ index }) => index), indexes(0, 32));
  assertEquals(network.edge.bytes, 0);
});

Deno.test("what is due first is asked for first", () => {
  const network = createFileNetwork(film);
  const node = network.add("me");
  network.puppet(node, "p");
  network.say(node, "p", { type: "shelf", rendition: 0, epoch: 1, blocks: new Uint8Array([0xff]) });
  network.run(200);
  network.play(node, 1, 40);
  network.run(100);
  const asked = framesTo(node, "p", "want").flatMap(({ unit, pieces }) =>
    pieces.map((index) => unit.sequence * 64 + index)
  );
  assert(asked.length >= 3);
  assertEquals(asked, [...asked].sort((a, b) => a - b));
  assert(asked[0]! - (64 + 40) <= 10, `begins with piece ${asked[0]}`);
});

Deno.test("ahead of the element no more is asked for than the window, and nothing of it from the edge", () => {
  const network = createFileNetwork(film);
  const node = network.add("me");
  const other = network.add("p");
  network.stock(other, [0, 1, 2, 3, 4, 5, 6, 7]);
  network.link(node, other);
  network.run(500);
  network.handle(node, {
    type: "conduct",
    conduct: { prefetch: "played", inject: false, upload: false, uploadCap: 0 },
  });
  network.play(node, 2, 0);
  network.run(1_500);
  const asked = framesTo(node, "p", "want").flatMap(({ unit, pieces }) =>
    pieces.map((index) => (unit.sequence - 2) * 64 + index)
  );
  assert(asked.length > 30);
  asked.forEach((piece) => assert(piece >= 0 && piece <= 11_600 / STEP_MS, `piece ${piece}`));
  assertEquals(network.edge.bytes, 0);
});

Deno.test("a paused element's page asks for nothing ahead", () => {
  const network = createFileNetwork(film);
  const node = network.add("me");
  const other = network.add("p");
  network.stock(other, [0, 1, 2, 3]);
  network.link(node, other);
  network.run(500);
  network.play(node, 1, 0, 0);
  network.run(5_000);
  assertEquals(framesTo(node, "p", "want"), []);
  assertEquals(framesTo(node, "p", "spare"), []);
  network.ask(node, 1, 1, { from: 4, to: 6 }, 3_000);
  network.run(2_000);
  assertEquals(node.delivered.map(({ index }) => index), [4, 5]);
});

Deno.test("a seek takes back what was asked of partners and of the edge, and asks for the new place at once", () => {
  const network = createFileNetwork(film);
  const node = network.add("me");
  network.puppet(node, "p");
  network.say(node, "p", { type: "shelf", rendition: 0, epoch: 1, blocks: new Uint8Array([0xff]) });
  network.run(200);
  network.edge.slowMs = 400;
  network.play(node, 0, 0);
  network.ask(node, 1, 0, { from: 0, to: 64 }, 0);
  network.run(150);
  const before = framesTo(node, "p", "want").flatMap(({ pieces }) => pieces);
  const begun = fetchesOf(node).length;
  assert(before.length > 0 && begun > 0);
  network.handle(node, { type: "abandon", demand: 1 });
  network.play(node, 5, 10);
  network.ask(node, 2, 5, { from: 10, to: 64 }, 0);
  const cancelled = framesTo(node, "p", "cancel").flatMap(({ pieces }) => pieces);
  assertEquals(new Set(cancelled), new Set(before));
  assertEquals(network.edge.cancelled, begun);
  assertEquals(fetchesOf(node).at(-1)!.pieces.from, 10);
  assertEquals(fetchesOf(node).at(-1)!.atMs, network.now());
  network.run(1_000);
  assertEquals(network.edge.bytes % PIECE, 0);
  assert(node.delivered.every(({ demand }) => demand === 2));
});

Deno.test("as the element plays on, what has been asked for stays so", () => {
  const network = createFileNetwork(film);
  const node = network.add("me");
  network.puppet(node, "p");
  network.say(node, "p", { type: "shelf", rendition: 0, epoch: 1, blocks: new Uint8Array([0xff]) });
  network.run(200);
  network.play(node, 0, 0);
  network.run(256);
  network.play(node, 0, 3);
  network.run(50);
  assertEquals(framesTo(node, "p", "cancel"), []);
});

Deno.test("a partner lost in the middle of a block is replaced at the very piece", () => {
  const network = createFileNetwork(film);
  const node = network.add("me");
  const [p, q] = ["p", "q"].map((id) => {
    const other = network.add(id);
    network.stock(other, [0]);
    network.link(node, other);
    return other;
  });
  network.run(500);
  network.ask(node, 1, 0, { from: 0, to: 64 }, 6_000);
  network.run(200);
  network.unlink(node, p!);
  network.run(15_000);
  assertEquals(node.delivered.map(({ index }) => index), indexes(0, 64));
  assertEquals(network.edge.bytes, 0);
  assertEquals(node.engine.totals().received.peers, 64 * PIECE);
  assert(q!.engine.totals().uploaded > 0);
});

Deno.test("a piece that fails its check is not delivered, and its sender is banned and accused", () => {
  const network = createFileNetwork(film);
  const node = network.add("me");
  const liar = network.add("p");
  network.stock(liar, [0]);
  liar.liar = true;
  network.link(node, liar);
  network.run(500);
  network.ask(node, 1, 0, { from: 0, to: 8 }, 2_000);
  network.run(5_000);
  assertEquals(
    node.delivered.map(({ index, payload }) => [index, payload.good]),
    indexes(0, 8).map((i) => [i, true]),
  );
  assertEquals(node.log.filter(({ type }) => type === "accuse").length, 1);
  assertEquals(node.engine.totals().banned, 1);
});

Deno.test("digest lists come from partners where there is time; a false one is found, and its sender banned", () => {
  for (const falseLists of [false, true]) {
    const network = createFileNetwork(film);
    const node = network.add("me");
    const other = network.add("p");
    network.stock(other, [0]);
    other.falseLists = falseLists;
    network.link(node, other);
    network.run(500);
    network.ask(node, 1, 0, { from: 0, to: 8 }, 5_000);
    network.run(8_000);
    assertEquals(node.delivered.length, 8);
    assertEquals(network.edge.lists, falseLists ? 1 : 0);
    assertEquals(node.engine.totals().banned, falseLists ? 1 : 0);
  }
});

Deno.test("a list that a partner has not, or does not send, comes from the edge", () => {
  for (const answer of [new Uint8Array(), listOf(3), undefined]) {
    const network = createFileNetwork(film);
    const node = network.add("me");
    network.puppet(node, "p");
    network.say(node, "p", {
      type: "shelf",
      rendition: 0,
      epoch: 1,
      blocks: new Uint8Array([0xff]),
    });
    network.run(200);
    network.ask(node, 1, 0, { from: 0, to: 8 }, 5_000);
    network.run(60);
    assertEquals(framesTo(node, "p", "lists").length, 1);
    const { unit } = entryOf(film, 0);
    if (answer) {
      network.say(node, "p", { type: "digests", unit, digests: answer });
      assertEquals(network.edge.lists, 1);
    }
    network.run(8_000);
    assertEquals(network.edge.lists, 1);
    assertEquals(node.delivered.length, 8);
  }
});

Deno.test("with the edge away a film goes on from partners, and what nobody has is told to the network", () => {
  const network = createFileNetwork(film);
  const node = network.add("me");
  const other = network.add("p");
  network.stock(other, [0]);
  network.link(node, other);
  network.run(500);
  network.edge.away = true;
  network.handle(node, { type: "edge", reachable: false });
  network.ask(node, 1, 0, { from: 0, to: 64 }, 0);
  network.run(10_000);
  assertEquals(node.delivered.length, 64);
  network.handle(node, { type: "edge", reachable: true });
  network.ask(node, 2, 1, { from: 0, to: 64 }, 0);
  network.run(10_000);
  assertEquals(node.declined.map(({ demand }) => demand), [2]);
});

Deno.test("what is not in the index, or no range of its block, is the network's", () => {
  const network = createFileNetwork(film);
  const node = network.add("me");
  network.ask(node, 1, 8, { from: 0, to: 1 }, 0);
  network.ask(node, 2, 0, { from: 3, to: 3 }, 0);
  network.ask(node, 3, 0, { from: 0, to: 65 }, 0);
  network.ask(node, 4, 0, { from: -1, to: 1 }, 0);
  assertEquals(node.declined.map(({ demand }) => demand), [1, 2, 3, 4]);
});

Deno.test("of many who wait for what nobody has, few fetch it for the others", () => {
  const network = createFileNetwork(film);
  const nodes = Array.from(
    { length: 12 },
    (_, at) => network.add(`n${String(at).padStart(2, "0")}`),
  );
  for (const [at, a] of nodes.entries()) for (const b of nodes.slice(at + 1)) network.link(a, b);
  for (const node of nodes) network.handle(node, { type: "audience", count: 12 });
  network.run(1_000);
  for (const node of nodes) {
    network.play(node, 3, 0);
    network.ask(node, 1, 3, { from: 0, to: 64 }, 6_000);
  }
  network.run(20_000);
  for (const node of nodes) assertEquals(node.delivered.length, 64);
  const copies = network.edge.bytes / (64 * PIECE);
  assert(copies < 5, `${copies} copies`);
});

Deno.test("who cannot bring a piece in time is asked for a later one instead", () => {
  const network = createFileNetwork(film);
  const node = network.add("me");
  network.puppet(node, "slow");
  const blocks = new Uint8Array([0xff]);
  network.say(node, "slow", { type: "shelf", rendition: 0, epoch: 1, blocks });
  network.run(200);
  // What it was asked for takes it a second and a half, again and again.
  const ask = (demand: number, inMs: number) =>
    network.ask(node, demand, 0, { from: 8 * demand, to: 8 * demand + 8 }, inMs);
  for (let demand = 0; demand < 5; demand++) {
    ask(demand, 20_000);
    network.run(60);
    network.run(900);
    for (const { unit, pieces } of framesTo(node, "slow", "want").slice(-1)) {
      for (const index of pieces) {
        const payload = { key: "1.0.0", index, good: true };
        network.say(node, "slow", { type: "piece", unit, index, payload });
      }
    }
  }
  const before = framesTo(node, "slow", "want").length;
  network.ask(node, 9, 1, { from: 0, to: 64 }, 600);
  network.run(100);
  const asked = framesTo(node, "slow", "want").slice(before).flatMap(({ unit, pieces }) =>
    unit.sequence === 1 ? pieces : []
  );
  assert(asked.length > 0);
  assert(asked.every((index) => index >= 3), `asked for ${asked}`);
});

Deno.test("what is due later does not fill a partner's row", () => {
  const network = createFileNetwork(film);
  const node = network.add("me");
  network.puppet(node, "p");
  const blocks = new Uint8Array([0xff]);
  network.say(node, "p", { type: "shelf", rendition: 0, epoch: 1, blocks });
  network.run(200);
  network.ask(node, 1, 0, { from: 0, to: 64 }, 8_000);
  network.run(150);
  assertEquals(framesTo(node, "p", "want").flatMap(({ pieces }) => pieces).length, 3);
});

Deno.test("those who can give more seek more partners, unless the shell says how many", () => {
  const wants = [0, 3 * RATE].map((uploadCap) => {
    const network = createFileNetwork(film);
    const node = network.add("me", { ...WATCHES, uploadCap });
    network.stock(node, [0]);
    network.puppet(node, "p");
    const { unit } = entryOf(film, 0);
    // Its uplink is measured as it gives.
    for (let index = 0; index < 60; index++) {
      network.say(node, "p", { type: "want", unit, pieces: [index] });
      network.run(50);
    }
    network.run(16_000);
    return node.log.flatMap((one) => one.type === "seek" ? [one.want] : []).at(-1)!;
  });
  assert(wants[1]! > wants[0]! + 5, `${wants}`);
  const network = createFileNetwork(film);
  const node = network.add("me", { ...WATCHES, partners: 3 });
  network.run(100);
  assertEquals(node.log.flatMap((one) => one.type === "seek" ? [one.want] : []), [3]);
});

Deno.test("pieces that nobody is asked for are fetched some together", () => {
  const network = createFileNetwork(film);
  const node = network.add("me");
  network.puppet(node, "p");
  network.ask(node, 1, 0, { from: 0, to: 64 }, 0);
  network.run(12_000);
  assertEquals(node.delivered.length, 64);
  assert(network.edge.requests <= 64 / 3, `${network.edge.requests} requests`);
});

Deno.test("a list that the edge failed to give is asked for again", () => {
  const network = createFileNetwork(film);
  const node = network.add("me");
  network.puppet(node, "p");
  network.say(node, "p", { type: "shelf", rendition: 0, epoch: 1, blocks: new Uint8Array([0xff]) });
  network.run(200);
  network.ask(node, 1, 0, { from: 0, to: 2 }, 4_000);
  network.run(50);
  const { unit } = entryOf(film, 0);
  for (const index of [0, 1]) {
    const payload = { key: "1.0.0", index, good: true };
    network.say(node, "p", { type: "piece", unit, index, payload });
  }
  network.edge.away = true;
  network.say(node, "p", { type: "digests", unit, digests: new Uint8Array() });
  network.run(100);
  network.edge.away = false;
  network.run(4_000);
  assertEquals(node.delivered.length, 2);
  assertEquals(network.edge.bytes, 0);
});

Deno.test("a list that nobody asked for is passed over, and harms nobody", () => {
  const network = createFileNetwork(film);
  const node = network.add("me");
  for (const peer of ["p", "q"]) network.puppet(node, peer);
  const blocks = new Uint8Array([0xff]);
  network.say(node, "p", { type: "shelf", rendition: 0, epoch: 1, blocks });
  network.run(200);
  network.ask(node, 1, 0, { from: 0, to: 8 }, 5_000);
  const { unit } = entryOf(film, 0);
  network.say(node, "q", { type: "digests", unit, digests: new Uint8Array(1_024) });
  network.run(50);
  assertEquals(node.log.filter(({ type }) => type === "checkDigests"), []);
});

Deno.test("what was asked for and is given up is taken back, without a seek too", () => {
  const network = createFileNetwork(film);
  const node = network.add("me");
  network.puppet(node, "p");
  const blocks = new Uint8Array([0xff]);
  network.say(node, "p", { type: "shelf", rendition: 0, epoch: 1, blocks });
  network.run(200);
  network.ask(node, 1, 2, { from: 0, to: 3 }, 8_000);
  network.run(50);
  network.handle(node, { type: "abandon", demand: 1 });
  const pieces = framesTo(node, "p", "cancel").flatMap(({ pieces }) => pieces);
  assertEquals(pieces.sort(), [0, 1, 2]);
});

Deno.test("what a silent partner showed is fetched as what nobody has", () => {
  const firstFetchMs = (silent: boolean) => {
    const network = createFileNetwork(film);
    const node = network.add("me");
    network.puppet(node, "p");
    const peer = silent ? "silent" : "p";
    if (silent) {
      network.handle(node, { type: "linkOpen", peer });
      network.say(node, peer, { type: "hello", version: PROTOCOL_VERSION, peer });
    }
    const blocks = new Uint8Array([0xff]);
    network.say(node, peer, { type: "shelf", rendition: 0, epoch: 1, blocks });
    network.run(1_600);
    const askedMs = network.now();
    network.ask(node, 1, 0, { from: 0, to: 2 }, 3_000);
    network.run(3_200);
    return fetchesOf(node)[0]!.atMs - askedMs;
  };
  assert(firstFetchMs(true) <= 1_600, `${firstFetchMs(true)} ms`);
  assert(firstFetchMs(false) >= 2_500, `${firstFetchMs(false)} ms`);
});

Deno.test("what a partner was asked for is not fetched along with what is due before it", () => {
  const network = createFileNetwork(film);
  const node = network.add("me");
  network.puppet(node, "p");
  const blocks = new Uint8Array([0xff]);
  network.say(node, "p", { type: "shelf", rendition: 0, epoch: 1, blocks });
  network.run(200);
  network.ask(node, 1, 0, { from: 0, to: 3 }, 900);
  network.run(600);
  const asked = framesTo(node, "p", "want").flatMap(({ pieces }) => pieces);
  assertEquals(asked, [0, 1, 2]);
  assertEquals(fetchesOf(node).map(({ pieces }) => pieces), [{ from: 0, to: 1 }]);
});

Deno.test("lists are given to who asks, but no flood of them, and none by who gives nothing", () => {
  const given = (upload: boolean) => {
    const network = createFileNetwork(film);
    const node = network.add("me", { ...WATCHES, upload });
    network.stock(node, [0, 1]);
    network.puppet(node, "p");
    network.run(1_000);
    const units = Array.from({ length: 12 }, () => entryOf(film, 1).unit);
    network.say(node, "p", { type: "lists", units });
    network.say(node, "p", { type: "lists", units });
    const lists = framesTo(node, "p", "digests");
    network.run(1_000);
    network.say(node, "p", { type: "lists", units });
    return [lists.length, framesTo(node, "p", "digests").length, lists[0]!.digests.length];
  };
  assertEquals(given(true), [16, 28, 1_024]);
  assertEquals(given(false), [16, 28, 0]);
});
