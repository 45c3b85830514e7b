/**
 * What an element does: it begins by plain HTTP, as in a page whose tag begins after the first
 * picture, then plays segment after segment at a fixed distance behind live, and asks for each in
 * time. What of it was there when it was due is counted.
 */
import type { LedgerEntry } from "../../edge/protocol/ledger_entry.ts";
import { pieceCount, pieceSpan } from "../../edge/protocol/pieces.ts";
import type { Unit } from "../../edge/protocol/unit.ts";
import { noteDue, notePieceDelay } from "./measure.ts";
import { exponential } from "./random.ts";
import type { Viewer } from "./viewer.ts";
import type { World } from "./world.ts";
import { segmentKey } from "./keys.ts";

/** Media that an element holds before its first picture, as a share of a segment. */
const FIRST_PICTURE = 1 / 4;
/** How far behind live an element starts, segments. */
const BEHIND_SEGMENTS = 3;
/** An element asks for more while it has less than this, ms. */
const ELEMENT_BUFFER_MS = 12_000;
/** Round trips to a new TLS connection and the first byte, less the request's own. */
export const CONNECT_TRIPS = 2;
/** A join is counted up to this age, ms. */
const JOIN_MS = 20_000;
/** The delay of one piece of so many is noted, at each viewer of others; of those few that were injected, each. */
const SAMPLED = 16;
/** An edge that is away, or has nothing yet, is tried again after this long, ms. */
const RETRY_MS = 500;

export class SimElement {
  /** When each piece of a unit was there, ms, by `segmentKey`. */
  readonly #arrivals = new Map<number, Float64Array>();
  readonly #viewer: Viewer;
  readonly #world: World;
  readonly #joinedMs: number;
  #startedMs: number | undefined;
  #firstStartMs = 0;
  #rendition: number;
  /** The rendition in which a segment was asked for, by sequence. */
  readonly #chosen = new Map<number, number>();
  readonly #demands = new Map<number, LedgerEntry>();
  #lastDemand = 0;
  #next: number | undefined;
  #asking = false;
  /** What the picture stands still for. */
  #waitsFor: LedgerEntry | undefined;
  #cancelWhole: (() => void) | undefined;

  constructor(viewer: Viewer) {
    this.#viewer = viewer;
    this.#world = viewer.world;
    this.#joinedMs = viewer.world.clock.now();
    this.#rendition = viewer.host.index % viewer.world.options.renditions.length;
  }

