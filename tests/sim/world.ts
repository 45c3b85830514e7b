/**
 * A world of its own: one clock, one edge, many viewers, all from one seed. It may be in several threads:
 * then each of them has its part of the viewers, and the first one the edge.
 */
import type { LedgerEntry } from "../../edge/protocol/ledger_entry.ts";
import { parityRunsFor } from "../../edge/origin/publisher.ts";
import { cut } from "../../edge/protocol/pieces.ts";
import { WHOLE } from "../../edge/protocol/unit.ts";
import { type Clock, createClock } from "./clock.ts";
import { createEdgeHost, type Edge, type EdgeHost } from "./edge_host.ts";
import { createEdgeGate, createFarEdge } from "./far_edge.ts";
import { type Carrier, createCarrier, RETRANSMISSION_MS } from "./hosts.ts";
import { idOf, indexOf, segmentKey } from "./keys.ts";
import { createMeter, type Meter } from "./measure.ts";
import {
  ALONE,
  type AnswerNote,
  type EdgeNote,
  LEAST_DELAY_MS,
  type Note,
  type Threads,
  type ViewerNote,
} from "./post.ts";
import { exponential, logNormal, mulberry32, ofPair } from "./random.ts";
import { Viewer, type ViewerOptions } from "./viewer.ts";
import type { WorldOptions } from "./world_options.ts";

/** In units of the stream's rate. */
const DOWNLINK = 8;
/** Spread of the delays' logarithm. */
const DELAY_SIGMA = 0.5;
/** The delay of a pair in one region, and of one in two; of four regions the median stays what it was. */
const WITHIN_REGION = 0.4;
const BETWEEN_REGIONS = 1.2;
/** Who has no uplink for media still answers, bytes/ms. */
const THIN_UPLINK = 8;
/** WebRTC takes this long to find out that the other end is gone, ms. */
const VANISHED_MS = 8_000;
const VANISHED_SPREAD_MS = 7_000;

/** Who watches, whatever it is. */
export interface Watcher {
  readonly options: ViewerOptions;
  readonly links: { readonly size: number };
}

/** Who has a place in the net. */
export interface Placed {
  readonly host: { readonly index: number };
}

/** Who watches, as whoever sends him here and away sees it. */
export type Guest = Pick<Viewer, "options" | "leave">;

export class World {
  readonly clock: Clock = createClock();
  /** What comes by chance: to who is there, … */
  readonly random: () => number;
  /** … and who comes and goes when, the same in all threads, and whatever engine he runs. */
  readonly fate: () => number;
  readonly meter: Meter = createMeter();
  readonly carrier: Carrier;
  /** The edge as viewers find it. */
  readonly edge: Edge;
  /** What comes from other threads. */
  readonly take: (note: Note) => void;
  readonly viewers = new Map<string, Viewer>();
  /** Those who watch a film instead of what is live. */
  readonly filmgoers = new Set<Watcher>();
  /** By `segmentKey`. */
  readonly entries = new Map<number, LedgerEntry>();
  /** Links that have come about since it began. */
  linksMade = 0;
  /** Which segments count; all by default. */
  counts: (entry: LedgerEntry) => boolean = () => true;
  #edgeHost: EdgeHost | undefined;
  #source: Viewer | undefined;
  #sequence = 0;
  #peers = 0;
  #digests = new Map<number, Uint8Array>();

