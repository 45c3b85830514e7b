import { type Bitmap, emptyBitmap, hasBit, setBit } from "../../../edge/protocol/bitmap.ts";
import type { LedgerEntry } from "../../../edge/protocol/ledger_entry.ts";
import { pieceCount } from "../../../edge/protocol/pieces.ts";
import { unitKey } from "../../../edge/protocol/unit.ts";
import { createEdgeHealth, type EdgeHealth } from "../../../web/swarm/edge_fallback.ts";
import type { Conduct } from "../../../web/swarm/io.ts";
import type { SimFrame, SimOutput } from "./io.ts";
import { createMemberCache, type MemberCache } from "./member_cache.ts";

export interface DonetOptions {
  readonly self: string;
  readonly random: () => number;
  readonly conduct: Conduct;
  /** M: partners that a node wants. */
  readonly wanted: number;
  /** Has every segment as it is published, and takes no more partners than M. */
  readonly source: boolean;
  /** When the element plays a segment, ms; `Infinity` as long as it plays nothing. */
  readonly playMs: (entry: LedgerEntry) => number;
}

/** A segment of the stream, with what is held of it. */
export interface Stored<Payload> {
  readonly key: string;
  readonly entry: LedgerEntry;
  readonly count: number;
  readonly pieces: (Payload | undefined)[];
  readonly map: Bitmap;
  held: number;
  /** Pieces asked of partners: whom, and until when they are waited for, ms. */
  readonly asked: Map<number, { peer: string; untilMs: number }>;
  /** Pieces on their way from the edge, or in their check. */
  readonly fetching: Set<number>;
}

export interface Partner {
  readonly peer: string;
  readonly sinceMs: number;
  maps: ReadonlyMap<string, Bitmap>;
  /** As it sends, bytes/ms, running mean. */
  bandwidth: number;
  /** Bytes asked of it that have not come. */
  asked: number;
  /** When its last piece came, or when it was first asked since nothing was, ms. */
  busySinceMs: number;
  /** Pieces that it asked for and when, ms; those on their way are only counted. */
  readonly waiting: { key: string; index: number; atMs: number }[];
  sending: number;
  /** Pieces from it and to it since the last refinement. */
  got: number;
  given: number;
}

/** All that a node knows. */
export interface Node<Payload> extends DonetOptions {
  nowMs: number;
  edgeReachable: boolean;
  readonly units: Map<string, Stored<Payload>>;
  readonly partners: Map<string, Partner>;
  readonly members: MemberCache;
  /** Links that are being set up, and until when they are waited for, ms. */
  readonly connecting: Map<string, number>;
  readonly demands: Map<number, { key: string; deadlineMs: number; delivered: number }>;
  readonly edge: EdgeHealth;
  readonly fetches: Map<number, { key: string; sinceMs: number }>;
  lastFetch: number;
  readonly outputs: SimOutput<Payload>[];
}

/** Of the stream, ms: the window of the paper is as long as its nodes are apart, a minute or two. */
const WINDOW_MS = 60_000;

export function newNode<Payload>(options: DonetOptions): Node<Payload> {
  return {
    ...options,
    nowMs: 0,
    edgeReachable: true,
    units: new Map(),
    partners: new Map(),
    members: createMemberCache(options.self),
    connecting: new Map(),
    demands: new Map(),
    edge: createEdgeHealth(),
    fetches: new Map(),
    lastFetch: 0,
    outputs: [],
  };
}

export function send<P>(node: Node<P>, peer: string, frame: SimFrame<P>): void {
  node.outputs.push({ type: "send", peer, frame });
}

/** A segment is known from now on; those that leave the window are forgotten. */
export function addUnit<P>(node: Node<P>, entry: LedgerEntry): void {
  const key = unitKey(entry.unit);
  if (node.units.has(key)) return;
  const count = pieceCount(entry);
  node.units.set(key, {
    key,
    entry,
    count,
    pieces: new Array(count).fill(undefined),
    map: emptyBitmap(count),
    held: 0,
    asked: new Map(),
    fetching: new Set(),
  });
  for (const [old, { entry: { startMs } }] of node.units) {
    if (startMs < entry.startMs - WINDOW_MS) node.units.delete(old);
  }
}

/** A piece is here, checked. */
export function keep<P>(node: Node<P>, unit: Stored<P>, index: number, payload: P): void {
  if (hasBit(unit.map, index)) return;
  setBit(unit.map, index);
  unit.fetching.delete(index);
  unit.pieces[index] = payload;
  unit.held++;
  deliver(node, unit);
}

/** Hands the element what it waits for, in order. */
export function deliver<P>(node: Node<P>, unit: Stored<P>): void {
  for (const [id, demand] of node.demands) {
    if (demand.key !== unit.key) continue;
    for (let payload; (payload = unit.pieces[demand.delivered]) !== undefined;) {
      const index = demand.delivered++;
      const last = demand.delivered === unit.count;
      node.outputs.push({ type: "deliver", demand: id, index, payload, last });
      if (last) node.demands.delete(id);
    }
  }
}
