import {
  decodePeerFrame,
  encodePeerFrame,
  type PeerFrame,
} from "../../edge/protocol/peer_frames.ts";
import { type Link, type LinkEvents, payloadBytes } from "./link.ts";

/** Media that may wait in the channel before it counts as not sent, bytes. */
const LOW_WATER_BYTES = 32 * 1024;

export interface DataChannelSide {
  readonly peer: string;
  /**
   * Whether this side made the channel. The other one speaks when it has heard something: what comes to
   * node-datachannel (0.33) just before its own channel is open is lost, a hello in one of fifty.
   */
  readonly made: boolean;
}

/** Makes a link of a data channel, which `events.open` gets; `onClose` ends the connection under it. */
export function dataChannelLink(
  { peer, made }: DataChannelSide,
  channel: RTCDataChannel,
  events: LinkEvents,
  onClose: () => void,
): void {
  let unreported = 0;
  let opened = false;
  let heard = made;
  /** What is to be said once the other side has been heard. */
  const held: PeerFrame[] = [];
  channel.binaryType = "arraybuffer";
  channel.bufferedAmountLowThreshold = LOW_WATER_BYTES;

  const link: Link = {
    peer,
    send(frame) {
      if (!heard) return void held.push(frame);
      if (channel.readyState !== "open") return;
      try {
        channel.send(encodePeerFrame(frame));
      } catch {
        // The channel's buffer is full or it is closing: its partner is of no more use.
        onClose();
        return;
      }
      unreported += payloadBytes(frame);
      if (channel.bufferedAmount <= LOW_WATER_BYTES) report();
    },
    close: onClose,
  };

  function report(): void {
    const bytes = unreported;
    unreported = 0;
    if (bytes > 0) events.sent(link, bytes);
  }

  channel.onbufferedamountlow = report;
  function open(): void {
    if (opened) return;
    opened = true;
    events.open(link);
  }

  channel.onopen = open;
  channel.onclose = onClose;
  channel.onmessage = ({ data }) => {
    heard = true;
    for (const frame of held.splice(0)) link.send(frame);
    const frame = data instanceof ArrayBuffer ? decodePeerFrame(new Uint8Array(data)) : undefined;
    if (frame) events.frame(link, frame);
    else events.junk(link);
  };
  // A channel that the other side made may be open before anyone could listen for it, or tell twice.
  if (channel.readyState === "open") open();
}
