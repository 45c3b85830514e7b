import type { Bitmap } from "../../../edge/protocol/bitmap.ts";
import type { PeerFrame } from "../../../edge/protocol/peer_frames.ts";
import type { Engine, EngineTotals } from "../../../web/swarm/engine.ts";
import type { EngineInput, EngineOutput } from "../../../web/swarm/io.ts";

/** What DONet's nodes say to each other besides hello, want, piece and bye. */
export type DonetFrame =
  /** The sliding window: which pieces the sender has, by unit. Never changed once it is sent. */
  | { type: "bufferMap"; maps: ReadonlyMap<string, Bitmap>; bits: number }
  | { type: "member"; member: MemberMessage };

/** <sequence number, id, number of partners, time to live>: section III-A of the paper. */
export interface MemberMessage {
  readonly sequence: number;
  readonly peer: string;
  /** -1: it has left. */
  readonly partners: number;
  /** Hops that are left. */
  readonly ttl: number;
}

/** What either engine sends in the simulator. */
export type SimFrame<Payload> = PeerFrame<Payload> | DonetFrame;

export type SimInput<Payload> =
  | EngineInput<Payload>
  | { type: "frame"; peer: string; frame: SimFrame<Payload> };

export type SimOutput<Payload> =
  | EngineOutput<Payload>
  | { type: "send"; peer: string; frame: SimFrame<Payload> };

/** What the simulator's viewers run: the engine of `web/swarm`, or DONet. */
export interface SimEngine<Payload> extends Pick<Engine<Payload>, "wakeMs" | "mayJoin"> {
  handle(input: SimInput<Payload>, nowMs: number): void;
  poll(): SimOutput<Payload> | undefined;
  totals(): Pick<EngineTotals, "partners" | "uplink" | "renditions">;
}
