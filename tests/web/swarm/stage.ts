/** One engine among partners that say and do only what a test makes them: substreams and what is asked for. */
import { assert } from "@std/assert";
import type { PeerFrame, Standing } from "../../../edge/protocol/peer_frames.ts";
import { unitKey } from "../../../edge/protocol/unit.ts";
import {
  ACTIVE,
  createNetwork,
  entryOf,
  type Handle,
  type Node,
  NOTHING,
  outputsOf,
  SEGMENT_MS,
} from "./network.ts";

export const RUNS = entryOf(0).runs;
export const ALL_RUNS = Array.from({ length: RUNS }, (_, run) => run);
/** Bytes/s of one substream. */
export const SLOT_RATE = (entryOf(0).length * 1_000) / SEGMENT_MS / RUNS;
/** A segment of one piece, and so of one run: everybody who has a home is at home in it. */
export const single = (sequence: number) => entryOf(sequence, 16_000);
/** Nobody who was not told again by then is an injector any more, ms. */
export const INJECTOR_MS = 5 * SEGMENT_MS;
type FrameOf<T extends PeerFrame["type"]> = Extract<PeerFrame<Handle>, { type: T }>;

export function framesTo<T extends PeerFrame["type"]>(
  node: Node,
  peer: string,
  type: T,
): FrameOf<T>[] {
  return outputsOf(node, "send").filter((one) => one.peer === peer).map(({ frame }) => frame)
    .filter((frame): frame is FrameOf<T> => frame.type === type);
}

/** The runs that `node` wants of `peer`, as it told last. */
export function wantedOf(node: Node, peer: string): readonly number[] {
  return framesTo(node, peer, "subscribe").at(-1)?.runs ?? [];
}

export function pushed(node: Node, peer: string, sequence: number): number[] {
  return framesTo(node, peer, "piece").filter((one) => one.unit.sequence === sequence)
    .map((one) => one.index);
}

export function stage(conduct = ACTIVE) {
  const network = createNetwork();
  const node = network.add("self", conduct);
  const say = (peer: string, frame: PeerFrame<Handle>) =>
    network.handle(node, { type: "frame", peer, frame });
  const standing = (peer: string, standing: Partial<Standing>) =>
    say(peer, { type: "have", standing: { ...NOTHING, ...standing }, maps: [] });
  return {
    network,
    node,
    say,
    standing,
    partner(peer: string, itsStanding: Partial<Standing> = {}): void {
      network.puppet(node, peer);
      standing(peer, itsStanding);
    },
    /** Lets the node find out what its uplink carries, which is more than any test needs. */
    measure(): void {
      network.publish(entryOf(0), { self: ALL_RUNS });
      network.run(200);
      network.puppet(node, "taker");
      say("taker", { type: "want", unit: entryOf(0).unit, pieces: ALL_RUNS });
      network.run(2 * INJECTOR_MS);
      say("taker", { type: "bye" });
      assert(framesTo(node, "taker", "piece").length === RUNS);
    },
    subscribe: (peer: string, ...runs: number[]) =>
      say(peer, { type: "subscribe", rendition: 0, runs }),
    /** What a parent does. */
    push(peer: string, sequence: number, index = 0): void {
      const { unit } = single(sequence);
      const payload = { key: unitKey(unit), index, good: true };
      say(peer, { type: "piece", unit, index, payload });
    },
    show(peer: string, sequence: number): void {
      const maps = [{ unit: single(sequence).unit, pieces: new Uint8Array([0xff]) }];
      say(peer, { type: "have", standing: NOTHING, maps });
    },
  };
}

export const lag = (...lags: number[]) => ({ lags: new Uint8Array(lags) });