  /** Playlist, then the first segment, by plain HTTP. */
  begin(): void {
    if (this.#world.meter.on) this.#world.meter.joins++;
    this.#firstPicture();
  }

  #firstPicture(): void {
    const { clock, edge } = this.#world;
    const { edgeDelayMs } = this.#viewer.options;
    clock.after(2 * CONNECT_TRIPS * edgeDelayMs, () => {
      if (this.#viewer.gone) return;
      const units = edge.units.filter(({ unit }) => unit.rendition === this.#rendition);
      const entry = units.at(-BEHIND_SEGMENTS) ?? units[0];
      if (!entry || edge.away) return clock.after(RETRY_MS, () => this.#firstPicture());
      clock.after(2 * edgeDelayMs, () => {
        if (this.#viewer.gone) return;
        this.#next = entry.unit.sequence;
        this.#getWhole(entry);
      });
    });
  }

  /** When a segment is played, ms; `Infinity` before the first picture. */
  dueMs(entry: LedgerEntry): number {
    return this.#startedMs === undefined
      ? Infinity
      : this.#startedMs + entry.startMs - this.#firstStartMs;
  }

  /** A segment is in the playlist. */
  announced(entry: LedgerEntry, live: boolean): void {
    if (entry.unit.sequence === this.#next! - 1 && !live) this.#holdFirst(entry);
    // The entries of the other renditions come at the same time.
    this.#world.clock.after(0, () => this.#ask());
  }

  /** A piece is there; `hops`: how many have handed it on since the edge, where it came by the engine. */
  arrived(unit: Unit, index: number, hops?: number): void {
    const { clock, entries, meter } = this.#world;
    const key = segmentKey(unit);
    let times = this.#arrivals.get(key);
    if (!times) {
      times = new Float64Array(pieceCount(entries.get(key)!)).fill(NaN);
      this.#arrivals.set(key, times);
    }
    if (!Number.isNaN(times[index]!)) return;
    times[index] = clock.now();
    if (this.#waitsFor && this.#isWhole(this.#waitsFor)) this.#playOn();
    if (!meter.on || hops === undefined) return;
    if (hops > 0 && (this.#viewer.host.index + unit.sequence + index) % SAMPLED !== 0) return;
    const { startMs, durationMs } = entries.get(key)!;
    notePieceDelay(meter, hops, clock.now() - startMs - durationMs);
  }

  has(unit: Unit, index: number): boolean {
    return !Number.isNaN(this.#arrivals.get(segmentKey(unit))?.[index] ?? NaN);
  }

  delivered(demand: number, last: boolean): void {
    const entry = this.#demands.get(demand);
    if (!last || !entry) return;
    this.#demands.delete(demand);
    this.#answered(entry);
  }

  declined(demand: number): void {
    const entry = this.#demands.get(demand);
    if (!entry) return;
    this.#demands.delete(demand);
    if (this.#viewer.options.fallback) this.#getWhole(entry);
  }

  countEdge(entry: LedgerEntry, index: number): void {
    const { clock, meter } = this.#world;
    if (!meter.on || clock.now() > this.#joinedMs + JOIN_MS) return;
    const span = pieceSpan(entry, index);
    meter.joinEdgeSegments += (span.to - span.from) / entry.length;
  }

  stop(): void {
    this.#cancelWhole?.();
  }

  /** The element's own request, past the worker. */
  #getWhole(entry: LedgerEntry): void {
    if (this.#viewer.gone) return;
    this.#asking = true;
    const { edge, clock } = this.#world;
    const count = pieceCount(entry);
    let got = 0;
    this.#cancelWhole = edge.get(
      this.#viewer.host,
      this.#viewer.options.edgeDelayMs,
      { entry, pieces: { from: 0, to: count }, purpose: "http" },
      (index) => {
        if (this.#viewer.gone) return;
        this.countEdge(entry, index);
        this.arrived(entry.unit, index);
        if (++got >= count * FIRST_PICTURE && this.#startedMs === undefined) this.#start(entry);
      },
      (result) => {
        if (this.#viewer.gone) return;
        if (result === "failed") return clock.after(RETRY_MS, () => this.#getWhole(entry));
        this.#viewer.hold(entry);
        this.#answered(entry);
      },
    );
  }

  #start(entry: LedgerEntry): void {
    const { clock, meter } = this.#world;
    this.#startedMs = clock.now();
    this.#firstStartMs = entry.startMs;
    if (meter.on) meter.startupsMs.push(this.#startedMs - this.#joinedMs);
    this.#watchFirst(entry);
    this.#changeMind();
    this.#watch(entry.unit.sequence + 1);
    this.#viewer.plays();
  }

  /** What the element had before the engine knew of it is found in the browser's cache. */
  #holdFirst(entry: LedgerEntry): void {
    if (this.#isWhole(entry)) this.#viewer.hold(entry);
  }

  /** The element has the whole of `entry`, and asks for the next. */
  #answered(entry: LedgerEntry): void {
    this.#asking = false;
    if (this.#next === entry.unit.sequence) this.#next++;
    this.#ask();
  }

  /** Asks for the next segment if it is in the playlist and there is room for it. */
  #ask(): void {
    const { gone, options, isMember } = this.#viewer;
    if (gone || this.#asking || this.#next === undefined || this.#startedMs === undefined) return;
    const { clock, entries } = this.#world;
    const entry = entries.get(segmentKey({ rendition: this.#rendition, sequence: this.#next }));
    const known = entry &&
      (entry.startMs + entry.durationMs + options.edgeDelayMs) <= clock.now();
    if (!known) return;
    const dueMs = this.dueMs(entry);
    if (dueMs - clock.now() > ELEMENT_BUFFER_MS) {
      clock.after(dueMs - clock.now() - ELEMENT_BUFFER_MS, () => this.#ask());
      return;
    }
    this.#asking = true;
    this.#chosen.set(this.#next, this.#rendition);
    if (!isMember) return this.#getWhole(entry);
    const demand = ++this.#lastDemand;
    this.#demands.set(demand, entry);
    this.#viewer.handle({ type: "demand", demand, unit: entry.unit, deadlineMs: dueMs });
  }

  /** The first segment plays while it comes. */
  #watchFirst(entry: LedgerEntry): void {
    const startMs = this.dueMs(entry);
    this.#world.clock.after(entry.durationMs, () => {
      const times = this.#arrivals.get(segmentKey(entry.unit));
      if (this.#viewer.gone || !times) return;
      const dueMs = (index: number) => startMs + (entry.durationMs * index) / times.length;
      this.#countDue(entry, times.filter((time, index) => time <= dueMs(index)).length);
    });
  }

  /** The segment of the rendition that was asked for, or would be. */
  #segmentAt(sequence: number): LedgerEntry | undefined {
    const rendition = this.#chosen.get(sequence) ?? this.#rendition;
    return this.#world.entries.get(segmentKey({ rendition, sequence }));
  }

  /**
   * At the play time of a segment it is seen what of it was there. An element waits for the rest, and
   * is so much further behind live from then on; without the fallback it skips the segment.
   */
  #watch(sequence: number): void {
    const { clock } = this.#world;
    const announced = this.#segmentAt(sequence);
    if (this.#viewer.gone) return;
    if (!announced) {
      clock.after(500, () => this.#watch(sequence));
      return;
    }
    const dueMs = this.dueMs(announced);
    clock.after(dueMs - clock.now(), () => {
      if (this.#viewer.gone) return;
      const entry = this.#segmentAt(sequence)!;
      this.#see(entry, dueMs);
      if (!this.#viewer.options.fallback) this.#skip(sequence);
      else if (!this.#isWhole(entry)) return void (this.#waitsFor = entry);
      this.#goOn(sequence);
    });
    this.#ask();
  }

  #goOn(sequence: number): void {
    const before = this.#segmentAt(sequence - 1);
    if (before) this.#arrivals.delete(segmentKey(before.unit));
    this.#chosen.delete(sequence - 1);
    this.#watch(sequence + 1);
  }

  /** What the picture stood still for is here. */
  #playOn(): void {
    const entry = this.#waitsFor!;
    this.#waitsFor = undefined;
    const stalledMs = this.#world.clock.now() - this.dueMs(entry);
    this.#startedMs! += stalledMs;
    if (this.#world.meter.on && this.#viewer.options.counted) {
      this.#world.meter.stalledMs += stalledMs;
    }
    this.#goOn(entry.unit.sequence);
  }

  #isWhole(entry: LedgerEntry): boolean {
    const times = this.#arrivals.get(segmentKey(entry.unit));
    return times !== undefined && times.every((time) => !Number.isNaN(time));
  }

  #skip(sequence: number): void {
    this.#abandon();
    this.#asking = false;
    if (this.#next === sequence) this.#next = sequence + 1;
    this.#ask();
  }

  #abandon(): void {
    for (const demand of this.#demands.keys()) this.#viewer.handle({ type: "abandon", demand });
    this.#demands.clear();
  }

  #see(entry: LedgerEntry, dueMs: number): void {
    const times = this.#arrivals.get(segmentKey(entry.unit));
    const count = pieceCount(entry);
    let there = 0;
    for (let index = 0; index < count; index++) if (times && times[index]! <= dueMs) there++;
    this.#countDue(entry, there);
  }

  #countDue(entry: LedgerEntry, there: number): void {
    const { meter } = this.#world;
    if (!meter.on) return;
    const count = pieceCount(entry);
    meter.playedBytes += (entry.length * there) / count;
    if (!this.#viewer.options.counted) return;
    noteDue(meter, { sequence: entry.unit.sequence, due: count, there }, {
      gives: this.#viewer.options.uploads,
      counts: this.#world.counts(entry),
    });
  }

  /** The viewer goes over to another rendition now and then. */
  #changeMind(): void {
    const { clock, random, options: { renditions, switchMs } } = this.#world;
    if (renditions.length < 2) return;
    clock.after(exponential(random, switchMs), () => {
      if (this.#viewer.gone) return;
      const step = 1 + Math.floor(random() * (renditions.length - 1));
      this.#rendition = (this.#rendition + step) % renditions.length;
      this.#changeMind();
    });
  }
}
