/** Whatever comes in whatever order: nothing throws, and the laws hold. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { PeerFrame } from "../../../../edge/protocol/peer_frames.ts";
import type { Handle } from "../network.ts";
import { createFileNetwork, filmOf, RATE, WATCHES } from "./network.ts";

const film = filmOf(4);

const block = fc.nat(4);
const unit = fc.record({
  epoch: fc.constantFrom(1, 2),
  rendition: fc.constantFrom(0, 1),
  sequence: block,
  part: fc.constantFrom(255, 0),
});
const pieces = fc.array(fc.nat(70), { maxLength: 6 });
const payload = fc.record({
  key: fc.constantFrom("1.0.0", "1.0.1"),
  index: fc.nat(64),
  good: fc.boolean(),
});
const bits = (most: number) =>
  fc.uint8Array({ maxLength: most }).map((array) => new Uint8Array(array));
const standing = fc.record({
  rendition: fc.nat(1),
  homes: fc.nat(2),
  uplink: fc.nat(4_000),
  spare: fc.array(fc.nat(31), { maxLength: 3 }),
  lags: bits(2),
});

/** What a partner may say, sense or not. */
const frame: fc.Arbitrary<PeerFrame<Handle>> = fc.oneof(
  fc.record({
    type: fc.constant("shelf" as const),
    rendition: fc.nat(1),
    epoch: fc.constantFrom(1, 2),
    blocks: fc.oneof(bits(3), fc.constant(new Uint8Array(9_000).fill(255))),
  }),
  fc.record({
    type: fc.constant("have" as const),
    standing,
    maps: fc.array(fc.record({ unit, pieces: bits(9) }), { maxLength: 3 }),
  }),
  fc.record({
    type: fc.constantFrom("want" as const, "spare" as const, "cancel" as const, "refuse" as const),
    unit,
    pieces,
  }),
  fc.record({ type: fc.constant("piece" as const), unit, index: fc.nat(70), payload }),
  fc.record({ type: fc.constant("lists" as const), units: fc.array(unit, { maxLength: 3 }) }),
  fc.record({ type: fc.constant("digests" as const), unit, digests: bits(1_100) }),
  fc.record({ type: fc.constant("subscribe" as const), rendition: fc.nat(1), runs: pieces }),
);

type Step =
  | { do: "say"; peer: "p" | "q"; frame: PeerFrame<Handle> }
  | { do: "ask"; block: number; from: number; count: number; inMs: number }
  | { do: "play"; block: number; index: number; paused: boolean }
  | { do: "abandon"; demand: number }
  | { do: "conduct"; upload: boolean; prefetch: "none" | "played" | "all" }
  | { do: "edge"; away: boolean }
  | { do: "lose" }
  | { do: "run"; ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant("say" as const),
    peer: fc.constantFrom("p" as const, "q" as const),
    frame,
  }),
  fc.record({
    do: fc.constant("ask" as const),
    block,
    from: fc.nat(63),
    count: fc.integer({ min: 0, max: 70 }),
    inMs: fc.integer({ min: -1_000, max: 9_000 }),
  }),
  fc.record({
    do: fc.constant("play" as const),
    block,
    index: fc.nat(63),
    paused: fc.boolean(),
  }),
  fc.record({ do: fc.constant("abandon" as const), demand: fc.nat(20) }),
  fc.record({
    do: fc.constant("conduct" as const),
    upload: fc.boolean(),
    prefetch: fc.constantFrom("none" as const, "played" as const, "all" as const),
  }),
  fc.record({ do: fc.constant("edge" as const), away: fc.boolean() }),
  fc.record({ do: fc.constant("lose" as const) }),
  fc.record({ do: fc.constant("run" as const), ms: fc.nat(3_000) }),
);

Deno.test("after any inputs what is asked for comes, in order, checked and once, or is told to the network", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const network = createFileNetwork(film);
      const node = network.add("me", WATCHES, 2 * 1024 * 1024);
      const other = network.add("other");
      network.stock(other, [0, 2]);
      network.puppet(node, "p");
      network.puppet(node, "q");
      network.link(node, other);
      const asked = new Map<number, { block: number; from: number; to: number }>();
      const given = new Set<number>();
      for (const one of steps) {
        switch (one.do) {
          case "say":
            network.say(node, one.peer, one.frame);
            break;
          case "ask": {
            const to = one.from + one.count;
            asked.set(asked.size, { block: one.block, from: one.from, to });
            network.ask(node, asked.size - 1, one.block, { from: one.from, to }, one.inMs);
            break;
          }
          case "play":
            network.play(node, one.block, one.index, one.paused ? 0 : RATE);
            break;
          case "abandon":
            given.add(one.demand);
            network.handle(node, { type: "abandon", demand: one.demand });
            break;
          case "conduct":
            network.handle(node, { type: "conduct", conduct: { ...WATCHES, ...one } });
            break;
          case "edge":
            network.edge.away = one.away;
            network.handle(node, { type: "edge", reachable: !one.away });
            break;
          case "lose":
            network.unlink(node, other);
            break;
          case "run":
            network.run(one.ms);
        }
      }
      network.edge.away = false;
      network.handle(node, { type: "edge", reachable: true });
      network.run(40_000);
      for (const [demand, { from, to }] of asked) {
        const got = node.delivered.filter((one) => one.demand === demand);
        assertEquals(got.map(({ index }) => index), got.map((_, at) => from + at));
        assert(got.every(({ payload, index }) => payload.good && payload.index === index));
        const declined = node.declined.some((one) => one.demand === demand);
        if (!given.has(demand) && !declined) assertEquals(got.length, to - from);
      }
      // Nothing unchecked is passed on.
      for (const one of node.log) {
        if (one.type === "send" && one.frame.type === "piece") assert(one.frame.payload.good);
      }
      const { partners } = node.engine.totals();
      assert(partners <= 3);
    }),
    { numRuns: 150 },
  );
});
