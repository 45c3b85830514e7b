import type { Signal } from "../../edge/protocol/messages.ts";
import { dataChannelLink } from "./data_channel_link.ts";
import type { Link, LinkEvents } from "./link.ts";

/** A connection that is not open after this long is given up, ms. */
const CONNECT_TIMEOUT_MS = 15_000;

export interface PeerConnectionsOptions {
  readonly self: string;
  readonly events: LinkEvents;
  /** Brings a signal to the peer, over the edge. */
  readonly signal: (to: string, signal: Signal) => void;
  /** Whether a link to this peer would be taken. */
  readonly mayJoin: (peer: string) => boolean;
  /** A connection could not be made. */
  readonly failed: (peer: string) => void;
}

/** The WebRTC connections of this peer: offers toward introduced peers, answers to theirs. */
export interface PeerConnections {
  setIceServers(urls: readonly string[]): void;
  connect(peer: string): void;
  receive(from: string, signal: Signal): void;
  close(peer: string): void;
  closeAll(): void;
}

interface Attempt {
  readonly connection: RTCPeerConnection;
  readonly offered: boolean;
  /** Candidates that came before the description they belong to. */
  readonly early: RTCIceCandidateInit[];
  readonly timer: ReturnType<typeof setTimeout>;
  link: Link | undefined;
}

/** Works with any implementation of the W3C interface, such as node-datachannel's. */
export function createPeerConnections(
  options: PeerConnectionsOptions,
  Connection: typeof RTCPeerConnection = RTCPeerConnection,
): PeerConnections {
  const attempts = new Map<string, Attempt>();
  let iceServers: RTCIceServer[] = [];

  function begin(peer: string, offered: boolean): Attempt {
    const connection = new Connection({ iceServers });
    const timer = setTimeout(() => fail(peer), CONNECT_TIMEOUT_MS);
    const attempt: Attempt = { connection, offered, early: [], timer, link: undefined };
    attempts.set(peer, attempt);
    connection.onicecandidate = ({ candidate }) => {
      if (!candidate?.candidate) return;
      const { candidate: text, sdpMid } = candidate;
      options.signal(peer, { kind: "candidate", candidate: text, mid: sdpMid });
    };
    connection.onconnectionstatechange = () => {
      const state = connection.connectionState;
      if (state === "failed" || state === "closed") fail(peer);
    };
    connection.ondatachannel = ({ channel }) => use(peer, attempt, channel);
    return attempt;
  }

  function use(peer: string, attempt: Attempt, channel: RTCDataChannel): void {
    const events: LinkEvents = {
      ...options.events,
      open(link) {
        clearTimeout(attempt.timer);
        attempt.link = link;
        options.events.open(link);
      },
    };
    dataChannelLink(peer, channel, events, () => end(peer, attempt));
  }

  /** Ends this attempt, and no later one to the same peer. */
  function end(peer: string, attempt: Attempt): void {
    if (attempts.get(peer) !== attempt) return;
    attempts.delete(peer);
    clearTimeout(attempt.timer);
    attempt.connection.close();
    if (attempt.link) options.events.close(attempt.link);
  }

  function fail(peer: string): void {
    const attempt = attempts.get(peer);
    if (!attempt) return;
    const opened = attempt.link !== undefined;
    end(peer, attempt);
    if (!opened) options.failed(peer);
  }

  /** Runs one step of the handshake; a step that fails ends the attempt. */
  function step(peer: string, work: () => Promise<void>): void {
    work().catch(() => fail(peer));
  }

  async function offer(peer: string): Promise<void> {
    const attempt = begin(peer, true);
    use(peer, attempt, attempt.connection.createDataChannel("tributary"));
    await attempt.connection.setLocalDescription(await attempt.connection.createOffer());
    sendDescription(peer, attempt);
  }

  async function answer(peer: string, sdp: string): Promise<void> {
    const attempt = begin(peer, false);
    await describe(attempt, { type: "offer", sdp });
    await attempt.connection.setLocalDescription(await attempt.connection.createAnswer());
    sendDescription(peer, attempt);
  }

  function sendDescription(peer: string, { connection }: Attempt): void {
    const description = connection.localDescription;
    if (description?.type === "offer" || description?.type === "answer") {
      options.signal(peer, { kind: description.type, sdp: description.sdp });
    }
  }

  async function describe(attempt: Attempt, description: RTCSessionDescriptionInit): Promise<void> {
    await attempt.connection.setRemoteDescription(description);
    for (const candidate of attempt.early.splice(0)) {
      await attempt.connection.addIceCandidate(candidate);
    }
  }

  function onOffer(from: string, sdp: string): void {
    const known = attempts.get(from);
    if (known) {
      // Both made an offer at once: that of the peer with the lesser id stands.
      if (!known.offered || known.link || options.self < from) return;
      end(from, known);
    }
    if (options.mayJoin(from)) step(from, () => answer(from, sdp));
  }

  return {
    setIceServers(urls) {
      iceServers = urls.map((url) => ({ urls: url }));
    },
    connect(peer) {
      if (!attempts.has(peer) && options.mayJoin(peer)) step(peer, () => offer(peer));
    },
    receive(from, signal) {
      if (signal.kind === "offer") return onOffer(from, signal.sdp);
      const attempt = attempts.get(from);
      if (!attempt) return;
      if (signal.kind === "answer") {
        if (attempt.offered) {
          step(from, () => describe(attempt, { type: "answer", sdp: signal.sdp }));
        }
        return;
      }
      const candidate = { candidate: signal.candidate, sdpMid: signal.mid };
      if (!attempt.connection.remoteDescription) attempt.early.push(candidate);
      // A candidate of no use is no reason to give up: others may do.
      else attempt.connection.addIceCandidate(candidate).catch(() => {});
    },
    close(peer) {
      const attempt = attempts.get(peer);
      if (attempt) end(peer, attempt);
    },
    closeAll() {
      for (const [peer, attempt] of [...attempts]) end(peer, attempt);
    },
  };
}
