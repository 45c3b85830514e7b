import type { SwarmInput } from "./io.ts";
import type { SwarmLimits } from "./limits.ts";
import type { Member, SocketId } from "./peer_book.ts";
import { createTokenBucket, type TokenBucket } from "../protocol/token_bucket.ts";

/** An open socket, of a member or of someone who has yet to join. */
export interface Connection {
  readonly socket: SocketId;
  readonly iceServers: readonly string[];
  readonly near: string | undefined;
  readonly openedMs: number;
  heardMs: number;
  /** Messages that were none. */
  junk: number;
  readonly budget: TokenBucket;
  /** What it may ask to be introduced, and to be believed: both cost others something. */
  readonly seeks: TokenBucket;
  readonly accusations: TokenBucket;
  member?: Member;
}

export function openConnection(
  { socket, iceServers, near }: Extract<SwarmInput, { type: "opened" }>,
  limits: SwarmLimits,
  nowMs: number,
): Connection {
  return {
    socket,
    iceServers,
    near,
    openedMs: nowMs,
    heardMs: nowMs,
    junk: 0,
    budget: createTokenBucket(limits.messagesPerSecond, limits.messageBurst, nowMs),
    seeks: createTokenBucket(limits.seeksPerSecond, limits.seekBurst, nowMs),
    accusations: createTokenBucket(limits.accusationsPerSecond, limits.accusationBurst, nowMs),
  };
}

/** Whether nothing can be expected of it any more. */
export function isOverdue(connection: Connection, limits: SwarmLimits, nowMs: number): boolean {
  return connection.member
    ? nowMs - connection.heardMs > limits.silentMs
    : nowMs - connection.openedMs > limits.joinMs;
}
