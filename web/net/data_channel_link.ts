import { decodePeerFrame, encodePeerFrame } from "../../edge/protocol/peer_frames.ts";
import { type Link, type LinkEvents, payloadBytes } from "./link.ts";

/** Media that may wait in the channel before it counts as not sent, bytes. */
const LOW_WATER_BYTES = 32 * 1024;

/** Frames that may come before the channel says that it is open: a hello and little more. */
const MOST_EARLY = 16;

/** Makes a link of a data channel, which `events.open` gets; `onClose` ends the connection under it. */
export function dataChannelLink(
  peer: string,
  channel: RTCDataChannel,
  events: LinkEvents,
  onClose: () => void,
): void {
  let unreported = 0;
  let opened = false;
  /** What comes before the channel says that it is open: without the hello, what follows would be refused. */
  const early: unknown[] = [];
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
  function open(): void {
    if (opened) return;
    opened = true;
    events.open(link);
    for (const data of early.splice(0)) take(data);
  }

  function take(data: unknown): void {
    const frame = data instanceof ArrayBuffer ? decodePeerFrame(new Uint8Array(data)) : undefined;
    if (frame) events.frame(link, frame);
    else events.junk(link);
  }

  channel.onopen = open;
  channel.onclose = onClose;
  channel.onmessage = ({ data }) => {
    if (opened) take(data);
    else if (early.length < MOST_EARLY) early.push(data);
    else onClose();
  };
  // A channel that the other side made may be open before anyone could listen for it, or tell twice.
  if (channel.readyState === "open") open();
}
