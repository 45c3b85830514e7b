/** Whatever partners, edge and viewer do in whatever order, a few things always hold. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Signal } from "../../../edge/protocol/messages.ts";
import type { PeerFrame, Standing } from "../../../edge/protocol/peer_frames.ts";
import { pieceLength } from "../../../edge/protocol/parity.ts";
import { pieceCount } from "../../../edge/protocol/pieces.ts";
import { unitKey } from "../../../edge/protocol/unit.ts";
import { PROTOCOL_VERSION } from "../../../edge/protocol/version.ts";
import { createEngine } from "../../../web/swarm/engine.ts";
import type { EngineInput, EngineOutput } from "../../../web/swarm/io.ts";
import { ACTIVE, entryOf, type Handle } from "./network.ts";

const PEERS = ["p", "q", "r"];
/** One piece, a few, and enough to fill every window. */
const LENGTHS = [700, 120_000, 1_000_000];
const UNITS = 6;
const entries = Array.from(
  { length: UNITS },
  (_, at) => entryOf(at + 10, LENGTHS[at % 3]!, at % 2 * 2),
);
const GOOD = new Uint8Array([1]);
const BAD = new Uint8Array([0]);
const CAP = 60_000;
const PIECE = 16_384;

const peer = fc.constantFrom(...PEERS);
const entry = fc.constantFrom(...entries);
const indexes = fc.uniqueArray(fc.nat(85), { maxLength: 85 });
const handleOf = fc.record({ good: fc.boolean() });

/** Partners, this peer, and others. */
const someone = fc.constantFrom(...PEERS, "self", "x", "y", "z");
const signal: fc.Arbitrary<Signal> = fc.constantFrom(
  { kind: "offer" as const, sdp: "v=0" },
  { kind: "answer" as const, sdp: "v=0" },
  { kind: "candidate" as const, candidate: "c", mid: null },
);

type Step =
  | { do: "input"; input: EngineInput<Handle> }
  | { do: "pass"; ms: number }
  | { do: "edge"; answers: "well" | "badly" | "not" };

const standing: fc.Arbitrary<Standing> = fc.record({
  rendition: fc.nat(1),
  homes: fc.nat(32),
  spare: fc.subarray(Array.from({ length: 32 }, (_, run) => run)),
  uplink: fc.nat(0xffff),
  lags: fc.uint8Array({ maxLength: 40 }).map((lags) => new Uint8Array(lags)),
});

const frame: fc.Arbitrary<PeerFrame<Handle>> = fc.oneof(
  peer.map((peer) => ({ type: "hello" as const, version: PROTOCOL_VERSION, peer })),
  fc.record({
    type: fc.constantFrom("subscribe" as const, "unsubscribe" as const),
    rendition: fc.nat(1),
    runs: fc.uniqueArray(fc.nat(31), { maxLength: 32 }),
  }),
  fc.tuple(entry, standing).map(([{ unit }, standing]) => ({
    type: "have" as const,
    standing,
    maps: [{ unit, pieces: new Uint8Array(9).fill(0xff) }],
  })),
  fc.record({
    type: fc.constantFrom("want" as const, "cancel" as const, "refuse" as const),
    unit: entry.map(({ unit }) => unit),
    pieces: indexes,
  }),
  fc.tuple(entry, fc.nat(85), handleOf).map(([{ unit }, index, { good }]) => ({
    type: "piece" as const,
    unit,
    index,
    payload: { key: unitKey(unit), index, good },
  })),
  fc.constant({ type: "bye" as const }),
  fc.record({
    type: fc.constant("members" as const),
    room: fc.nat(255),
    members: fc.array(fc.record({ peer: someone, room: fc.nat(255), age: fc.nat(255) }), {
      maxLength: 8,
    }),
  }),
  fc.record({ type: fc.constant("signal" as const), from: someone, to: someone, signal }),
);

