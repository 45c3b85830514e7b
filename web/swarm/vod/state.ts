import type { Unit } from "../../../edge/protocol/unit.ts";
import { type EngineOptions, type EngineState, newState } from "../state.ts";
import { capacity } from "../standing.ts";
import type { UplinkMeter } from "../uplink.ts";
import { createUplinkMeter } from "../uplink.ts";
import type { Partner } from "../partner_book.ts";
import type { Segment } from "../segment.ts";
import { createLibrary, type Library, LIBRARY_BYTES } from "./library.ts";
import { createSpareUplink, type SpareUplink } from "./spare_uplink.ts";
import { createShelves, type Shelves } from "./shelves.ts";

/** Where the element plays. */
export interface Position {
  readonly rendition: number;
  /** Byte of the file. */
  readonly offset: number;
  /** bytes/s; 0: paused */
  readonly rate: number;
  readonly atMs: number;
}

/** All that an engine of files knows: that of every engine, and what is of files only. */
export interface VodState<Payload> {
  readonly core: EngineState<Payload>;
  readonly library: Library<Payload>;
  readonly shelves: Shelves;
  position: Position | undefined;
  /** The last rate that was not 0, bytes/s. */
  rate: number | undefined;
  /** Pieces asked of partners that only fill spare time, by block. */
  readonly spares: Map<string, Set<number>>;
  /** The blocks that partners have, rarest first, as they were a moment ago. */
  rarest: { readonly untilMs: number; readonly units: readonly Unit[] };
  /** Digest lists asked of partners, by block: of whom, and when, ms. */
  readonly lists: Map<string, { peer: string; atMs: number }>;
  /** Digest lists of partners on their way through the check, by block: whose. */
  readonly listsFrom: Map<string, string>;
  /** How many lists partners were given in a second of the clock. */
  readonly listsGiven: WeakMap<Partner, { second: number; given: number }>;
  /** How many partners the shell wants, if it says so. */
  named: number | undefined;
  /** Who has to be told all that is held. */
  readonly unshelved: Set<Partner>;
  /** Partners that had no time for spare pieces, and until when they are not asked for any, ms. */
  readonly busyUntilMs: WeakMap<Partner, number>;
  readonly spareUplink: SpareUplink;
}

export interface VodOptions extends EngineOptions {
  /** The most that is kept, bytes. */
  readonly libraryBytes?: number;
}

/**
 * Partners that are sought by a peer without uplink, and so many more for each time the file's rate that
 * it can give: so everyone knows several who can give much, and these know each other.
 */
const LEAST_PARTNERS = 10;
const PARTNERS_PER_RATE = 5;
/** An uplink that has not been measured counts as so many times the file's rate, as in live. */
const UNKNOWN_UPLINK = 0.5;
/** Of a file whose playing time is not known, bytes/s. */
const USUAL_RATE = 125_000;

export function newVodState<Payload>(
  options: VodOptions,
  isNeeded: (vod: VodState<Payload>, segment: Segment<Payload>) => boolean,
): VodState<Payload> {
  const library = createLibrary<Payload>({
    bytes: options.libraryBytes ?? LIBRARY_BYTES,
    copies: (segment) => copiesOf(vod, segment),
    isNeeded: (segment) => isNeeded(vod, segment),
    random: options.random,
  });
  const vod: VodState<Payload> = {
    core: {
      ...newState<Payload>(options),
      buffer: library,
      uplink: createAssumingMeter(() => UNKNOWN_UPLINK * rateOf(vod)),
    },
    library,
    shelves: createShelves(),
    position: undefined,
    rate: undefined,
    spares: new Map(),
    rarest: { untilMs: 0, units: [] },
    lists: new Map(),
    listsFrom: new Map(),
    listsGiven: new WeakMap(),
    named: options.conduct.partners,
    unshelved: new Set(),
    busyUntilMs: new WeakMap(),
    spareUplink: createSpareUplink(),
  };
  return vod;
}

/** Seeks as many partners as the uplink is good for, unless the shell names a number itself. */
export function reviewPartners(vod: VodState<unknown>): void {
  const { core, named } = vod;
  const more = Math.round((PARTNERS_PER_RATE * capacity(core)) / rateOf(vod));
  core.conduct = { ...core.conduct, partners: named ?? LEAST_PARTNERS + more };
}

/** How many bytes of the file play in a second, as far as is known. */
export function rateOf(vod: VodState<unknown>): number {
  if (vod.rate !== undefined) return vod.rate;
  const entry = vod.library.files()[0]?.entry;
  return entry && entry.durationMs > 0 ? (entry.length * 1000) / entry.durationMs : USUAL_RATE;
}

/** How many partners have the block whole. */
function copiesOf<P>(vod: VodState<P>, segment: Segment<P>): number {
  let copies = 0;
  for (const partner of vod.core.partners.values()) {
    if (vod.shelves.has(partner, segment.entry.unit)) copies++;
  }
  return copies;
}

/** Assumes a rate until one is measured: who is never asked for anything would never know its uplink. */
function createAssumingMeter(assumed: () => number): UplinkMeter {
  const meter = createUplinkMeter();
  return {
    get rate() {
      return meter.rate ?? assumed();
    },
    get waiting() {
      return meter.waiting;
    },
    handed: meter.handed,
    left: meter.left,
    lost: meter.lost,
  };
}
