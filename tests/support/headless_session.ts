import { RTCPeerConnection } from "node-datachannel/polyfill";
import { openSwarmSession, type SwarmSession } from "../../web/net/swarm_session.ts";

/** Joins `channel` of the edge at `origin` over node-datachannel, injecting as a playing viewer does. */
export function joinHeadless(origin: string, channel: string, lies: boolean): SwarmSession {
  const Connection = RTCPeerConnection as unknown as typeof globalThis.RTCPeerConnection;
  const session = openSwarmSession({
    base: `${origin}/live/${channel}/`,
    tracker: `${origin.replace(/^http/, "ws")}/swarm/${channel}`,
    conduct: { prefetch: "all", inject: true, upload: true, uploadCap: 10_000_000 },
    Connection: lies ? lying(Connection) : Connection,
    tabs: undefined,
    status: () => ({ playing: true, visible: true, uploads: true }),
    report: () => {
      const { received, uploaded } = session.totals();
      return { ...received, cache: 0, uploaded };
    },
    deliver() {},
    decline() {},
    onEntry() {},
    onOnline() {},
    beat() {},
  });
  return session;
}

/** First byte of a `piece` frame, PROTOCOL.md. */
const PIECE = 7;

/** Data channels that flip the last byte of every piece on its way out. */
function lying(Connection: typeof globalThis.RTCPeerConnection) {
  const corrupt = (channel: RTCDataChannel): RTCDataChannel => {
    const send = channel.send.bind(channel) as (data: Uint8Array<ArrayBuffer>) => void;
    channel.send = ((data: Uint8Array<ArrayBuffer>) => {
      const bytes = data.slice();
      if (bytes[0] === PIECE) bytes[bytes.length - 1]! ^= 0xff;
      send(bytes);
    }) as RTCDataChannel["send"];
    return channel;
  };
  return class extends Connection {
    override createDataChannel(label: string): RTCDataChannel {
      return corrupt(super.createDataChannel(label));
    }
    override set ondatachannel(listener: (event: RTCDataChannelEvent) => void) {
      super.ondatachannel = (event) => {
        corrupt(event.channel);
        listener(event);
      };
    }
  };
}
