/**
 * One who watches: the real engine in a shell on virtual time, and an element that plays segment
 * after segment at a fixed distance behind live. The first picture comes by plain HTTP, as in a page
 * whose tag begins after it; then the socket opens, partners are met, and the engine answers.
 */
import type { LedgerEntry } from "../../edge/protocol/ledger_entry.ts";
import { pieceCount, pieceSpan } from "../../edge/protocol/pieces.ts";
import type { ServerMessage } from "../../edge/protocol/messages.ts";
import { type Unit, unitKey } from "../../edge/protocol/unit.ts";
import { PROTOCOL_VERSION } from "../../edge/protocol/version.ts";
import { createEngine } from "../../web/swarm/engine.ts";
import { createDonet } from "./donet/engine.ts";
import type { SimEngine, SimFrame, SimInput, SimOutput } from "./donet/io.ts";
import type { EdgeSocket } from "./edge_host.ts";
import { controlBytes, wireBytes } from "./frame_bytes.ts";
import { createHost, type Flow, type Host, openFlow } from "./hosts.ts";
import { exponential } from "./random.ts";
import { noteDue, noteEdgeBytes, notePieceDelay } from "./measure.ts";
import { segmentKey, type World } from "./world.ts";

/** Stands for the bytes of a piece: how many have handed them on since the edge, or that they are wrong. */
export type Handle = number;
const GOOD: Handle = 0;
const BAD: Handle = -1;

export interface ViewerOptions {
  /** bytes/ms */
  readonly uplink: number;
  readonly downlink: number;
  /** One-way to the edge, ms. */
  readonly edgeDelayMs: number;
  /** Gives to others. */
  readonly uploads: boolean;
  /** bytes/s */
  readonly uploadCap: number;
  /** Sends wrong bytes in place of every piece. */
  readonly liar: boolean;
  /** Whether the edge may be asked for what partners do not bring. */
  readonly fallback: boolean;
  readonly counted: boolean;
  /** DONet's source: at the edge, and plays nothing. */
  readonly source: boolean;
}

interface Link {
  readonly other: Viewer;
  readonly flow: Flow;
}

/** Media that an element holds before its first picture, as a share of a segment. */
const FIRST_PICTURE = 1 / 4;
/** How far behind live an element starts, segments. */
export const BEHIND_SEGMENTS = 3;
/** An element asks for more while it has less than this, ms. */
const ELEMENT_BUFFER_MS = 12_000;
/** Round trips to a new TLS connection and the first byte, less the request's own. */
const CONNECT_TRIPS = 2;
const STATUS_MS = 10_000;
/** Setting up a data channel: ICE, DTLS and SCTP, round trips of the pair. */
const LINK_TRIPS = 5;
/** DONet's M, as in most of its paper's experiments. */
const DONET_PARTNERS = 4;
/** A join is counted up to this age, ms. */
const JOIN_MS = 20_000;
/** The delays of pieces are noted at one viewer of so many. */
const SAMPLED = 16;

export class Viewer {
  readonly host: Host;
  readonly id: string;
  readonly engine: SimEngine<Handle>;
  readonly links = new Map<string, Link>();
  readonly connecting = new Set<string>();
  /** When each piece of a unit was there, ms, by sequence. */
  readonly arrivals = new Map<number, Float64Array>();
  readonly joinedMs: number;
  startedMs: number | undefined;
  gone = false;
  #socket: EdgeSocket | undefined;
  #online = false;
  #welcomes = 0;
  #backlog = 0;
  #wakeMs = Infinity;
  #draining = false;
  #demands = new Map<number, LedgerEntry>();
  #lastDemand = 0;
  #next: number | undefined;
  #rendition: number;
  /** The rendition in which a segment was asked for, by sequence. */
  #chosen = new Map<number, number>();
  #asking = false;
  #playFromMs = 0;
  #firstStartMs = 0;
  #fetches = new Map<number, () => void>();
  #cancelWhole: (() => void) | undefined;
  #statusMs = 0;
  #wasAble = false;

