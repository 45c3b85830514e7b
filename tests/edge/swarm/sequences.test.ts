/** Whatever comes in whatever order, a few things always hold. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { PeerStatus } from "../../../edge/protocol/messages.ts";
import { PROTOCOL_VERSION } from "../../../edge/protocol/version.ts";
import { ALONE, gifts, peerId, SEGMENT_MS, setStage } from "./stage.ts";

const SOCKETS = 8;
/** Nobody is slow before so long, ms: an injector has to hear of its run, fetch it and say so. */
const LEAST_PATIENCE_MS = 500;
const socket = fc.integer({ min: 1, max: SOCKETS });
/** Fewer peer ids than sockets, so that peers come back in their own place. */
const peer = fc.integer({ min: 1, max: 6 }).map(peerId);
const status: fc.Arbitrary<PeerStatus> = fc.record({
  playing: fc.boolean(),
  visible: fc.boolean(),
  uploads: fc.boolean(),
  partners: fc.integer({ min: 0, max: 14 }),
  uplink: fc.nat(10_000_000),
  renditions: fc.constant([0]),
});
const count = fc.nat(1e9);

const message = fc.oneof(
  fc.record({ type: fc.constant("status"), status }),
  fc.record({ type: fc.constant("seek"), want: fc.nat(32), known: fc.array(peer) }),
  fc.record({
    type: fc.constant("signal"),
    to: peer,
    signal: fc.constant({ kind: "offer", sdp: "" }),
  }),
  fc.record({
    type: fc.constant("report"),
    bytes: fc.record({ peers: count, edge: count, cache: count, uploaded: count }),
  }),
  fc.record({
    type: fc.constant("injected"),
    unit: fc.oneof(fc.integer({ min: 1, max: 9 }).map((n) => `1.0.${n}`), fc.string()),
    runs: fc.uniqueArray(fc.nat(40), { maxLength: 32 }),
  }),
  fc.record({ type: fc.constant("accuse"), peer, unit: fc.string() }),
  fc.record({ type: fc.constant("leave") }),
);

type Step =
  | { do: "open" | "close" | "binary"; socket: number }
  | { do: "join"; socket: number; peer: string; status: PeerStatus }
  | { do: "say"; socket: number; text: string }
  | { do: "publish"; pieces: number }
  | { do: "pass"; ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constantFrom("open", "close", "binary"), socket }),
  { arbitrary: fc.record({ do: fc.constant("join"), socket, peer, status }), weight: 4 },
  {
    arbitrary: fc.record({
      do: fc.constant("say"),
      socket,
      text: message.map((m) => JSON.stringify(m)),
    }),
    weight: 4,
  },
  fc.record({ do: fc.constant("say"), socket, text: fc.oneof(fc.string(), fc.json()) }),
  {
    arbitrary: fc.record({ do: fc.constant("publish"), pieces: fc.integer({ min: 1, max: 20 }) }),
    weight: 2,
  },
  fc.record({ do: fc.constant("pass"), ms: fc.nat(15_000) }),
) as fc.Arbitrary<Step>;

Deno.test("any sequence of inputs: watchers are the members, closed sockets hear nothing, runs have one injector that is not slow", () => {
  fc.assert(
    fc.property(fc.integer(), fc.array(step, { maxLength: 120, size: "max" }), (seed, steps) => {
      const stage = setStage({ seed, limits: { peers: 5 } });
      // A socket id is never used again: each opening gets a new one.
      const ids = new Map<number, number>();
      let lastId = 0;
      let sequence = 0;
      const publishedMs = new Map<number, number>();
      const id = (socket: number) => ids.get(socket) ?? 0;

      for (const step of steps) {
        switch (step.do) {
          case "open":
            ids.set(step.socket, ++lastId);
            stage.open(lastId);
            break;
          case "join":
            // On a socket of its own if there is none.
            if (!ids.has(step.socket)) {
              ids.set(step.socket, ++lastId);
              stage.open(lastId);
            }
            stage.say(id(step.socket), {
              type: "join",
              version: PROTOCOL_VERSION,
              peer: step.peer,
              status: step.status,
            });
            break;
          case "close":
            stage.handle({ type: "closed", socket: id(step.socket) });
            break;
          case "binary":
            stage.handle({ type: "binary", socket: id(step.socket) });
            break;
          case "say":
            stage.handle({ type: "text", socket: id(step.socket), text: step.text });
            break;
          case "publish":
            publishedMs.set(++sequence, stage.now());
            stage.publish(sequence, step.pieces);
            break;
          case "pass":
            stage.pass(step.ms);
        }
        checkMembers(stage, lastId);
        checkRuns(stage, lastId, publishedMs);
      }
    }),
    { numRuns: 300 },
  );
});

type Stage = ReturnType<typeof setStage>;

/** That no closed socket is sent anything, the stage sees to: it throws. */
function checkMembers(stage: Stage, lastId: number): void {
  const { joined, eligible } = stage.stats();
  assertEquals(stage.events.at(-1)?.count ?? 0, joined);
  let welcomed = 0;
  for (let id = 1; id <= lastId; id++) {
    const { messages, closed } = stage.box(id);
    if (!closed && messages.some(({ type }) => type === "welcome")) welcomed++;
  }
  assertEquals(joined, welcomed);
  assert(joined <= 5 && eligible <= joined);
}

/**
 * A run is with a second open socket only if the first has not said for a while that it has it, or if it was
 * given to deputies too, which is at the same time.
 */
function checkRuns(stage: Stage, lastId: number, publishedMs: ReadonlyMap<number, number>): void {
  for (const [sequence, atMs] of publishedMs) {
    if (stage.now() - atMs > 2 * SEGMENT_MS) continue;
    const given = new Map<number, number[]>();
    const all = new Map<number, number[]>();
    for (let id = 1; id <= lastId; id++) {
      const box = stage.box(id);
      for (const { run, atMs } of gifts(box, sequence)) {
        all.set(run, [...(all.get(run) ?? []), atMs]);
        if (!box.closed) given.set(run, [...(given.get(run) ?? []), atMs]);
      }
    }
    for (const [run, times] of given) {
      const told = all.get(run)!;
      if (told.some((ms, at) => told.indexOf(ms) < at)) continue;
      times.sort((a, b) => a - b);
      times.forEach((ms, at) => assert(at === 0 || ms - times[at - 1]! >= LEAST_PATIENCE_MS));
    }
  }
}

Deno.test("while somebody eligible stays, no run is ever without a live injector", () => {
  const leaving = fc.uniqueArray(fc.integer({ min: 2, max: 10 }), { minLength: 1 });
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 12 }), leaving, (seed, pieces, gone) => {
      const stage = setStage({ seed });
      const watching = { ...ALONE, partners: 3 };
      for (let id = 1; id <= 10; id++) stage.join(id, watching);
      stage.publish(1, pieces);
      const runs = Math.min(8, pieces);
      for (const id of gone) {
        stage.handle({ type: "closed", socket: id });
        const given: number[] = [];
        for (let id = 1; id <= 10; id++) {
          const { ledger, closed } = stage.box(id);
          if (!closed) given.push(...ledger.at(-1)!.inject);
        }
        assertEquals(
          given.toSorted((a, b) => a - b),
          Array.from({ length: runs }, (_, run) => run),
        );
      }
    }),
  );
});
