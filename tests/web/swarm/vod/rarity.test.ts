/** Rarest first: what is asked for in spare time, and what it may never hurt. */
import { assert, assertEquals } from "@std/assert";
import { unitKey } from "../../../../edge/protocol/unit.ts";
import { NOTHING } from "../network.ts";
import {
  createFileNetwork,
  entryOf,
  type FileNode,
  filmOf,
  framesTo,
  RATE,
  WATCHES,
} from "./network.ts";

const film = filmOf(8);
const PIECE = film.file.pieceBytes;
/** Blocks as bits, block 0 the highest. */
const shelfOf = (...blocks: number[]) =>
  new Uint8Array([blocks.reduce((bits, block) => bits | (0x80 >> block), 0)]);
const spareBlocks = (node: FileNode, peers: string[]) =>
  new Set(peers.flatMap((peer) => framesTo(node, peer, "spare").map(({ unit }) => unit.sequence)));

const firstSpare = (node: FileNode) =>
  node.log.flatMap((one) =>
    one.type === "send" && one.frame.type === "spare" ? [one.frame] : []
  )[0];

/** One who plays block 0 and has it and what follows, with three partners that have most of the film. */
function playing(conduct = WATCHES) {
  const network = createFileNetwork(film);
  const node = network.add("me", conduct);
  network.stock(node, [0, 1, 2]);
  const shelves = { p: shelfOf(0, 1, 2, 3, 4, 5, 6), q: shelfOf(3, 4, 6), r: shelfOf(3, 4, 6) };
  for (const [peer, blocks] of Object.entries(shelves)) {
    network.puppet(node, peer);
    network.say(node, peer, { type: "shelf", rendition: 0, epoch: 1, blocks });
  }
  return { network, node, peers: Object.keys(shelves) };
}

Deno.test("with uplink to spare, the block that fewest partners have is asked for first, in spare time", () => {
  const { network, node, peers } = playing();
  network.play(node, 0, 0);
  network.run(300);
  assertEquals(firstSpare(node)?.unit.sequence, 5);
  assertEquals(peers.flatMap((peer) => framesTo(node, peer, "want")), []);
});

Deno.test("what partners with little uplink have is rarer than what one with much has", () => {
  const { network, node } = playing();
  const standing = { ...NOTHING, uplink: 1_000 };
  network.say(node, "p", { type: "have", standing, maps: [] });
  network.say(node, "q", { type: "shelf", rendition: 0, epoch: 1, blocks: shelfOf(3, 4, 7) });
  network.play(node, 0, 0);
  network.run(300);
  assertEquals(firstSpare(node)?.unit.sequence, 7);
});

Deno.test("nothing is asked for in spare time by who is paused, gives nothing, or has no element", () => {
  for (
    const [conduct, rate] of [
      [WATCHES, 0],
      [{ ...WATCHES, upload: false }, RATE],
      [{ ...WATCHES, prefetch: "none" }, RATE],
      [WATCHES, undefined],
    ] as const
  ) {
    const { network, node, peers } = playing(conduct);
    if (rate !== undefined) network.play(node, 0, 0, rate);
    network.run(3_000);
    assertEquals(spareBlocks(node, peers), new Set());
  }
});

Deno.test("a relay, which has no element, gets all of a film in spare time", () => {
  const network = createFileNetwork(film);
  const relay = network.add("relay", { ...WATCHES, prefetch: "all", uploadCap: 1e7 });
  const other = network.add("p", { ...WATCHES, uploadCap: 1e7 });
  network.stock(other, [0, 1, 2, 3, 4, 5, 6, 7]);
  network.link(relay, other);
  network.run(120_000);
  assertEquals(relay.engine.totals().complete, 8);
  assertEquals(network.edge.bytes, 0);
});

Deno.test("nothing is asked for in spare time while partners have no time for what plays soon", () => {
  const { network, node, peers } = playing();
  network.play(node, 3, 0);
  network.run(60);
  // They refuse what is wanted, and so have no time.
  for (const peer of peers) {
    for (const { unit, pieces } of framesTo(node, peer, "want")) {
      network.say(node, peer, { type: "refuse", unit, pieces });
    }
  }
  network.run(300);
  assertEquals(spareBlocks(node, peers), new Set());
});