  constructor(readonly world: World, index: number, readonly options: ViewerOptions) {
    const { uplink, downlink, source } = options;
    this.host = source ? world.edge.host : createHost(index, uplink, downlink);
    this.id = `peer${String(index).padStart(16, "0")}`;
    this.joinedMs = world.clock.now();
    this.engine = this.#createEngine();
    this.#rendition = index % world.options.renditions.length;
    if (source) this.#openSocket();
    else this.#firstPicture();
    if (world.meter.on) world.meter.joins++;
  }

  #createEngine(): SimEngine<Handle> {
    const { source, uploads, uploadCap } = this.options;
    // Without demands, as where the fallback is off, the engine would not know what is played.
    const prefetch = this.world.options.renditions.length > 1 ? "played" : "all";
    const usual = {
      self: this.id,
      random: this.world.random,
      conduct: { prefetch, inject: uploads, upload: uploads, uploadCap },
    } as const;
    if (this.world.options.scheduler === "tributary") return createEngine<Handle>(usual);
    const playMs = (entry: LedgerEntry) =>
      this.startedMs === undefined ? Infinity : this.#dueMs(entry);
    const wanted = this.world.options.partners ?? DONET_PARTNERS;
    return createDonet<Handle>({ ...usual, source, wanted, playMs });
  }

  /** Playlist, then the first segment, by plain HTTP. */
  #firstPicture(): void {
    const { clock, edge } = this.world;
    clock.after(2 * CONNECT_TRIPS * this.options.edgeDelayMs, () => {
      if (this.gone) return;
      const units = edge.units.filter(({ unit }) => unit.rendition === this.#rendition);
      const entry = units.at(-BEHIND_SEGMENTS) ?? units[0];
      // An edge that is away, or has nothing yet: the page tries again.
      if (!entry || edge.away) return clock.after(500, () => this.#firstPicture());
      clock.after(2 * this.options.edgeDelayMs, () => {
        if (this.gone) return;
        this.#next = entry.unit.sequence;
        this.#getWhole(entry);
      });
    });
  }

  /** The element's own request, past the worker. */
  #getWhole(entry: LedgerEntry): void {
    if (this.gone) return;
    this.#asking = true;
    const { edge, clock } = this.world;
    const count = pieceCount(entry);
    let got = 0;
    this.#cancelWhole = edge.get(
      this.host,
      this.options.edgeDelayMs,
      { entry, pieces: { from: 0, to: count }, purpose: "http" },
      (index) => {
        if (this.gone) return;
        this.#countEdge(entry, index);
        this.#arrived(entry.unit, index);
        if (++got >= count * FIRST_PICTURE && this.startedMs === undefined) this.#start(entry);
      },
      (result) => {
        if (this.gone) return;
        if (result === "failed") return clock.after(500, () => this.#getWhole(entry));
        this.#hold(entry, count);
        this.#answered(entry);
      },
    );
  }

  #hold(entry: LedgerEntry, count: number): void {
    const payloads: Handle[] = new Array(count).fill(GOOD);
    this.handle({ type: "held", unit: entry.unit, digests: this.world.digests(count), payloads });
  }

  #start(entry: LedgerEntry): void {
    const { clock, meter } = this.world;
    this.startedMs = clock.now();
    this.#playFromMs = clock.now();
    this.#firstStartMs = entry.startMs;
    if (meter.on) meter.startupsMs.push(this.startedMs - this.joinedMs);
    this.#watchFirst(entry);
    this.#changeMind();
    this.#watch(entry.unit.sequence + 1);
    clock.after(2 * (CONNECT_TRIPS + 1) * this.options.edgeDelayMs, () => this.#openSocket());
  }

  #openSocket(): void {
    const { clock, edge } = this.world;
    if (this.gone) return;
    if (edge.away) return clock.after(500 + 1500 * this.world.random(), () => this.#openSocket());
    this.#socket = edge.connect(this.host, this.options.edgeDelayMs, {
      message: (message) => this.#hear(message),
      ledger: (frame) => {
        if (this.gone) return;
        const { entry, inject, digests } = frame;
        const live = this.#backlog-- <= 0;
        this.handle({ type: "ledger", entry, live, inject, ...(digests ? { digests } : {}) });
        if (entry.unit.sequence === this.#next! - 1 && !live) this.#holdFirst(entry);
        // The entries of the other renditions come at the same time.
        clock.after(0, () => this.#ask());
      },
      closed: () => {
        this.#online = false;
        this.handle({ type: "edge", reachable: false });
        clock.after(500 + 1500 * this.world.random(), () => this.#openSocket());
      },
    });
    this.#socket.send({
      type: "join",
      version: PROTOCOL_VERSION,
      peer: this.id,
      secret: this.id,
      status: this.#status(),
    });
  }

  /** What the element had before the engine knew of it is found in the browser's cache. */
  #holdFirst(entry: LedgerEntry): void {
    const times = this.arrivals.get(segmentKey(entry.unit));
    if (times?.every((time) => !Number.isNaN(time))) this.#hold(entry, times.length);
  }

  #status() {
    const totals = this.engine.totals();
    return {
      playing: true,
      visible: true,
      uploads: this.options.uploads,
      partners: totals.partners,
      uplink: Math.round(totals.uplink),
      renditions: [...totals.renditions],
    };
  }

  #hear(message: ServerMessage): void {
    if (this.gone) return;
    switch (message.type) {
      case "welcome":
        this.#backlog = message.backlog;
        this.#online = true;
        // Where there is no fallback, it fails and nobody hands the demand to the network for that.
        this.handle({ type: "edge", reachable: this.options.fallback });
        this.handle({ type: "audience", count: message.viewers });
        if (this.#welcomes++ === 0) this.#beat();
        return;
      case "viewers":
        return this.handle({ type: "audience", count: message.count });
      case "introduce":
        if (this.world.options.scheduler === "donet") {
          return this.handle({ type: "introduced", peers: this.world.deputyList() });
        }
        for (const peer of message.peers) this.#offer(peer);
        return;
      default:
        return;
    }
  }

  /** Offer and answer travel by the edge, then the pair sets up its link. */
  #offer(peer: string): void {
    const { clock } = this.world;
    const other = this.world.viewers.get(peer);
    if (!other || this.connecting.has(peer) || this.links.has(peer)) return;
    this.connecting.add(peer);
    other.connecting.add(this.id);
    const pairMs = this.world.delayMs(this, other);
    const signalMs = 2 * (this.options.edgeDelayMs + other.options.edgeDelayMs);
    this.world.countSignalling();
    clock.after(signalMs + 2 * LINK_TRIPS * pairMs, () => {
      this.connecting.delete(peer);
      other.connecting.delete(this.id);
      if (this.gone || other.gone || !this.world.canConnect(this, other)) return;
      if (this.links.has(peer)) return;
      this.links.set(peer, { other, flow: openFlow(this.host, other.host, pairMs) });
      other.links.set(this.id, { other: this, flow: openFlow(other.host, this.host, pairMs) });
      this.handle({ type: "linkOpen", peer });
      other.handle({ type: "linkOpen", peer: this.id });
    });
  }

  /** Both ends learn of it: at once where one said so, after a while where it vanished. */
  unlink(peer: string, lateMs = 0): void {
    const link = this.links.get(peer);
    if (!link) return;
    this.links.delete(peer);
    link.flow.open = false;
    this.handle({ type: "linkClosed", peer });
    const back = link.other.links.get(this.id);
    if (!back) return;
    this.world.clock.after(link.flow.delayMs + lateMs, () => {
      if (link.other.links.get(this.id) !== back) return;
      link.other.links.delete(this.id);
      back.flow.open = false;
      if (!link.other.gone) link.other.handle({ type: "linkClosed", peer: this.id });
    });
  }

  #beat(): void {
    if (this.gone) return;
    const { clock } = this.world;
    const totals = this.engine.totals();
    const able = totals.partners > 0 && totals.renditions.length > 0;
    if (this.#online && (clock.now() >= this.#statusMs || able !== this.#wasAble)) {
      this.#statusMs = clock.now() + STATUS_MS;
      this.#wasAble = able;
      this.#socket!.send({ type: "status", status: this.#status() });
    }
    clock.after(1000, () => this.#beat());
  }

  handle(input: SimInput<Handle>): void {
    if (this.gone) return;
    const { clock } = this.world;
    this.engine.handle(input, clock.now());
    if (this.#draining) return;
    this.#draining = true;
    for (let output; (output = this.engine.poll());) this.#perform(output);
    this.#draining = false;
    const wakeMs = this.engine.wakeMs();
    if (wakeMs >= this.#wakeMs) return;
    this.#wakeMs = wakeMs;
    clock.after(wakeMs - clock.now(), () => {
      if (this.#wakeMs !== wakeMs) return;
      this.#wakeMs = Infinity;
      this.handle({ type: "wake" });
    });
  }

  #perform(output: SimOutput<Handle>): void {
    const { clock, edge, meter } = this.world;
    switch (output.type) {
      case "send":
        return this.#send(output.peer, output.frame);
      case "fetch": {
        const { fetch, entry, pieces } = output;
        if (output.purpose === "fallback" && !this.options.fallback) {
          return this.handle({ type: "fetchEnded", fetch, result: "failed" });
        }
        const cancel = edge.get(
          this.host,
          this.options.edgeDelayMs,
          { entry, pieces, purpose: output.purpose },
          (index) => {
            if (this.gone) return;
            this.#countEdge(entry, index);
            this.handle({ type: "fetchedPiece", fetch, index, payload: GOOD });
          },
          (result) => {
            this.#fetches.delete(fetch);
            this.handle({ type: "fetchEnded", fetch, result });
          },
        );
        this.#fetches.set(fetch, cancel);
        return;
      }
      case "cancelFetch":
        this.#fetches.get(output.fetch)?.();
        this.#fetches.delete(output.fetch);
        return;
      case "fetchDigests": {
        const { entry } = output;
        clock.after(2 * this.options.edgeDelayMs, () => {
          const digests = edge.away ? undefined : this.world.digests(pieceCount(entry));
          this.handle({ type: "fetchedDigests", unit: entry.unit, digests });
        });
        return;
      }
      case "checkPiece": {
        const { unit, index, payload } = output;
        const ok = payload !== BAD;
        this.engine.handle({ type: "checkedPiece", unit, index, payload, ok }, clock.now());
        if (ok) this.#arrived(unit, index, payload);
        return;
      }
      case "checkDigests": {
        const { unit, digests } = output;
        this.engine.handle({ type: "checkedDigests", unit, digests, ok: true }, clock.now());
        return;
      }
      case "deliver": {
        const entry = this.#demands.get(output.demand);
        if (output.payload === BAD) meter.badPlayed++;
        if (!output.last || !entry) return;
        this.#demands.delete(output.demand);
        return this.#answered(entry);
      }
      case "decline": {
        const entry = this.#demands.get(output.demand);
        if (!entry) return;
        this.#demands.delete(output.demand);
        if (!this.options.fallback) return;
        return this.#getWhole(entry);
      }
      case "drop":
        return this.unlink(output.peer);
      case "connect":
        return this.#offer(output.peer);
      case "accuse":
        this.#socket?.send({ type: "accuse", peer: output.peer, unit: unitKey(output.unit) });
        return;
      case "injected":
        this.#socket?.send({
          type: "injected",
          unit: unitKey(output.unit),
          runs: [...output.runs],
        });
        return;
      case "seek":
        if (!this.#online) return;
        this.#socket!.send({ type: "seek", want: output.want, known: [...output.known] });
        return;
    }
  }

  #send(peer: string, sent: SimFrame<Handle>): void {
    const link = this.links.get(peer);
    if (!link) return;
    const { carrier, edge, meter } = this.world;
    if (this.options.source && edge.away) return;
    let frame = sent;
    let media = 0;
    if (sent.type === "piece") {
      const entry = this.world.entries.get(segmentKey(sent.unit))!;
      const span = pieceSpan(entry, sent.index);
      media = span.to - span.from;
      if (sent.payload === BAD && !this.options.liar) meter.badPassedOn++;
      const bad = this.options.liar || sent.payload === BAD;
      frame = { ...sent, payload: bad ? BAD : sent.payload + 1 };
    }
    const control = controlBytes(sent);
    const wire = wireBytes(control + media);
    if (meter.on) {
      meter.controlBytes += control;
      if (media === 0) meter.controlWireBytes += wire;
      else meter.controlWireBytes += control;
    }
    const arrive = () => {
      if (meter.on && media > 0 && !this.options.source) {
        meter.peerBytes += media;
        const { unit, index } = frame as { unit: Unit; index: number };
        if (!Number.isNaN(link.other.arrivals.get(segmentKey(unit))?.[index] ?? NaN)) {
          meter.duplicateBytes += media;
        }
      }
      link.other.handle({ type: "frame", peer: this.id, frame });
    };
    const left = media > 0 ? () => this.#onSent(peer, media) : undefined;
    carrier.send(link.flow, wire, arrive, left);
  }

  #onSent(peer: string, bytes: number): void {
    if (this.options.source) {
      noteEdgeBytes(this.world.meter, "inject", bytes, this.world.clock.now());
    }
    this.handle({ type: "sent", peer, bytes });
  }

  /** A segment is published: the source has it. */
  takeIn(entry: LedgerEntry): void {
    this.handle({ type: "ledger", entry, live: true, inject: [] });
    this.#hold(entry, pieceCount(entry));
  }

  #countEdge(entry: LedgerEntry, index: number): void {
    const { clock, meter } = this.world;
    if (!meter.on || clock.now() > this.joinedMs + JOIN_MS) return;
    const span = pieceSpan(entry, index);
    meter.joinEdgeSegments += (span.to - span.from) / entry.length;
  }

  #arrived(unit: Unit, index: number, hops?: Handle): void {
    const { clock, entries, meter } = this.world;
    const key = segmentKey(unit);
    let times = this.arrivals.get(key);
    if (!times) {
      times = new Float64Array(pieceCount(entries.get(key)!)).fill(NaN);
      this.arrivals.set(key, times);
    }
    if (!Number.isNaN(times[index]!)) return;
    times[index] = clock.now();
    if (!meter.on || hops === undefined || this.host.index % SAMPLED !== 0) return;
    const { startMs, durationMs } = entries.get(key)!;
    notePieceDelay(meter, hops, clock.now() - startMs - durationMs);
  }

  /** The element has the whole of `entry`, and asks for the next. */
  #answered(entry: LedgerEntry): void {
    this.#asking = false;
    if (this.#next === entry.unit.sequence) this.#next++;
    this.#ask();
  }

  /** Asks for the next segment if it is in the playlist and there is room for it. */
  #ask(): void {
    if (this.gone || this.#asking || this.#next === undefined || this.startedMs === undefined) {
      return;
    }
    const { clock, entries } = this.world;
    const entry = entries.get(segmentKey({ rendition: this.#rendition, sequence: this.#next }));
    const known = entry &&
      (entry.startMs + entry.durationMs + this.options.edgeDelayMs) <= clock.now();
    if (!known) return;
    const dueMs = this.#dueMs(entry);
    if (dueMs - clock.now() > ELEMENT_BUFFER_MS) {
      clock.after(dueMs - clock.now() - ELEMENT_BUFFER_MS, () => this.#ask());
      return;
    }
    this.#asking = true;
    this.#chosen.set(this.#next, this.#rendition);
    if (!this.#online && this.#welcomes === 0) return this.#getWhole(entry);
    const demand = ++this.#lastDemand;
    this.#demands.set(demand, entry);
    this.handle({ type: "demand", demand, unit: entry.unit, deadlineMs: dueMs });
  }

  #dueMs(entry: LedgerEntry): number {
    return this.#playFromMs + entry.startMs - this.#firstStartMs;
  }

  /** The first segment plays while it comes. */
  #watchFirst(entry: LedgerEntry): void {
    this.world.clock.after(entry.durationMs, () => {
      const times = this.arrivals.get(segmentKey(entry.unit));
      if (this.gone || !times) return;
      const dueMs = (index: number) => this.#playFromMs + (entry.durationMs * index) / times.length;
      this.#countDue(entry, times.filter((time, index) => time <= dueMs(index)).length);
    });
  }

  /** The segment of the rendition that was asked for, or would be. */
  #segmentAt(sequence: number): LedgerEntry | undefined {
    const rendition = this.#chosen.get(sequence) ?? this.#rendition;
    return this.world.entries.get(segmentKey({ rendition, sequence }));
  }

  /** At the play time of a segment it is seen what of it was there: an element takes it whole. */
  #watch(sequence: number): void {
    const { clock } = this.world;
    const announced = this.#segmentAt(sequence);
    if (this.gone) return;
    if (!announced) {
      clock.after(500, () => this.#watch(sequence));
      return;
    }
    const dueMs = this.#dueMs(announced);
    clock.after(dueMs - clock.now(), () => {
      if (this.gone) return;
      const entry = this.#segmentAt(sequence)!;
      const times = this.arrivals.get(segmentKey(entry.unit));
      const count = pieceCount(entry);
      let there = 0;
      for (let index = 0; index < count; index++) if (times && times[index]! <= dueMs) there++;
      this.#countDue(entry, there);
      const before = this.#segmentAt(sequence - 1);
      if (before) this.arrivals.delete(segmentKey(before.unit));
      this.#chosen.delete(sequence - 1);
      // Without the fallback the element skips what is not there.
      if (!this.options.fallback) {
        for (const demand of this.#demands.keys()) this.handle({ type: "abandon", demand });
        this.#demands.clear();
        this.#asking = false;
        if (this.#next === sequence) this.#next = sequence + 1;
        this.#ask();
      }
      this.#watch(sequence + 1);
    });
    this.#ask();
  }

  /** The viewer goes over to another rendition now and then. */
  #changeMind(): void {
    const { clock, random, options: { renditions, switchMs } } = this.world;
    if (renditions.length < 2) return;
    clock.after(exponential(random, switchMs), () => {
      if (this.gone) return;
      const step = 1 + Math.floor(random() * (renditions.length - 1));
      this.#rendition = (this.#rendition + step) % renditions.length;
      this.#changeMind();
    });
  }

  #countDue(entry: LedgerEntry, there: number): void {
    const { meter } = this.world;
    if (!meter.on) return;
    const count = pieceCount(entry);
    meter.playedBytes += (entry.length * there) / count;
    if (!this.options.counted) return;
    noteDue(meter, { sequence: entry.unit.sequence, due: count, there }, {
      gives: this.options.uploads,
      counts: this.world.counts(entry),
    });
  }

  /** Leaves: with a goodbye, or as a machine that loses its power. */
  leave(polite: boolean): void {
    if (polite) {
      for (const peer of [...this.links.keys()]) this.#send(peer, { type: "bye" });
      this.#socket?.send({ type: "leave" });
    }
    const lateMs = polite ? 0 : this.world.vanishedMs();
    for (const peer of [...this.links.keys()]) this.unlink(peer, lateMs);
    for (const cancel of this.#fetches.values()) cancel();
    this.#cancelWhole?.();
    if (!polite) this.world.clock.after(lateMs, () => this.#socket?.close());
    else this.#socket?.close();
    this.gone = true;
    this.host.alive = false;
    this.world.viewers.delete(this.id);
  }
}
