import type { OriginEvent, SwarmEvent } from "../origin/events.ts";
import type { ByteReport, ServerMessage } from "../protocol/messages.ts";
import type { SocketId } from "./peer_book.ts";

/** What a swarm is told. */
export type SwarmInput =
  | {
    type: "opened";
    socket: SocketId;
    /** `stun:` URLs that make sense for whoever is behind this socket. */
    iceServers: readonly string[];
    /** Equal for peers of one network; never told to anybody. */
    near?: string | undefined;
  }
  | { type: "text"; socket: SocketId; text: string }
  /** Peers have nothing to say in binary: it is junk whatever it holds. */
  | { type: "binary"; socket: SocketId }
  | { type: "closed"; socket: SocketId }
  | { type: "origin"; event: OriginEvent }
  /** Time has passed; about once a second while sockets are open. */
  | { type: "tick" };

/** What a swarm wants done, in this order. */
export type SwarmOutput =
  | { type: "message"; to: readonly SocketId[]; message: ServerMessage }
  /** An encoded ledger frame. */
  | { type: "ledger"; to: readonly SocketId[]; frame: Uint8Array<ArrayBuffer> }
  /** The swarm knows the socket no longer; its `closed` need not be told. */
  | { type: "close"; socket: SocketId; code: number; reason: string }
  | { type: "event"; event: SwarmEvent };

export interface SwarmStats {
  /** Members. */
  readonly joined: number;
  /** Members that can inject just now. */
  readonly eligible: number;
  /** Bytes of media that members reported since the swarm began; see `ByteReport`. */
  readonly bytes: Readonly<ByteReport>;
  /** Copies of a unit that the edge sends into the swarm through injectors, averaged over 90 s. */
  readonly injectedCopies: number;
  /** Runs given to injectors since the swarm began. */
  readonly injectedRuns: number;
}
