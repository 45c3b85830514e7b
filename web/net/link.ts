import type { PeerFrame } from "../../edge/protocol/peer_frames.ts";

/** A way to a partner: a data channel, or a BroadcastChannel between tabs. */
export interface Link {
  /** The partner's peer id. */
  readonly peer: string;
  send(frame: PeerFrame): void;
  close(): void;
}

/** What a link tells its owner. */
export interface LinkEvents {
  open(link: Link): void;
  frame(link: Link, frame: PeerFrame): void;
  /** Bytes that are no frame came. */
  junk(link: Link): void;
  /** Media bytes have left this machine. */
  sent(link: Link, bytes: number): void;
  close(link: Link): void;
}

export function payloadBytes(frame: PeerFrame): number {
  return frame.type === "piece" ? frame.payload.length : 0;
}
