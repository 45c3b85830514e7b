/**
 * One who watches a film: the real engine for files in a shell on virtual time, and an element. The
 * first picture comes by plain HTTP, as in a page whose tag begins after it.
 */
import type { ServerMessage } from "../../../edge/protocol/messages.ts";
import { pieceSpan } from "../../../edge/protocol/pieces.ts";
import { unitKey } from "../../../edge/protocol/unit.ts";
import { PROTOCOL_VERSION } from "../../../edge/protocol/version.ts";
import type { PeerFrame } from "../../../edge/protocol/peer_frames.ts";
import type { EngineOutput } from "../../../web/swarm/io.ts";
import { createVodEngine, type VodEngine } from "../../../web/swarm/vod/engine.ts";
import type { VodInput } from "../../../web/swarm/vod/io.ts";
import { drive } from "../driver.ts";
import type { EdgeSocket } from "../edge_host.ts";
import { CONNECT_TRIPS } from "../element.ts";
import { controlBytes, wireBytes } from "../frame_bytes.ts";
import { LINK_TRIPS } from "../handshakes.ts";
import { createHost, type Flow, type Host, openFlow } from "../hosts.ts";
import type { Handle, ViewerOptions } from "../viewer.ts";
import { idOf } from "../keys.ts";
import type { Audience } from "./audience.ts";
import { FilmElement } from "./element.ts";
import { pieceOf, placeOf } from "./film.ts";

const GOOD: Handle = 0;
/** Media that comes by plain HTTP before the engine answers, ms: until partners are met. */
const PLAIN_MS = 4_000;
/** Offer, answer and eight candidates, carried twice. */
const SIGNALLING_BYTES = 2 * (2 * 600 + 8 * 180);
const STATUS_MS = 10_000;
const JOIN_MS = 20_000;

interface Link {
  readonly other: FilmViewer;
  readonly flow: Flow;
}

export class FilmViewer {
  readonly host: Host;
  readonly id: string;
  readonly engine: VodEngine<Handle>;
  readonly links = new Map<string, Link>();
  readonly element: FilmElement;
  readonly joinedMs: number;
  gone = false;
  readonly #connecting = new Set<string>();
  #socket: EdgeSocket | undefined;
  #online = false;
  readonly #feed: (input: VodInput<Handle>) => void;
  #lastDemand = 0;
  readonly #demands = new Map<number, { block: number; from: number; to: number }>();
  readonly #fetches = new Map<number, () => void>();
  #statusMs = 0;