  constructor(readonly options: WorldOptions, readonly threads: Threads = ALONE) {
    const { seed } = options;
    this.random = mulberry32(ofPair(threads.mine, THREADS_SALT, seed) * 2 ** 32);
    this.fate = mulberry32(seed);
    this.carrier = createCarrier(this.clock, () => this.#disturbance());
    if (threads.mine === 0) {
      this.edge = this.#edgeHost = this.#createEdge();
      const entryOf = (unit: LedgerEntry["unit"]) => this.entries.get(segmentKey(unit))!;
      const gate = createEdgeGate({ edge: this.#edgeHost, threads, entryOf });
      this.take = (note) => "to" in note ? this.#hear(note) : gate(note as EdgeNote);
    } else {
      const { clock, carrier } = this;
      const edge = createFarEdge({ clock, carrier, threads });
      this.edge = edge;
      this.take = (note) => "to" in note ? this.#hear(note) : edge.take(note as AnswerNote);
    }
    if (options.scheduler === "donet") this.#source = this.#addSource();
    // Some segments are there before anybody comes.
    for (let unit = 0; unit < 3; unit++) this.#publish(unit * options.segmentMs);
    this.clock.runUntil(3 * options.segmentMs);
    this.clock.after(options.segmentMs, () => this.#goOn());
  }

  #createEdge(): EdgeHost {
    const { clock, carrier, meter, random, options: { partners } } = this;
    return createEdgeHost({ clock, carrier, meter, random, partners });
  }

  /** The edge itself. */
  get edgeHost(): EdgeHost {
    if (!this.#edgeHost) throw new Error("the edge is in the first thread");
    return this.#edgeHost;
  }

  /** DONet's source, which is a node as the others. */
  get source(): string | undefined {
    return this.#source?.id;
  }

  beginCount(): void {
    this.meter.on = true;
    this.meter.sinceMs = this.clock.now();
    this.#edgeHost?.setEgress(this.options.edgeEgress * this.options.rate);
  }

  #goOn(): void {
    this.#publish(this.clock.now() - this.options.segmentMs);
    this.clock.after(this.options.segmentMs, () => this.#goOn());
  }

  #publish(startMs: number): void {
    const { rate, segmentMs, renditions } = this.options;
    const sequence = this.#sequence++;
    renditions.forEach((times, rendition) => {
      const pieces = cut(times * rate * segmentMs, segmentMs);
      const entry: LedgerEntry = {
        ...pieces,
        unit: { epoch: 1, rendition, sequence, part: WHOLE },
        uri: `r${rendition}/${sequence}.m4s`,
        startMs,
        durationMs: segmentMs,
        discontinuity: false,
        parityRuns: this.options.parityRuns ?? parityRunsFor(pieces.runs),
        root: new Uint8Array(16),
      };
      this.entries.set(segmentKey(entry.unit), entry);
      this.edge.publish(entry);
      this.#source?.takeIn(entry);
    });
  }

  /** DONet's source is a node as the others, with the egress of the edge. */
  #addSource(): Viewer {
    const source = new Viewer(this, this.#peers++, {
      uplink: Infinity,
      downlink: Infinity,
      edgeDelayMs: 1,
      uploads: true,
      uploadCap: Infinity,
      liar: false,
      fallback: false,
      counted: false,
      source: true,
    });
    this.viewers.set(source.id, source);
    return source;
  }

  /** Somebody comes; of the given class of uplink, or one by chance. He may be another thread's. */
  join(change: Partial<ViewerOptions> = {}): Guest {
    const { index, options } = this.newcomer(change);
    if (this.#threadOf(index) !== this.threads.mine) return { options, leave: () => {} };
    const viewer = new Viewer(this, index, options);
    this.viewers.set(viewer.id, viewer);
    return viewer;
  }

  /** The number of one who comes, and what he is. */
  newcomer(change: Partial<ViewerOptions> = {}): { index: number; options: ViewerOptions } {
    const { options } = this;
    const random = mulberry32(ofPair(this.#peers, NEWCOMER_SALT, options.seed) * 2 ** 32);
    // DONet knows no cap, so that there it is the uplink's own.
    const most = options.scheduler === "donet" ? options.uploadCap : Infinity;
    const uplink = Math.min(most, this.#uplink());
    const rides = random() < options.freeRiders;
    const viewer: ViewerOptions = {
      uplink: Math.max(THIN_UPLINK, uplink * options.rate),
      downlink: DOWNLINK * options.rate,
      edgeDelayMs: Math.max(LEAST_DELAY_MS, logNormal(random, options.delayMs, DELAY_SIGMA)),
      uploads: uplink > 0 && !rides,
      uploadCap: options.uploadCap * options.rate * 1000,
      liar: random() < options.liars,
      fallback: options.fallback,
      counted: true,
      source: false,
      ...change,
    };
    return { index: this.#peers++, options: viewer };
  }

  #uplink(): number {
    // Every run of newcomers has the mix, as far as its length allows: by the golden ratio.
    let left = (this.#peers * GOLDEN + this.options.seed * 0.1) % 1;
    for (const { share, rate } of this.options.uplinks) {
      if (left < share) return rate;
      left -= share;
    }
    return 0;
  }

  #threadOf(index: number): number {
    return index % this.threads.count;
  }

  isFar(peer: string): boolean {
    return this.#threadOf(indexOf(peer)) !== this.threads.mine;
  }

  /** To a viewer in another thread, to be there at a time, ms. */
  postTo(peer: string, atMs: number, note: ViewerNote): void {
    this.threads.post(this.#threadOf(indexOf(peer)), atMs, note);
  }

  /** Somebody in another thread has something for a viewer. */
  #hear(note: ViewerNote): void {
    const viewer = this.viewers.get(idOf(note.to));
    if (!viewer) return;
    const from = idOf(note.from);
    switch (note.type) {
      case "frame":
        return viewer.links.hearFar(from, note.link, note);
      case "unlinked":
        return viewer.links.closedFar(from, note.link);
      case "meet":
        return viewer.handshakes.meet(from, note.link);
      case "met":
        return viewer.handshakes.met(from, note.link);
    }
  }

  /** One-way between two viewers, ms. */
  delayMs(a: Placed, b: Placed): number {
    const { seed, delayMs } = this.options;
    const draw = mulberry32(ofPair(a.host.index, b.host.index, seed) * 2 ** 32);
    return Math.max(LEAST_DELAY_MS, this.#distance(a, b) * logNormal(draw, delayMs, DELAY_SIGMA));
  }

  /** Where a viewer is, as the edge tells it by his address; `undefined` where there are no regions. */
  regionOf({ host: { index } }: Placed): string | undefined {
    const { regions } = this.options;
    return regions === 1 ? undefined : `region${index % regions}`;
  }

  #distance(a: Placed, b: Placed): number {
    if (this.options.regions === 1) return 1;
    return this.regionOf(a) === this.regionOf(b) ? WITHIN_REGION : BETWEEN_REGIONS;
  }

  canConnect(a: Placed, b: Placed): boolean {
    const { seed, unconnectable } = this.options;
    return ofPair(a.host.index, b.host.index, ~seed) >= unconnectable;
  }

  /** Some members by chance: what DONet's newcomers get from a deputy whose list gossip has mixed. */
  deputyList(): string[] {
    const peers = [...this.viewers.keys()];
    return Array.from(
      { length: DEPUTY_LIST },
      () => peers[Math.floor(this.random() * peers.length)]!,
    );
  }

  vanishedMs(): number {
    return VANISHED_MS + this.random() * VANISHED_SPREAD_MS;
  }

  #disturbance(): number {
    const { jitterMs, loss } = this.options;
    let ms = jitterMs > 0 ? exponential(this.random, jitterMs) : 0;
    if (loss > 0 && this.random() < 1 - (1 - loss) ** 12) ms += RETRANSMISSION_MS;
    return ms;
  }

  /** Offer, answer and candidates both ways, by way of the edge. */
  countSignalling(bytes: number): void {
    if (!this.meter.on) return;
    this.meter.controlBytes += bytes;
    this.meter.controlWireBytes += bytes + 12 * 66;
  }

  /** A digest list of so many pieces; nothing here looks into it. */
  digests(pieces: number): Uint8Array {
    const known = this.#digests.get(pieces);
    if (known) return known;
    const list = new Uint8Array(pieces * 16);
    this.#digests.set(pieces, list);
    return list;
  }
}

/** So that different things are drawn apart from each other. */
const THREADS_SALT = 1e6;
const NEWCOMER_SALT = 2e6;
const DEPUTY_LIST = 20;
const GOLDEN = (Math.sqrt(5) - 1) / 2;
