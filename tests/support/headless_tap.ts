import { encodePeerFrame } from "../../edge/protocol/peer_frames.ts";
import { WHOLE } from "../../edge/protocol/unit.ts";

type Connection = typeof globalThis.RTCPeerConnection;
type Bytes = Uint8Array<ArrayBuffer>;

/** Sees each message on its way out of a data channel; answers what goes out in its place, if anything. */
export type Tap = (message: Bytes) => Bytes | undefined;

/** Connections whose data channels send through `tap`; `opened` hears of each. */
export function tapped(
  Connection: Connection,
  tap: Tap,
  opened: (connection: RTCPeerConnection) => void = () => {},
): Connection {
  const through = (channel: RTCDataChannel): RTCDataChannel => {
    const send = channel.send.bind(channel) as (message: Bytes) => void;
    channel.send = ((message: Bytes) => {
      const instead = tap(message);
      if (instead) send(instead);
    }) as RTCDataChannel["send"];
    return channel;
  };
  return class extends Connection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      opened(this);
    }
    override createDataChannel(label: string): RTCDataChannel {
      return through(super.createDataChannel(label));
    }
    /** The library's own listener is the first: only here is a channel seen before it is used. */
    override dispatchEvent(event: Event): boolean {
      if (event.type === "datachannel") through((event as RTCDataChannelEvent).channel);
      return super.dispatchEvent(event);
    }
  };
}

const unit = { epoch: 0, rendition: 0, sequence: 0, part: WHOLE };
const header = encodePeerFrame({ type: "piece", unit, index: 0, payload: new Uint8Array() });
/** Bytes of a `piece` frame before its media. */
export const PIECE_HEADER_BYTES = header.length;

export function isPiece(message: Bytes): boolean {
  return message[0] === header[0];
}
