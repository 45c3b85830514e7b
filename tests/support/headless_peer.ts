import { RTCPeerConnection } from "node-datachannel/polyfill";
import { openSwarmSession, type SwarmSession } from "../../web/net/swarm_session.ts";

/** A real peer without a browser: the page's own session and engine, over node-datachannel. */
export interface HeadlessPeer extends AsyncDisposable {
  readonly session: SwarmSession;
}

export interface HeadlessPeerOptions {
  /** Sends wrong bytes in place of every piece. */
  readonly lies?: boolean;
}

/** Joins `channel` of the edge at `origin`; takes part in all of it and injects, as a playing viewer does. */
export function joinHeadless(
  origin: string,
  channel: string,
  { lies = false }: HeadlessPeerOptions = {},
): HeadlessPeer {
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
  return {
    session,
    [Symbol.asyncDispose]() {
      session.close();
      return Promise.resolve();
    },
  };
}

/** First byte of a `piece` frame, PROTOCOL.md. */
const PIECE = 8;

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