const input: fc.Arbitrary<EngineInput<Handle>> = fc.oneof(
  {
    arbitrary: fc.tuple(peer, frame).map(([peer, frame]) => ({
      type: "frame" as const,
      peer,
      frame,
    })),
    weight: 12,
  },
  peer.map((peer) => ({
    type: "frame" as const,
    peer,
    frame: { type: "hello" as const, version: PROTOCOL_VERSION, peer },
  })),
  fc.record({
    type: fc.constantFrom("linkOpen" as const, "linkClosed" as const, "linkOpen" as const),
    peer,
  }),
  fc.record({ type: fc.constant("introduced" as const), peers: fc.array(someone) }),
  fc.record({ type: fc.constant("signal" as const), to: someone, signal }),
  fc.record({ type: fc.constant("signalled" as const), from: someone, signal }),
  fc.record({ type: fc.constant("sent" as const), peer, bytes: fc.nat(200_000) }),
  fc.tuple(entry, fc.boolean(), fc.subarray([0, 1, 2, 3, 4, 5, 6, 7])).map(
    ([entry, live, inject]) => ({ type: "ledger" as const, entry, live, inject, digests: GOOD }),
  ),
  fc.tuple(entry, fc.boolean()).map(
    ([entry, live]) => ({ type: "ledger" as const, entry, live, inject: [] }),
  ),
  fc.record({ type: fc.constant("abandon" as const), demand: fc.nat(20) }),
  fc.record({ type: fc.constant("edge" as const), reachable: fc.boolean() }),
  fc.tuple(
    fc.boolean(),
    fc.boolean(),
    fc.constantFrom("none", "played", "all") as fc.Arbitrary<"none" | "played" | "all">,
  )
    .map(([upload, inject, prefetch]) => ({
      type: "conduct" as const,
      conduct: { prefetch, inject, upload, uploadCap: CAP },
    })),
  entry.map(({ unit, ...rest }) => ({
    type: "held" as const,
    unit,
    digests: GOOD,
    payloads: Array.from({ length: pieceCount(rest) }, (_, index) => ({
      key: unitKey(unit),
      index,
      good: true,
    })),
  })),
  fc.constant({ type: "wake" as const }),
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { arbitrary: input.map((input) => ({ do: "input" as const, input })), weight: 10 },
  {
    arbitrary: fc.tuple(entry, fc.nat(2_000)).map(([{ unit }, ms]) => ({
      do: "input" as const,
      // The stage gives the number and makes the time absolute.
      input: { type: "demand" as const, demand: 0, unit, deadlineMs: ms },
    })),
    weight: 2,
  },
  {
    arbitrary: fc.oneof(fc.nat(300), fc.nat(20_000)).map((ms) => ({ do: "pass" as const, ms })),
    weight: 3,
  },
  fc.constantFrom("well" as const, "badly" as const, "not" as const)
    .map((answers) => ({ do: "edge" as const, answers })),
);

/** What is said has to fit on the wire as it is. */
function checkWords(to: string, frame: PeerFrame<Handle>): void {
  if (frame.type === "members") {
    assert(frame.members.length <= 8);
    assert(frame.members.every(({ peer }) => PEERS.includes(peer) && peer !== to));
    for (const { room, age } of [frame, ...frame.members].map((one) => ({ age: 0, ...one }))) {
      assert([room, age].every((one) => Number.isInteger(one) && one >= 0 && one <= 255));
    }
  }
  if (frame.type === "signal") {
    assert(frame.from === "self" || frame.to === to, "a signal is carried once, and to its end");
  }
  if (frame.type === "subscribe" || frame.type === "unsubscribe") {
    assert(frame.runs.every((run) => Number.isInteger(run) && run >= 0 && run < 32));
    assertEquals(new Set(frame.runs).size, frame.runs.length);
  }
  if (frame.type !== "have") return;
  const { homes, uplink, lags } = frame.standing;
  assert(Number.isInteger(homes) && homes >= 0 && homes <= 32, `${homes} homes`);
  assert(Number.isInteger(uplink) && uplink >= 0 && uplink <= 0xffff, `uplink ${uplink}`);
  assert(lags.length <= 32);
}

