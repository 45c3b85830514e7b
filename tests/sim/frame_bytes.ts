import { encodePeerFrame } from "../../edge/protocol/peer_frames.ts";
import { UNIT_BYTES } from "../../edge/protocol/unit.ts";
import type { SimFrame } from "./donet/io.ts";

/** SCTP, DTLS, UDP and IP headers of a packet, bytes. */
export const PACKET_HEADER_BYTES = 93;
/** What a packet carries besides, bytes. */
const PACKET_BYTES = 1_150;

/** Bytes on the wire of a message of `bytes`. */
export function wireBytes(bytes: number): number {
  return bytes + PACKET_HEADER_BYTES * Math.max(1, Math.ceil(bytes / PACKET_BYTES));
}

/** Bytes of a frame as `encodePeerFrame` makes it, without its media. */
export function controlBytes(frame: SimFrame<unknown>): number {
  switch (frame.type) {
    case "hello":
      return 1 + 2 + 1 + frame.peer.length;
    case "have":
      return frame.maps.reduce(
        (sum, { pieces }) => sum + UNIT_BYTES + 2 + pieces.length,
        10 + frame.standing.lags.length,
      );
    case "want":
    case "cancel":
    case "refuse":
    case "spare":
      return 1 + UNIT_BYTES + 2 * frame.pieces.length;
    case "piece":
      return 1 + UNIT_BYTES + 2;
    case "subscribe":
    case "unsubscribe":
      return 6;
    case "bye":
      return 1;
    case "members":
      return 2 + frame.members.reduce((sum, { peer }) => sum + 1 + peer.length + 2, 0);
    case "signal":
      return encodePeerFrame(frame).length;
    case "shelf":
      return 1 + 1 + 4 + frame.blocks.length;
    case "lists":
      return 1 + UNIT_BYTES * frame.units.length;
    case "digests":
      return 1 + UNIT_BYTES + frame.digests.length;
    case "bufferMap":
      // The number of the first, and a bit for each from there on.
      return 1 + 2 + Math.ceil(frame.bits / 8);
    case "member":
      return 1 + 4 + frame.member.peer.length + 1 + 1;
  }
}
