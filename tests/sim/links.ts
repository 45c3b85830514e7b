/** The open links of a viewer: what goes over them, and how their ends learn of the end. */
import { pieceLength } from "../../edge/protocol/parity.ts";
import { pieceCount } from "../../edge/protocol/pieces.ts";
import type { Unit } from "../../edge/protocol/unit.ts";
import type { SimFrame } from "./donet/io.ts";
import { controlBytes, wireBytes } from "./frame_bytes.ts";
import { type Flow, openFlow } from "./hosts.ts";
import { BAD, type Handle, type Viewer } from "./viewer.ts";
import { segmentKey } from "./world.ts";

interface Link {
  readonly other: Viewer;
  readonly flow: Flow;
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
    this.#open.set(other.id, { other, flow: openFlow(this.#viewer.host, other.host, pairMs) });
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
    const arrive = () => {
      if (meter.on && media > 0 && !options.source) {
        meter.peerBytes += media;
        const { unit, index } = frame as { unit: Unit; index: number };
        if (link.other.element.has(unit, index)) meter.duplicateBytes += media;
      }
      link.other.handle({ type: "frame", peer: id, frame });
    };
    const left = payload > 0 ? () => this.#viewer.sent(peer, payload) : undefined;
    carrier.send(link.flow, wire, arrive, left);
  }

  /** Both ends learn of it: at once where one said so, after a while where it vanished. */
  close(peer: string, lateMs = 0): void {
    const link = this.#open.get(peer);
    if (!link) return;
    this.#open.delete(peer);
    link.flow.open = false;
    const { id, world } = this.#viewer;
    this.#viewer.handle({ type: "linkClosed", peer });
    const theirs = link.other.links.#open;
    const back = theirs.get(id);
    if (!back) return;
    world.clock.after(link.flow.delayMs + lateMs, () => {
      if (theirs.get(id) !== back) return;
      theirs.delete(id);
      back.flow.open = false;
      if (!link.other.gone) link.other.handle({ type: "linkClosed", peer: id });
    });
  }

  sendAll(frame: SimFrame<Handle>): void {
    for (const peer of [...this.#open.keys()]) this.send(peer, frame);
  }

  closeAll(lateMs: number): void {
    for (const peer of [...this.#open.keys()]) this.close(peer, lateMs);
  }
}
