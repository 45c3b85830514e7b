import type { Signal } from "../../edge/protocol/messages.ts";
import type { PeerConnections, PeerConnectionsOptions } from "./peer_connections.ts";

/**
 * The WebRTC connections of this peer, whose code is loaded when the first other one shows up. What
 * is said to them until then waits in its order. Code that does not come counts as a connection that
 * failed, and is asked for again with the next peer.
 */
export function connectionsOnDemand(
  options: PeerConnectionsOptions,
  Connection: typeof RTCPeerConnection,
  load: () => Promise<typeof import("./peer_connections.ts")> = () =>
    import("./peer_connections.ts"),
): PeerConnections {
  let loading: Promise<PeerConnections> | undefined;
  let iceServers: readonly string[] = [];
  let closed = false;

  function toPeer(peer: string, say: (connections: PeerConnections) => void): void {
    loading ??= load().then(({ createPeerConnections }) => {
      const connections = createPeerConnections(options, Connection);
      connections.setIceServers(iceServers);
      return connections;
    });
    loading.then((connections) => closed || say(connections), () => {
      loading = undefined;
      options.failed(peer);
    });
  }

  return {
    setIceServers(urls) {
      iceServers = urls;
      loading?.then((connections) => connections.setIceServers(urls), () => {});
    },
    connect: (peer) => toPeer(peer, (connections) => connections.connect(peer)),
    receive: (from: string, signal: Signal) =>
      toPeer(from, (connections) => connections.receive(from, signal)),
    closeAll() {
      closed = true;
      loading?.then((connections) => connections.closeAll(), () => {});
    },
  };
}
