/**
 * What origin and swarm say to each other. Serialisable, nothing else passes between the two: they
 * may live in one process, in two Durable Objects, or on both sides of a message broker.
 */
import type { ChannelDescription, ChannelState } from "../protocol/channel.ts";

export type OriginEvent =
  /** A unit of media is in the live window. */
  | {
    type: "published";
    channel: string;
    /** An encoded ledger entry. */
    entry: Uint8Array;
    /** 16 bytes a piece. */
    digests: Uint8Array;
  }
  | { type: "described"; channel: string; description: ChannelDescription }
  | { type: "state"; channel: string; state: ChannelState; detail?: string };

export type SwarmEvent =
  /** How many peers watch; an origin that pulls goes idle some time after this falls to 0. */
  { type: "watchers"; channel: string; count: number };
