import type { Signal } from "../../edge/protocol/messages.ts";
import { dataChannelLink } from "./data_channel_link.ts";
import type { Link, LinkEvents } from "./link.ts";

/** A connection that is not open after this long is given up, ms. */
const CONNECT_TIMEOUT_MS = 15_000;
/** Connections at the same time, those under way too: any number of strangers may send offers. */
const MAX_CONNECTIONS = 24;

export interface PeerConnectionsOptions {
  readonly self: string;
  readonly events: LinkEvents;
  /** Brings a signal to the peer, by the edge or by a partner of both. */
  readonly signal: (to: string, signal: Signal) => void;
  /** Whether a link to this peer would be taken. */
  readonly mayJoin: (peer: string) => boolean;
  /** A connection could not be made. */
  readonly failed: (peer: string) => void;
}

/** The WebRTC connections of this peer: offers toward those it is to meet, answers to theirs. */
export interface PeerConnections {
  setIceServers(urls: readonly string[]): void;
  connect(peer: string): void;
  receive(from: string, signal: Signal): void;
  closeAll(): void;
}

interface Attempt {
  readonly connection: RTCPeerConnection;
  readonly offered: boolean;
  /** Candidates that came before the description they belong to; `undefined` once that is there. */
  early: RTCIceCandidateInit[] | undefined;
  readonly timer: ReturnType<typeof setTimeout>;
  link: Link | undefined;
}

/** Works with any implementation of the W3C interface, such as node-datachannel's. */
export function createPeerConnections(
  options: PeerConnectionsOptions,
  Connection: typeof RTCPeerConnection = RTCPeerConnection,
  timeoutMs = CONNECT_TIMEOUT_MS,
): PeerConnections {
  const attempts = new Map<string, Attempt>();
  let iceServers: RTCIceServer[] = [];

  function begin(
    peer: string,
    offered: boolean,
    handshake: (attempt: Attempt) => Promise<void>,
  ): void {
    let connection: RTCPeerConnection;
    try {
      connection = new Connection({ iceServers });
    } catch {
      // An address that is none, or more connections than the browser allows.
      return options.failed(peer);
    }
    const timer = setTimeout(() => fail(peer, attempt), timeoutMs);
    const attempt: Attempt = { connection, offered, early: [], timer, link: undefined };
    attempts.set(peer, attempt);
    connection.onicecandidate = ({ candidate }) => {
      if (!candidate?.candidate) return;
      const { candidate: text, sdpMid } = candidate;
      options.signal(peer, { kind: "candidate", candidate: text, mid: sdpMid });
    };
    connection.onconnectionstatechange = () => {
      const state = connection.connectionState;
      if (state === "failed" || state === "closed") fail(peer, attempt);
    };
    connection.ondatachannel = ({ channel }) => use(peer, attempt, channel);
    step(peer, attempt, handshake(attempt));
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
    dataChannelLink({ peer, made: attempt.offered }, channel, events, () => fail(peer, attempt));
  }

  /** Ends this attempt, and no later one to the same peer. */
  function end(peer: string, attempt: Attempt): void {
    if (attempts.get(peer) !== attempt) return;
    attempts.delete(peer);
    clearTimeout(attempt.timer);
    attempt.connection.close();
    if (attempt.link) options.events.close(attempt.link);
  }

  /** Ends an attempt that may not have come to a link. */
  function fail(peer: string, attempt: Attempt): void {
    if (attempts.get(peer) !== attempt) return;
    end(peer, attempt);
    if (!attempt.link) options.failed(peer);
  }

  /** Runs one step of the handshake; a step that fails ends the attempt. */
  function step(peer: string, attempt: Attempt, work: Promise<void>): void {
    work.catch(() => fail(peer, attempt));
  }

  async function offer(peer: string, attempt: Attempt): Promise<void> {
    use(peer, attempt, attempt.connection.createDataChannel("tributary"));
    await attempt.connection.setLocalDescription(await attempt.connection.createOffer());
    sendDescription(peer, attempt);
  }

  async function answer(peer: string, attempt: Attempt, sdp: string): Promise<void> {
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
    const { early } = attempt;
    attempt.early = undefined;
    for (const candidate of early ?? []) add(attempt, candidate);
  }

  function add({ connection }: Attempt, candidate: RTCIceCandidateInit): void {
    // A candidate of no use is no reason to give up: others may do.
    connection.addIceCandidate(candidate).catch(() => {});
  }

  function onOffer(from: string, sdp: string): void {
    const known = attempts.get(from);
    if (known) {
      // Both made an offer at once: that of the peer with the lesser id stands.
      if (!known.offered || known.link || options.self < from) return;
      end(from, known);
    }
    if (attempts.size < MAX_CONNECTIONS && options.mayJoin(from)) {
      begin(from, false, (attempt) => answer(from, attempt, sdp));
    }
  }

  return {
    setIceServers(urls) {
      iceServers = urls.map((url) => ({ urls: url }));
    },
    connect(peer) {
      if (!attempts.has(peer) && options.mayJoin(peer)) {
        begin(peer, true, (attempt) => offer(peer, attempt));
      }
    },
    receive(from, signal) {
      if (signal.kind === "offer") return onOffer(from, signal.sdp);
      const attempt = attempts.get(from);
      if (!attempt) return;
      if (signal.kind === "answer") {
        if (attempt.offered) {
          step(from, attempt, describe(attempt, { type: "answer", sdp: signal.sdp }));
        }
        return;
      }
      const candidate = { candidate: signal.candidate, sdpMid: signal.mid };
      if (attempt.early) attempt.early.push(candidate);
      else add(attempt, candidate);
    },
    closeAll() {
      for (const [peer, attempt] of [...attempts]) end(peer, attempt);
    },
  };
}