  constructor(
    readonly audience: Audience,
    index: number,
    readonly options: ViewerOptions,
    readonly onEnd: () => void,
  ) {
    const { world } = audience;
    const { uploads, uploadCap } = options;
    this.host = createHost(index, options.uplink, options.downlink);
    this.id = idOf(index);
    this.joinedMs = world.clock.now();
    this.engine = createVodEngine<Handle>({
      self: this.id,
      random: world.random,
      conduct: { prefetch: "played", inject: false, upload: uploads, uploadCap },
    });
    this.#feed = drive({
      clock: world.clock,
      engine: this.engine,
      alive: () => !this.gone,
      perform: (output) => this.#perform(output),
    });
    this.element = this.#createElement();
    audience.viewers.set(this.id, this);
    world.filmgoers.add(this);
    if (world.meter.on) world.meter.joins++;
    this.#firstPicture();
  }

  #createElement(): FilmElement {
    const { audience } = this;
    const { world: { clock, meter }, film } = audience;
    return new FilmElement({
      clock,
      film,
      ask: (block, from, to, deadlineMs) => {
        const demand = ++this.#lastDemand;
        this.#demands.set(demand, { block, from, to });
        const { unit } = film.entries[block]!;
        this.handle({ type: "range", demand, unit, pieces: { from, to }, deadlineMs });
      },
      giveUp: () => {
        for (const demand of this.#demands.keys()) this.handle({ type: "abandon", demand });
        this.#demands.clear();
      },
      playsAt: (piece) => {
        const offset = piece * film.index.file.pieceBytes;
        this.handle({ type: "position", rendition: 0, offset, rate: film.rate * 1000 });
      },
      picture: (afterMs, seek) => {
        if (meter.on) (seek ? audience.seeksMs : meter.startupsMs).push(afterMs);
      },
      due: (piece, there) => this.#countDue(piece, there),
      stalled: (ms) => {
        if (meter.on) audience.stalledMs += ms;
      },
      ended: () => this.onEnd(),
    });
  }

  /** The film's first seconds, by plain HTTP; the engine answers what comes after. */
  #firstPicture(): void {
    const { clock, edge } = this.audience.world;
    const { film } = this.audience;
    const plain = Math.ceil((PLAIN_MS / film.durationMs) * film.pieces);
    this.element.skipAsking(plain);
    clock.after(2 * (CONNECT_TRIPS + 1) * this.options.edgeDelayMs, () => {
      if (this.gone) return;
      const pieces = { from: 0, to: plain };
      edge.get(
        this.host,
        this.options.edgeDelayMs,
        { entry: film.entries[0]!, pieces, purpose: "http" },
        (index) => this.#plainPiece(0, index),
        () => {},
      );
      this.#openSocket();
    });
  }

  #plainPiece(block: number, index: number): void {
    if (this.gone) return;
    this.#countEdge(block, index);
    this.element.arrived(pieceOf(block, index));
  }

  #openSocket(): void {
    const { world } = this.audience;
    const { clock, edge, random } = world;
    if (this.gone) return;
    this.#socket = edge.connect(world.regionOf(this), this.options.edgeDelayMs, (event) => {
      if (event.type === "message") return this.#hear(event.message);
      if (event.type === "ledger") return;
      this.#online = false;
      this.handle({ type: "edge", reachable: false });
      clock.after(500 + 1500 * random(), () => this.#openSocket());
    });
    const { id: peer } = this;
    const join = { type: "join", version: PROTOCOL_VERSION, peer, secret: peer } as const;
    this.#socket.send({ ...join, status: this.#status() });
    // The index, asked for at the same time.
    clock.after(2 * this.options.edgeDelayMs, () => {
      this.handle({ type: "file", index: this.audience.film.index, from: 0 });
    });
  }

  #status() {
    const { partners, uplink } = this.engine.totals();
    const { uploads } = this.options;
    const base = { playing: true, visible: true, uploads, partners, renditions: [] };
    return { ...base, uplink: Math.round(uplink) };
  }

  #hear(message: ServerMessage): void {
    if (this.gone) return;
    switch (message.type) {
      case "welcome":
        this.#online = true;
        this.handle({ type: "edge", reachable: true });
        this.handle({ type: "audience", count: message.viewers });
        return this.#beat();
      case "viewers":
        return this.handle({ type: "audience", count: message.count });
      case "introduce":
        return this.handle({ type: "introduced", peers: message.peers });
      default:
        return;
    }
  }

  #offer(peer: string): void {
    const { world, viewers } = this.audience;
    const other = viewers.get(peer);
    if (!other || this.#connecting.has(peer) || this.links.has(peer)) return;
    this.#connecting.add(peer);
    other.#connecting.add(this.id);
    const pairMs = world.delayMs(this, other);
    const signalMs = 2 * (this.options.edgeDelayMs + other.options.edgeDelayMs);
    world.countSignalling(SIGNALLING_BYTES);
    world.clock.after(signalMs + 2 * LINK_TRIPS * pairMs, () => {
      this.#connecting.delete(peer);
      other.#connecting.delete(this.id);
      if (this.gone || other.gone || !world.canConnect(this, other)) return;
      if (this.links.has(peer)) return;
      this.links.set(peer, { other, flow: openFlow(this.host, other.host, pairMs) });
      other.links.set(this.id, { other: this, flow: openFlow(other.host, this.host, pairMs) });
      this.handle({ type: "linkOpen", peer });
      other.handle({ type: "linkOpen", peer: this.id });
    });
  }

  #unlink(peer: string): void {
    const link = this.links.get(peer);
    if (!link) return;
    this.links.delete(peer);
    link.flow.open = false;
    this.handle({ type: "linkClosed", peer });
    const back = link.other.links.get(this.id);
    if (!back) return;
    this.audience.world.clock.after(link.flow.delayMs, () => {
      if (link.other.links.get(this.id) !== back) return;
      link.other.links.delete(this.id);
      back.flow.open = false;
      link.other.handle({ type: "linkClosed", peer: this.id });
    });
  }

  #beat(): void {
    if (this.gone) return;
    const { clock } = this.audience.world;
    if (this.#online && clock.now() >= this.#statusMs) {
      this.#statusMs = clock.now() + STATUS_MS;
      this.#socket!.send({ type: "status", status: this.#status() });
    }
    clock.after(1000, () => this.#beat());
  }

  handle(input: VodInput<Handle>): void {
    this.#feed(input);
  }

  #perform(output: EngineOutput<Handle>): void {
    const { clock, edge } = this.audience.world;
    const { edgeDelayMs } = this.options;
    switch (output.type) {
      case "send":
        return this.#send(output.peer, output.frame);
      case "fetch": {
        const { fetch, entry, pieces, purpose } = output;
        const cancel = edge.get(this.host, edgeDelayMs, { entry, pieces, purpose }, (index) => {
          if (this.gone) return;
          this.#countEdge(entry.unit.sequence, index);
          this.handle({ type: "fetchedPiece", fetch, index, payload: GOOD });
        }, (result) => {
          this.#fetches.delete(fetch);
          this.handle({ type: "fetchEnded", fetch, result });
        });
        this.#fetches.set(fetch, cancel);
        return;
      }
      case "cancelFetch":
        this.#fetches.get(output.fetch)?.();
        this.#fetches.delete(output.fetch);
        return;
      case "fetchDigests": {
        const { unit } = output.entry;
        const digests = this.#digests(unit.sequence);
        clock.after(2 * edgeDelayMs, () => this.handle({ type: "fetchedDigests", unit, digests }));
        return;
      }
      case "checkPiece": {
        const { unit, index, payload } = output;
        this.handle({ type: "checkedPiece", unit, index, payload, ok: true });
        return;
      }
      case "checkDigests": {
        const { unit, digests } = output;
        this.handle({ type: "checkedDigests", unit, digests, ok: true });
        return;
      }
      case "deliver": {
        const demand = this.#demands.get(output.demand);
        if (!demand) return;
        if (output.last) this.#demands.delete(output.demand);
        return this.element.arrived(pieceOf(demand.block, output.index));
      }
      case "decline": {
        const demand = this.#demands.get(output.demand);
        if (!demand) return;
        this.#demands.delete(output.demand);
        const entry = this.audience.film.entries[demand.block]!;
        edge.get(
          this.host,
          edgeDelayMs,
          { entry, pieces: demand, purpose: "http" },
          (index) => this.#plainPiece(demand.block, index),
          () => {},
        );
        return;
      }
      case "connect":
        return this.#offer(output.peer);
      case "drop":
        return this.#unlink(output.peer);
      case "accuse":
        this.#socket?.send({ type: "accuse", peer: output.peer, unit: unitKey(output.unit) });
        return;
      case "seek":
        if (!this.#online) return;
        this.#socket!.send({ type: "seek", want: output.want, known: [...output.known] });
        return;
      case "injected":
      case "whole":
      case "signal":
      case "signalled":
        // Links come about by `#offer` alone.
        return;
    }
  }

  #digests(block: number): Uint8Array {
    const { film, world } = this.audience;
    return world.digests(
      pieceOf(0, Math.ceil(film.entries[block]!.length / film.index.file.pieceBytes)),
    );
  }

  #send(peer: string, sent: PeerFrame<Handle>): void {
    const link = this.links.get(peer);
    if (!link) return;
    const { world: { carrier, meter }, film } = this.audience;
    let frame = sent;
    let media = 0;
    if (sent.type === "piece") {
      const span = pieceSpan(film.entries[sent.unit.sequence]!, sent.index);
      media = span.to - span.from;
      frame = { ...sent, payload: sent.payload + 1 };
    }
    const control = controlBytes(sent);
    const wire = wireBytes(control + media);
    if (meter.on) {
      meter.controlBytes += control;
      meter.controlWireBytes += media === 0 ? wire : control;
    }
    carrier.send(link.flow, wire, () => {
      if (meter.on) meter.peerBytes += media;
      link.other.handle({ type: "frame", peer: this.id, frame });
    }, media > 0 ? () => this.handle({ type: "sent", peer, bytes: media }) : undefined);
  }

  #countEdge(block: number, index: number): void {
    const { world: { clock, meter }, film } = this.audience;
    if (!meter.on || clock.now() > this.joinedMs + JOIN_MS) return;
    const entry = film.entries[block]!;
    const span = pieceSpan(entry, index);
    meter.joinEdgeSegments += (span.to - span.from) / entry.length;
  }

  #countDue(piece: number, there: boolean): void {
    const { meter } = this.audience.world;
    if (!meter.on) return;
    const { block, index } = placeOf(piece);
    const span = pieceSpan(this.audience.film.entries[block]!, index);
    // What was late is played all the same, once it is there.
    meter.playedBytes += span.to - span.from;
    const [due, got] = [1, there ? 1 : 0];
    for (const sum of [meter, this.options.uploads ? meter.givers : meter.takers]) {
      sum.due += due;
      sum.there += got;
    }
    if (!there) meter.stalls++;
  }

  leave(): void {
    for (const peer of [...this.links.keys()]) this.#send(peer, { type: "bye" });
    this.#socket?.send({ type: "leave" });
    for (const peer of [...this.links.keys()]) this.#unlink(peer);
    for (const cancel of this.#fetches.values()) cancel();
    this.#socket?.close();
    this.element.stop();
    this.gone = true;
    this.host.goneMs = this.audience.world.clock.now();
    this.audience.viewers.delete(this.id);
    this.audience.world.filmgoers.delete(this);
  }
}
