/** The links of a viewer: how they come about, what goes over them, and how their ends learn of the end. */
import { pieceSpan } from "../../edge/protocol/pieces.ts";
import type { Unit } from "../../edge/protocol/unit.ts";
import type { SimFrame } from "./donet/io.ts";
import { controlBytes, wireBytes } from "./frame_bytes.ts";
import { type Flow, openFlow } from "./hosts.ts";
import { BAD, type Handle, type Viewer } from "./viewer.ts";
import { segmentKey } from "./world.ts";

/** Setting up a data channel: ICE, DTLS and SCTP, round trips of the pair. */
const LINK_TRIPS = 5;

interface Link {
  readonly other: Viewer;
  readonly flow: Flow;
}

export class Links {
  readonly #viewer: Viewer;
  readonly #open = new Map<string, Link>();
  readonly #connecting = new Set<string>();

  constructor(viewer: Viewer) {
    this.#viewer = viewer;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Offer and answer travel by the edge, then the pair sets up its link. */
  connect(peer: string): void {
    const { id, world, options } = this.#viewer;
    const other = world.viewers.get(peer);
    if (!other || this.#connecting.has(peer) || this.#open.has(peer)) return;
    this.#connecting.add(peer);
    other.links.#connecting.add(id);
    const pairMs = world.delayMs(this.#viewer, other);
    const signalMs = 2 * (options.edgeDelayMs + other.options.edgeDelayMs);
    world.countSignalling();
    world.clock.after(signalMs + 2 * LINK_TRIPS * pairMs, () => {
      this.#connecting.delete(peer);
      other.links.#connecting.delete(id);
      if (this.#viewer.gone || other.gone || !world.canConnect(this.#viewer, other)) return;
      if (this.#open.has(peer)) return;
      this.#take(other, pairMs);
      other.links.#take(this.#viewer, pairMs);
      this.#viewer.handle({ type: "linkOpen", peer });
      other.handle({ type: "linkOpen", peer: id });
    });
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
    if (sent.type === "piece") {
      const entry = world.entries.get(segmentKey(sent.unit))!;
      const span = pieceSpan(entry, sent.index);
      media = span.to - span.from;
      if (sent.payload === BAD && !options.liar) meter.badPassedOn++;
      const bad = options.liar || sent.payload === BAD;
      frame = { ...sent, payload: bad ? BAD : sent.payload + 1 };
    }
    const control = controlBytes(sent);
    const wire = wireBytes(control + media);
    if (meter.on) {
      meter.controlBytes += control;
      meter.controlWireBytes += media === 0 ? wire : control;
    }
    const arrive = () => {
      if (meter.on && media > 0 && !options.source) {
        meter.peerBytes += media;
        const { unit, index } = frame as { unit: Unit; index: number };
        if (link.other.element.has(unit, index)) meter.duplicateBytes += media;
      }
      link.other.handle({ type: "frame", peer: id, frame });
    };
    const left = media > 0 ? () => this.#viewer.sent(peer, media) : undefined;
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