Deno.test("nothing is asked for in spare time while a partner's row is full of what plays soon", () => {
  const network = createFileNetwork(film);
  const node = network.add("me");
  for (const [peer, blocks] of [["p", shelfOf(3)], ["q", shelfOf(5)]] as const) {
    network.puppet(node, peer);
    network.say(node, peer, { type: "shelf", rendition: 0, epoch: 1, blocks });
  }
  network.run(200);
  network.play(node, 3, 0);
  network.run(300);
  assert(framesTo(node, "p", "want").flatMap(({ pieces }) => pieces).length >= 12);
  assertEquals(framesTo(node, "q", "spare"), []);
});

Deno.test("one whose uplink is in use asks for nothing in spare time", () => {
  const { network, node, peers } = playing({ ...WATCHES, uploadCap: 200_000 });
  const { unit } = entryOf(film, 0);
  // Another one takes all that it can give, for a while.
  network.puppet(node, "taker");
  for (let round = 0; round < 80; round++) {
    const pieces = Array.from({ length: 8 }, (_, at) => (round * 8 + at) % 64);
    network.say(node, "taker", { type: "want", unit, pieces });
    network.run(100);
    network.handle(node, { type: "sent", peer: "taker", bytes: 2 * PIECE });
  }
  const before = peers.flatMap((peer) => framesTo(node, peer, "spare")).length;
  assertEquals(before, 0);
  network.play(node, 0, 0);
  network.run(200);
  assertEquals(spareBlocks(node, peers), new Set());
});

Deno.test("a spare piece that has become wanted is asked for again, as that", () => {
  const { network, node, peers } = playing();
  network.play(node, 0, 0);
  network.run(300);
  const [spare] = framesTo(node, "p", "spare");
  network.play(node, 5, 0);
  network.run(300);
  const wanted = peers.flatMap((peer) => framesTo(node, peer, "want")).filter(({ unit }) =>
    unit.sequence === 5
  );
  assert(wanted.flatMap(({ pieces }) => pieces).includes(spare!.pieces[0]!));
});

Deno.test("a partner without time for spare pieces is still asked for what is wanted", () => {
  const { network, node } = playing();
  network.play(node, 0, 0);
  network.run(300);
  const [spare] = framesTo(node, "p", "spare");
  network.say(node, "p", { type: "refuse", unit: spare!.unit, pieces: spare!.pieces });
  const sparesBefore = framesTo(node, "p", "spare").length;
  network.run(1_000);
  assertEquals(framesTo(node, "p", "spare").length, sparesBefore);
  network.play(node, 5, 0);
  network.run(200);
  assert(framesTo(node, "p", "want").length > 0);
  assertEquals(framesTo(node, "p", "spare").length, sparesBefore);
});

Deno.test("wanted pieces go before spare ones, and spare ones are refused where many wait", () => {
  const network = createFileNetwork(film);
  const node = network.add("me", { ...WATCHES, uploadCap: 500_000 });
  network.stock(node, [0, 1]);
  network.puppet(node, "p");
  network.puppet(node, "q");
  network.run(2_000);
  const [first, second] = [entryOf(film, 0).unit, entryOf(film, 1).unit];
  network.say(node, "p", {
    type: "spare",
    unit: first,
    pieces: Array.from({ length: 32 }, (_, at) => at),
  });
  const refused = framesTo(node, "p", "refuse").flatMap(({ pieces }) => pieces);
  assert(refused.length > 16 && refused.length < 32, `${refused.length} refused`);
  network.say(node, "q", { type: "want", unit: second, pieces: [0, 1, 2] });
  const already = node.log.length;
  network.run(1_000);
  const pieces = node.log.slice(already).flatMap((one) =>
    one.type === "send" && one.frame.type === "piece" ? [one.peer] : []
  );
  assertEquals(pieces.slice(0, 4), ["q", "q", "q", "p"]);
});