/** One engine whose shell is played by the test; partners do only what the steps say. */
function setStage() {
  const engine = createEngine<Handle>({
    self: "self",
    random: () => 0.5,
    conduct: { ...ACTIVE, uploadCap: CAP },
  });
  const waiting: { atMs: number; input: () => EngineInput<Handle> }[] = [];
  const open = new Map<number, number>();
  const lengths = new Map(entries.map((entry) => [unitKey(entry.unit), entry]));
  const checked = new Set<Handle>();
  let edge: "well" | "badly" | "not" = "well";
  let nowMs = 1_000;
  let uploaded = 0;
  let lastDemand = 0;

  const later = (ms: number, input: () => EngineInput<Handle>) =>
    waiting.push({ atMs: nowMs + ms, input });
  const bytesOf = (key: string, index: number) => {
    return pieceLength(lengths.get(key)!, index);
  };

  function handle(input: EngineInput<Handle>): void {
    if (input.type === "demand") {
      input = { ...input, demand: ++lastDemand, deadlineMs: nowMs + input.deadlineMs };
      open.set(lastDemand, 0);
    }
    if (input.type === "abandon") open.delete(input.demand);
    if (input.type === "held") { for (const payload of input.payloads) checked.add(payload); }
    engine.handle(input, nowMs);
    for (let output; (output = engine.poll());) perform(output);
    assert(engine.wakeMs() > nowMs, "a wake that is due already would come again at once");
  }

  function perform(output: EngineOutput<Handle>): void {
    switch (output.type) {
      case "deliver": {
        assertEquals(output.index, open.get(output.demand), "in order, each once");
        assert(checked.has(output.payload) && output.payload.good, "only what was checked");
        open.set(output.demand, output.index + 1);
        if (output.last) open.delete(output.demand);
        return;
      }
      case "decline":
        assert(open.delete(output.demand), "each demand is answered once");
        return;
      case "checkPiece": {
        const { unit, index, payload } = output;
        return void later(1, () => {
          const ok = payload.good && payload.key === unitKey(unit) && payload.index === index;
          if (ok) checked.add(payload);
          return { type: "checkedPiece", unit, index, payload, ok };
        });
      }
      case "code": {
        const { entry: { unit }, index, pieces } = output;
        assert(pieces.every(({ payload }) => checked.has(payload)), "only of what was checked");
        const payload = { key: unitKey(unit), index, good: edge !== "badly" };
        return void later(1, () => ({ type: "coded", unit, index, payload }));
      }
      case "checkDigests": {
        const { unit, digests } = output;
        return void later(
          1,
          () => ({ type: "checkedDigests", unit, digests, ok: digests === GOOD }),
        );
      }
      case "fetchDigests": {
        const { unit } = output.entry;
        if (edge === "not") {
          return void later(5_000, () => ({ type: "fetchedDigests", unit, digests: undefined }));
        }
        const digests = edge === "well" ? GOOD : BAD;
        return void later(30, () => ({ type: "fetchedDigests", unit, digests }));
      }
      case "fetch": {
        const { fetch, entry, pieces } = output;
        const key = unitKey(entry.unit);
        if (edge === "not") {
          return void later(5_000, () => ({ type: "fetchEnded", fetch, result: "failed" }));
        }
        for (let index = pieces.from; index < pieces.to; index++) {
          const payload = { key, index, good: edge === "well" };
          later(30, () => ({ type: "fetchedPiece", fetch, index, payload }));
        }
        return void later(30, () => ({ type: "fetchEnded", fetch, result: "complete" }));
      }
      case "send":
        checkWords(output.peer, output.frame);
        if (output.frame.type !== "piece") return;
        assert(checked.has(output.frame.payload), "only what was checked is passed on");
        uploaded += bytesOf(unitKey(output.frame.unit), output.frame.index);
        assert(
          uploaded <= CAP * (nowMs / 1_000 + 0.25) + PIECE,
          `${uploaded} bytes by ${nowMs} ms`,
        );
        return;
      default:
        return;
    }
  }

  function pass(ms: number): void {
    let wakes = 0;
    for (const endMs = nowMs + ms;;) {
      waiting.sort((a, b) => a.atMs - b.atMs);
      const wakeMs = engine.wakeMs();
      const nextMs = Math.min(waiting[0]?.atMs ?? Infinity, wakeMs);
      if (nextMs > endMs) {
        nowMs = endMs;
        break;
      }
      nowMs = nextMs;
      if (waiting[0]?.atMs === nextMs) handle(waiting.shift()!.input());
      else {
        handle({ type: "wake" });
        assert(++wakes <= 20 + ms / 10, `${wakes} wakes in ${ms} ms`);
      }
    }
  }
  return { handle, pass, open, setEdge: (how: typeof edge) => void (edge = how) };
}

Deno.test("any sequence of inputs: only checked pieces leave the engine, the cap holds, wakes are ahead, and every demand is answered", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 150, size: "max" }), (steps) => {
      const stage = setStage();
      for (const peer of PEERS) {
        stage.handle({ type: "linkOpen", peer });
        stage.handle({
          type: "frame",
          peer,
          frame: { type: "hello", version: PROTOCOL_VERSION, peer },
        });
      }
      for (const step of steps) {
        if (step.do === "input") stage.handle(step.input);
        else if (step.do === "pass") stage.pass(step.ms);
        else stage.setEdge(step.answers);
      }
      stage.setEdge("well");
      stage.handle({ type: "edge", reachable: true });
      stage.pass(15_000);
      assertEquals([...stage.open.keys()], [], "every demand is delivered or declined");
    }),
    { numRuns: 400 },
  );
});
