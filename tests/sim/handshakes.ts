/** How a viewer's links come about: offer, answer and candidates, then the setting up of the channel. */
import type { Signal } from "../../edge/protocol/messages.ts";
import { createHost } from "./hosts.ts";
import type { Viewer } from "./viewer.ts";
import { indexOf } from "./keys.ts";

/** Setting up a data channel: ICE, DTLS and SCTP, round trips of the pair. */
export const LINK_TRIPS = 5;
/** As in `web/net/peer_connections.ts`, ms. */
const CONNECT_TIMEOUT_MS = 15_000;
/** Measured with Chromium 156: a description has 600 bytes, and there are four candidates of 180. They go together here. */
const SDP = "v".repeat(600);
const CANDIDATES: Signal = { kind: "candidate", candidate: "c".repeat(4 * 180), mid: "0" };

interface Attempt {
  readonly offered: boolean;
}

export class Handshakes {
  readonly #viewer: Viewer;
  readonly #attempts = new Map<string, Attempt>();
  #lastLink = 0;

  constructor(viewer: Viewer) {
    this.#viewer = viewer;
  }

  connect(peer: string): void {
    if (!this.#mayBegin(peer)) return;
    // DONet's paper says nothing of how nodes come to speak to each other: the edge carries it all.
    if (this.#viewer.world.options.scheduler === "donet") return this.#connectByEdge(peer);
    this.#begin(peer, { offered: true });
    this.#signal(peer, { kind: "offer", sdp: SDP });
    this.#signal(peer, CANDIDATES);
  }

  receive(from: string, signal: Signal): void {
    const attempt = this.#attempts.get(from);
    if (signal.kind === "answer" && attempt?.offered) return this.#setUp(from, attempt);
    if (signal.kind !== "offer") return;
    // Both made an offer at once: that of the peer with the lesser id stands.
    if (attempt && (!attempt.offered || this.#viewer.id < from)) return;
    this.#attempts.delete(from);
    if (!this.#mayBegin(from)) return;
    this.#begin(from, { offered: false });
    this.#signal(from, { kind: "answer", sdp: SDP });
    this.#signal(from, CANDIDATES);
  }

  #mayBegin(peer: string): boolean {
    const { links, engine } = this.#viewer;
    return !this.#attempts.has(peer) && !links.has(peer) && engine.mayJoin(peer);
  }

  #begin(peer: string, attempt: Attempt): void {
    this.#attempts.set(peer, attempt);
    this.#viewer.world.clock.after(CONNECT_TIMEOUT_MS, () => this.#end(peer, attempt));
  }

  #end(peer: string, attempt: Attempt): void {
    if (this.#attempts.get(peer) === attempt) this.#attempts.delete(peer);
  }

  #signal(to: string, signal: Signal): void {
    this.#viewer.handle({ type: "signal", to, signal });
  }

  /** Offer and answer are there. */
  #setUp(peer: string, attempt: Attempt): void {
    const { world } = this.#viewer;
    if (world.isFar(peer)) return this.#setUpFar(peer, attempt);
    const other = world.viewers.get(peer);
    if (!other) return;
    world.clock.after(2 * LINK_TRIPS * world.delayMs(this.#viewer, other), () => {
      if (this.#attempts.get(peer) !== attempt || this.#viewer.gone || other.gone) return;
      if (!world.canConnect(this.#viewer, other)) return;
      this.#attempts.delete(peer);
      other.handshakes.#attempts.delete(this.#viewer.id);
      this.#viewer.links.open(other);
    });
  }

  /** The last round trip is that by which both ends learn of it. */
  #setUpFar(peer: string, attempt: Attempt): void {
    const { world, host } = this.#viewer;
    const far = { host: createHost(indexOf(peer), 0, 0) };
    if (!world.canConnect(this.#viewer, far)) return;
    const pairMs = world.delayMs(this.#viewer, far);
    world.clock.after(2 * (LINK_TRIPS - 1) * pairMs, () => {
      if (this.#attempts.get(peer) !== attempt || this.#viewer.gone) return;
      const link = ++this.#lastLink;
      const note = { type: "meet", to: far.host.index, from: host.index, link } as const;
      world.postTo(peer, world.clock.now() + pairMs, note);
    });
  }

  /** One in another thread has set up the channel, as far as this end; it learns of it if this end takes it. */
  meet(peer: string, number: number): void {
    const { links, world, host } = this.#viewer;
    if (links.has(peer)) return;
    this.#attempts.delete(peer);
    const index = indexOf(peer);
    links.openFar(peer, { index, number });
    const atMs = world.clock.now() + world.delayMs(this.#viewer, { host: createHost(index, 0, 0) });
    world.postTo(peer, atMs, { type: "met", to: index, from: host.index, link: number });
  }

  met(peer: string, number: number): void {
    if (this.#viewer.links.has(peer)) return;
    this.#attempts.delete(peer);
    this.#viewer.links.openFar(peer, { index: indexOf(peer), number });
  }

  #connectByEdge(peer: string): void {
    const { world, options } = this.#viewer;
    const other = world.viewers.get(peer);
    if (!other) return;
    const attempt = { offered: true };
    this.#begin(peer, attempt);
    world.countSignalling(2 * 2 * (SDP.length + 4 * 180));
    const signalMs = 2 * (options.edgeDelayMs + other.options.edgeDelayMs);
    world.clock.after(signalMs, () => this.#setUp(peer, attempt));
  }
}
