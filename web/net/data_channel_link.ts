import { decodePeerFrame, encodePeerFrame } from "../../edge/protocol/peer_frames.ts";
import { type Link, type LinkEvents, payloadBytes } from "./link.ts";

/** Media that may wait in the channel before it counts as not sent, bytes. */
const LOW_WATER_BYTES = 32 * 1024;

/** A link over an open or opening data channel; `close` of the owner's connection is `onClose`'s matter. */
export function dataChannelLink(
  peer: string,
  channel: RTCDataChannel,
  events: LinkEvents,
  onClose: () => void,
): Link {
  let unreported = 0;
  channel.binaryType = "arraybuffer";
  channel.bufferedAmountLowThreshold = LOW_WATER_BYTES;

  const link: Link = {
    peer,
    send(frame) {
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
  channel.onopen = () => events.open(link);
  channel.onclose = onClose;
  channel.onmessage = ({ data }) => {
    const frame = data instanceof ArrayBuffer ? decodePeerFrame(new Uint8Array(data)) : undefined;
    if (frame) events.frame(link, frame);
    else events.junk(link);
  };
  return link;
}
