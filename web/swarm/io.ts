import type { LedgerEntry } from "../../edge/protocol/ledger_entry.ts";
import type { Signal } from "../../edge/protocol/messages.ts";
import type { PeerFrame } from "../../edge/protocol/peer_frames.ts";
import type { Span } from "../../edge/protocol/pieces.ts";
import type { Unit } from "../../edge/protocol/unit.ts";

/** What the shell tells the engine. `Payload` is an opaque handle for the bytes of one piece. */
export type EngineInput<Payload> =
  /** A ledger entry, from the edge. `live`: it came as it was published, not as the backlog of a join. */
  | {
    type: "ledger";
    entry: LedgerEntry;
    live: boolean;
    inject: readonly number[];
    digests?: Uint8Array;
  }
  | { type: "linkOpen"; peer: string }
  | { type: "linkClosed"; peer: string }
  | { type: "frame"; peer: string; frame: PeerFrame<Payload> }
  | { type: "junk"; peer: string }
  /** The edge names peers to connect to. */
  | { type: "introduced"; peers: readonly string[] }
  /** A connection of this peer has a signal for another. */
  | { type: "signal"; to: string; signal: Signal }
  /** The edge has brought a signal. */
  | { type: "signalled"; from: string; signal: Signal }
  /** Bytes of pieces have left this machine toward the peer. */
  | { type: "sent"; peer: string; bytes: number }
  /** The element asks for a unit and can wait until `deadlineMs`. */
  | { type: "demand"; demand: number; unit: Unit; deadlineMs: number }
  /** Nobody waits for the demand any more. */
  | { type: "abandon"; demand: number }
  /** One piece of a fetch has come. */
  | { type: "fetchedPiece"; fetch: number; index: number; payload: Payload }
  /** `gone`: the edge does not have it, so asking again is no use. */
  | { type: "fetchEnded"; fetch: number; result: "complete" | "failed" | "gone" }
  | { type: "fetchedDigests"; unit: Unit; digests: Uint8Array | undefined }
  /** A whole unit that came past the engine and has been checked against its ledger entry. */
  | {
    type: "held";
    unit: Unit;
    digests: Uint8Array;
    payloads: readonly Payload[];
  }
  /** What was checked comes back with the answer, which is good for nothing else. */
  | { type: "checkedPiece"; unit: Unit; index: number; payload: Payload; ok: boolean }
  | { type: "checkedDigests"; unit: Unit; digests: Uint8Array; ok: boolean }
  /** What `code` asked for; it is not checked yet. `undefined`: it could not be made. */
  | { type: "coded"; unit: Unit; index: number; payload: Payload | undefined }
  | { type: "conduct"; conduct: Conduct }
  /** How many watch, this peer included, as the edge tells. */
  | { type: "audience"; count: number }
  /** Whether the edge is there, as far as the swarm socket tells. */
  | { type: "edge"; reachable: boolean }
  | { type: "wake" };

/** What this peer does for itself and for others just now; decided by the shell from page and viewer. */
export interface Conduct {
  /**
   * Which segments it takes part in as they are published, ahead of any demand: none, those of the
   * renditions that its element plays, or all of them (a relay, which has no element).
   */
  readonly prefetch: "none" | "played" | "all";
  /** Fetches runs from the edge for the others. */
  readonly inject: boolean;
  /** Gives bytes to partners. */
  readonly upload: boolean;
  /** bytes/s */
  readonly uploadCap: number;
  /** How many partners are sought; by its uplink where it is not said. */
  readonly partners?: number;
}

/** What the engine wants done. */
export type EngineOutput<Payload> =
  | { type: "send"; peer: string; frame: PeerFrame<Payload> }
  /** One single-range request for contiguous pieces of a unit. */
  | {
    type: "fetch";
    fetch: number;
    entry: LedgerEntry;
    pieces: Span;
    /** For the others, or because partners do not bring it. */
    purpose: "inject" | "fallback";
  }
  | { type: "cancelFetch"; fetch: number }
  | { type: "fetchDigests"; entry: LedgerEntry }
  | { type: "checkPiece"; unit: Unit; index: number; payload: Payload; digests: Uint8Array }
  | { type: "checkDigests"; unit: Unit; digests: Uint8Array; root: Uint8Array }
  /** Make a piece, of media or of parity, from others of its column (PROTOCOL.md §2.2). */
  | {
    type: "code";
    entry: LedgerEntry;
    index: number;
    pieces: readonly { readonly index: number; readonly payload: Payload }[];
  }
  /** The next piece for a demand, in order from the first that is wanted, each once. */
  | { type: "deliver"; demand: number; index: number; payload: Payload; last: boolean }
  /** The demand cannot be met here: to the network. */
  | { type: "decline"; demand: number; reason: string }
  | { type: "drop"; peer: string }
  /** Set up a link to this peer: its signals come as inputs. */
  | { type: "connect"; peer: string }
  /** A signal for the edge to carry. */
  | { type: "signal"; to: string; signal: Signal }
  /** A signal for the connection to this peer, whichever way it came. */
  | { type: "signalled"; from: string; signal: Signal }
  /** The partner sent bytes that are not what the ledger names. */
  | { type: "accuse"; peer: string; unit: Unit }
  /** The runs that the edge gave to this peer are here, and passed on. */
  | { type: "injected"; unit: Unit; runs: readonly number[] }
  /** All of a file's block has come, for storage that outlives the page. */
  | { type: "whole"; entry: LedgerEntry; pieces: readonly Payload[] }
  /** More partners are welcome. */
  | { type: "seek"; want: number; known: string[]; silent: string[] };
