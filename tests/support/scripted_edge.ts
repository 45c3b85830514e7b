/** A real tracker over a real socket that introduces whom the test says, and can go away for good. */
import { sealSegment } from "../../edge/origin/publisher.ts";
import { encodeLedgerFrame } from "../../edge/protocol/ledger_frame.ts";
import type { LedgerEntry } from "../../edge/protocol/ledger_entry.ts";
import type { ClientMessage, ServerMessage } from "../../edge/protocol/messages.ts";
import { PROTOCOL_VERSION } from "../../edge/protocol/version.ts";

export interface ScriptedEdge extends AsyncDisposable {
  readonly base: string;
  readonly tracker: string;
  /** Peer ids, in the order of their joins. */
  readonly peers: readonly string[];
  /** Signals that it has carried. */
  signals(): number;
  introduce(peer: string, to: string): void;
  /** Publishes a segment of random bytes, for nobody to inject. */
  publish(sequence: number): Promise<{ entry: LedgerEntry; bytes: Uint8Array<ArrayBuffer> }>;
  goAway(): Promise<void>;
}

const SEGMENT_MS = 2_000;
const CHANNEL = {
  name: "demo",
  title: "Demo",
  base: "/live/demo/",
  targetDurationMs: SEGMENT_MS,
  master: false,
  renditions: [],
};
const SEGMENT_BYTES = 100_000;

export function startScriptedEdge(): ScriptedEdge {
  const sockets = new Map<string, WebSocket>();
  const peers: string[] = [];
  let signals = 0;
  let gone: Promise<void> | undefined;

  function say(peer: string, message: ServerMessage): void {
    sockets.get(peer)?.send(JSON.stringify(message));
  }

  function welcome(peer: string, socket: WebSocket): void {
    peers.push(peer);
    sockets.set(peer, socket);
    say(peer, {
      type: "welcome",
      version: PROTOCOL_VERSION,
      channel: CHANNEL,
      state: "on-air",
      viewers: peers.length,
      backlog: 0,
      iceServers: [],
    });
  }

  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    if (request.headers.get("upgrade") !== "websocket") return new Response(null, { status: 404 });
    const { socket, response } = Deno.upgradeWebSocket(request);
    let self = "";
    socket.onmessage = ({ data }) => {
      const message: ClientMessage = JSON.parse(data);
      if (message.type === "join") welcome(self = message.peer, socket);
      if (message.type !== "signal") return;
      signals++;
      say(message.to, { type: "signal", from: self, signal: message.signal });
    };
    return response;
  });

  function goAway(): Promise<void> {
    for (const socket of sockets.values()) socket.close();
    return gone ??= server.shutdown();
  }

  const at = `127.0.0.1:${server.addr.port}`;
  return {
    base: `http://${at}/live/demo/`,
    tracker: `ws://${at}/swarm/demo`,
    peers,
    signals: () => signals,
    introduce: (peer, to) => say(to, { type: "introduce", peers: [peer] }),
    async publish(sequence) {
      const bytes = new Uint8Array(SEGMENT_BYTES);
      for (let at = 0; at < bytes.length; at += 50_000) {
        crypto.getRandomValues(bytes.subarray(at, at + 50_000));
      }
      const { entry, digests } = await sealSegment({
        unit: { epoch: 1, rendition: 0, sequence },
        container: "fmp4",
        bytes,
        startMs: sequence * SEGMENT_MS,
        durationMs: SEGMENT_MS,
        discontinuity: false,
      });
      const frame = encodeLedgerFrame({ entry, inject: [], digests });
      for (const socket of sockets.values()) socket.send(frame);
      return { entry, bytes };
    },
    goAway,
    [Symbol.asyncDispose]: goAway,
  };
}
