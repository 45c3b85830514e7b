/**
 * The open links of a viewer: what goes over them, and how their ends learn of the end. To a partner in
 * another thread all of it goes as notes (`post.ts`).
 */
import { pieceLength } from "../../edge/protocol/parity.ts";
import { pieceCount } from "../../edge/protocol/pieces.ts";
import type { Unit } from "../../edge/protocol/unit.ts";
import type { SimFrame } from "./donet/io.ts";
import { controlBytes, wireBytes } from "./frame_bytes.ts";
import { createHost, type Flow, type Host, openFlow } from "./hosts.ts";
import type { Carried } from "./post.ts";
import { BAD, type Handle, type Viewer } from "./viewer.ts";
import { indexOf, segmentKey } from "./keys.ts";

interface Link {
  /** `undefined`: in another thread. */
  readonly other: Viewer | undefined;
  readonly flow: Flow;
  /** Which of the links that these two have had it is. */
  readonly number: number;
  /** The way here, from another thread. */
  readonly back?: Flow;
}

/** The other end in another thread. */
interface FarEnd {
  readonly index: number;
  readonly number: number;
}

export class Links {
  readonly #viewer: Viewer;
  readonly #open = new Map<string, Link>();

  constructor(viewer: Viewer) {
    this.#viewer = viewer;
  }

  get size(): number {
    return this.#open.size;
  }

  has(peer: string): boolean {
    return this.#open.has(peer);
  }

  /** One-way delays of the links, ms. */
  delaysMs(): number[] {
    return [...this.#open.values()].map(({ flow }) => flow.delayMs);
  }

  /** The pair has set up its channel: both ends learn of it. */
  open(other: Viewer): void {
    const { id, world } = this.#viewer;
    if (this.#open.has(other.id)) return;
    const pairMs = world.delayMs(this.#viewer, other);
    this.#take(other, pairMs);
    other.links.#take(this.#viewer, pairMs);
    world.linksMade++;
    this.#viewer.handle({ type: "linkOpen", peer: other.id });
    other.handle({ type: "linkOpen", peer: id });
  }

  #take(other: Viewer, pairMs: number): void {
    const flow = openFlow(this.#viewer.host, other.host, pairMs);
    this.#open.set(other.id, { other, flow, number: 0 });
  }

  /** The same with one in another thread: this end learns of it. */
  openFar(peer: string, { index, number }: FarEnd): void {
    const { host, world } = this.#viewer;
    const far: Host = createHost(index, Infinity, Infinity);
    const pairMs = world.delayMs(this.#viewer, { host: far });
    const flow = openFlow(host, far, pairMs, { far: true });
    const back = openFlow(far, host, pairMs);
    this.#open.set(peer, { other: undefined, flow, number, back });
    this.#viewer.handle({ type: "linkOpen", peer });
  }

  send(peer: string, sent: SimFrame<Handle>): void {
    const link = this.#open.get(peer);
    if (!link) return;
    const { world, options, id } = this.#viewer;
    const { carrier, edge, meter } = world;
    if (options.source && edge.away) return;
    let frame = sent;
    let media = 0;
    let parity = 0;
    if (sent.type === "piece") {
      const entry = world.entries.get(segmentKey(sent.unit))!;
      const bytes = pieceLength(entry, sent.index);
      if (sent.index < pieceCount(entry)) media = bytes;
      else parity = bytes;
      if (sent.payload === BAD && !options.liar) meter.badPassedOn++;
      const bad = options.liar || sent.payload === BAD;
      frame = { ...sent, payload: bad ? BAD : sent.payload + 1 };
    }
    const control = controlBytes(sent);
    const payload = media + parity;
    const wire = wireBytes(control + payload);
    if (meter.on) {
      meter.controlBytes += control;
      meter.controlWireBytes += payload === 0 ? wire : control;
      meter.parityBytes += parity;
    }
    const carried: Carried = { type: "frame", wire, media, frame };
    const { other, number } = link;
    const arrive = other
      ? () => other.links.#hear(id, carried)
      : (atMs: number) => world.postTo(peer, atMs, { ...this.#farEnd(peer, number), ...carried });
    const left = payload > 0 ? () => this.#viewer.sent(peer, payload) : undefined;
    carrier.send(link.flow, wire, arrive, left);
  }

  #farEnd(peer: string, link: number) {
    return { to: indexOf(peer), from: this.#viewer.host.index, link };
  }

  #hear(from: string, { media, frame }: Carried): void {
    const { world: { meter }, element } = this.#viewer;
    if (meter.on && media > 0 && from !== this.#viewer.world.source) {
      meter.peerBytes += media;
      const { unit, index } = frame as { unit: Unit; index: number };
      if (element.has(unit, index)) meter.duplicateBytes += media;
    }
    this.#viewer.handle({ type: "frame", peer: from, frame });
  }

  /** A frame from another thread has reached this host. */
  hearFar(from: string, number: number, carried: Carried): void {
    const link = this.#open.get(from);
    if (link?.number !== number || !link.back) return;
    this.#viewer.world.carrier.receive(link.back, carried.wire, () => this.#hear(from, carried));
  }

  /** Both ends learn of it: at once where one said so, after a while where it vanished. */
  close(peer: string, lateMs = 0): void {
    const link = this.#open.get(peer);
    if (!link) return;
    this.#open.delete(peer);
    link.flow.open = false;
    if (link.back) link.back.open = false;
    const { id, world } = this.#viewer;
    this.#viewer.handle({ type: "linkClosed", peer });
    const afterMs = link.flow.delayMs + lateMs;
    if (!link.other) {
      const note = { type: "unlinked", ...this.#farEnd(peer, link.number) } as const;
      return world.postTo(peer, world.clock.now() + afterMs, note);
    }
    const theirs = link.other.links;
    const back = theirs.#open.get(id);
    if (back) world.clock.after(afterMs, () => theirs.#closed(id, back));
  }

  /** The other end in another thread has closed the link with this number. */
  closedFar(peer: string, number: number): void {
    const link = this.#open.get(peer);
    if (link?.number === number) this.#closed(peer, link);
  }

  #closed(peer: string, link: Link): void {
    if (this.#open.get(peer) !== link) return;
    this.#open.delete(peer);
    link.flow.open = false;
    if (link.back) link.back.open = false;
    if (!this.#viewer.gone) this.#viewer.handle({ type: "linkClosed", peer });
  }

  sendAll(frame: SimFrame<Handle>): void {
    for (const peer of [...this.#open.keys()]) this.send(peer, frame);
  }

  closeAll(lateMs: number): void {
    for (const peer of [...this.#open.keys()]) this.close(peer, lateMs);
  }
}
