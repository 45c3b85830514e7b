import type { PeerFrame } from "../../edge/protocol/peer_frames.ts";

/** A way to a partner: a data channel, or a BroadcastChannel between tabs. */
export interface Link {
  /** The partner's peer id. */
  readonly peer: string;
  /** `local`: another tab of this browser. */
  readonly kind: "webrtc" | "local";
  send(frame: PeerFrame): void;
  /** Bytes handed over and not yet sent. */
  readonly buffered: number;
  close(): void;
}

/** What a link tells its owner. */
export interface LinkEvents {
  open(link: Link): void;
  frame(link: Link, frame: PeerFrame): void;
  /** Bytes that are no frame; the owner decides what becomes of the link. */
  junk(link: Link): void;
  close(link: Link): void;
}