Deno.test("of what is kept too much, that goes which most partners have, then what is unused for longest", () => {
  const network = createFileNetwork(film);
  const node = network.add("me", { ...WATCHES, upload: true }, 4 * 64 * PIECE);
  network.puppet(node, "p");
  network.puppet(node, "q");
  network.say(node, "p", { type: "shelf", rendition: 0, epoch: 1, blocks: shelfOf(2) });
  network.stock(node, [0, 1, 2, 3]);
  network.run(2_000);
  // Block 4 comes from the edge, piece by piece, as it is asked for.
  network.ask(node, 1, 4, { from: 0, to: 64 }, 0);
  network.play(node, 4, 0);
  network.run(12_000);
  assertEquals(node.delivered.length, 64);
  assertEquals(node.engine.totals().complete, 4);
  const told = framesTo(node, "q", "have").flatMap(({ maps }) => maps)
    .filter(({ pieces }) => pieces.length === 0).map(({ unit }) => unit.sequence);
  assertEquals(told, [2]);
  network.say(node, "q", { type: "want", unit: entryOf(film, 2).unit, pieces: [0] });
  assertEquals(framesTo(node, "q", "refuse").length, 1);
});

Deno.test("what is played stays longer than what is not", () => {
  const network = createFileNetwork(film);
  const node = network.add("me", WATCHES, 3 * 64 * PIECE);
  network.stock(node, [0, 1, 2]);
  network.play(node, 0, 0);
  network.run(500);
  network.play(node, 5, 0);
  network.ask(node, 1, 5, { from: 0, to: 64 }, 0);
  network.run(12_000);
  assertEquals(node.engine.totals().complete, 3);
  const has = (block: number) => {
    network.ask(node, 10 + block, block, { from: 0, to: 1 }, 90_000);
    return node.delivered.some(({ demand }) => demand === 10 + block);
  };
  // Blocks 0 and 1 were in the window, block 2 never.
  assertEquals([0, 1, 2, 5].map(has), [true, true, false, true]);
});

Deno.test("a partner that lets a block go hears again of who has it, and who has it is not told", () => {
  const network = createFileNetwork(film);
  const node = network.add("me");
  network.stock(node, [4]);
  network.puppet(node, "p");
  network.run(1_500);
  const told = () =>
    framesTo(node, "p", "have").flatMap(({ maps }) => maps).map(({ unit }) => unit.sequence);
  const { unit } = entryOf(film, 4);
  const have = (pieces: Uint8Array) =>
    network.say(node, "p", { type: "have", standing: NOTHING, maps: [{ unit, pieces }] });
  have(new Uint8Array(8).fill(255));
  network.run(1_500);
  assertEquals(told(), []);
  network.stock(node, [5]);
  network.say(node, "p", { type: "shelf", rendition: 0, epoch: 1, blocks: shelfOf(4, 5) });
  network.run(1_500);
  assertEquals(told(), []);
  have(new Uint8Array());
  network.run(1_500);
  assertEquals(told(), [4]);
});

Deno.test("partners hear of all blocks by one shelf, then of what changes by maps", () => {
  const network = createFileNetwork(film);
  const [a, b] = [network.add("a"), network.add("b")];
  network.stock(a, [1, 3]);
  network.link(a, b);
  network.run(1_500);
  assertEquals(framesTo(a, "b", "shelf").map(({ blocks }) => [...blocks]), [[0x50]]);
  network.stock(a, [4]);
  network.run(1_500);
  const maps = framesTo(a, "b", "have").flatMap(({ maps }) => maps);
  assertEquals(maps.map(({ unit }) => unitKey(unit)), ["1.0.4"]);
  network.ask(b, 1, 4, { from: 0, to: 4 }, 5_000);
  network.run(3_000);
  assertEquals(b.delivered.length, 4);
  assertEquals(network.edge.bytes, 0);
  const shelves = framesTo(a, "b", "shelf").length;
  network.handle(a, { type: "conduct", conduct: { ...WATCHES, upload: false } });
  network.run(100);
  assertEquals(framesTo(a, "b", "shelf").length, shelves + 1);
  assertEquals([...framesTo(a, "b", "shelf").at(-1)!.blocks], [0]);
});

Deno.test("a new epoch of the file takes the old one's place, and an older one is passed over", () => {
  const network = createFileNetwork(film);
  const node = network.add("me");
  network.stock(node, [0, 1]);
  network.handle(node, { type: "file", index: filmOf(8, 2), from: 0 });
  assertEquals(node.engine.totals().complete, 0);
  network.handle(node, { type: "file", index: film, from: 0 });
  network.ask(node, 1, 0, { from: 0, to: 1 }, 0);
  assertEquals(node.declined.length, 1);
});
