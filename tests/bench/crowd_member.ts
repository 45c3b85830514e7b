import type { ChannelAddress } from "../../web/headless/channel_address.ts";
import {
  type HeadlessViewer,
  type HeadlessViewerOptions,
  openHeadlessViewer,
  type ViewerTotals,
} from "../../web/headless/viewer.ts";
import { wireBytes } from "../sim/frame_bytes.ts";
import { isPiece, PIECE_HEADER_BYTES, tapped } from "../support/headless_tap.ts";

/** A viewer of the crowd: its messages are counted, and it can vanish. */
export interface Member {
  totals(): MemberTotals;
  /** Ends as a machine does that loses its power: no goodbye, and its partners learn of it late. */
  vanish(): void;
}

export interface MemberTotals extends ViewerTotals {
  /** What it sent to partners that is not media, and the same with packet headers; bytes. */
  readonly controlBytes: number;
  readonly controlWireBytes: number;
}

/**
 * Partners notice this long after a process was killed that its link is dead: 17 s with media under
 * way, 28 s without (node-datachannel 0.33.4).
 */
const NOTICED_MS = 17_000;

export function joinCrowd(
  address: ChannelAddress,
  { Connection, ...options }: HeadlessViewerOptions,
): Member {
  const connections: RTCPeerConnection[] = [];
  const control = { controlBytes: 0, controlWireBytes: 0 };
  let silent = false;
  const viewer: HeadlessViewer = openHeadlessViewer(address, {
    ...options,
    Connection: tapped(Connection, (message) => {
      if (silent) return undefined;
      const isMedia = isPiece(message);
      control.controlBytes += isMedia ? PIECE_HEADER_BYTES : message.length;
      // Packets of media would be there without its header.
      control.controlWireBytes += isMedia ? PIECE_HEADER_BYTES : wireBytes(message.length);
      return message;
    }, (connection) => connections.push(connection)),
  });
  return {
    totals: () => ({ ...viewer.totals(), ...control }),
    vanish() {
      silent = true;
      for (const connection of connections) {
        const close = connection.close.bind(connection);
        connection.close = () => {};
        setTimeout(close, NOTICED_MS);
      }
      viewer.close();
    },
  };
}
