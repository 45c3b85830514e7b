import type { PeerFrame } from "../../edge/protocol/peer_frames.ts";
import { type BackBuffer, createBackBuffer } from "./back_buffer.ts";
import type { Demand } from "./demands.ts";
import { createEdgeHealth, type EdgeHealth } from "./edge_fallback.ts";
import type { Conduct, EngineOutput } from "./io.ts";
import type { Fetch } from "./fetching.ts";
import { createMembership, type Membership } from "./membership.ts";
import type { Partner } from "./partner_book.ts";
import { type Parent } from "./parents.ts";
import { createUplinkMeter, type UplinkMeter } from "./uplink.ts";
import { createUploadQueue, type UploadQueue } from "./upload_queue.ts";

/** All that an engine knows. Its parts are functions over this, each in the file of its concept. */
export interface EngineState<Payload> {
  readonly self: string;
  readonly random: () => number;
  nowMs: number;
  conduct: Conduct;
  readonly buffer: BackBuffer<Payload>;
  readonly partners: Map<string, Partner>;
  /** Peers that sent what they should not; never partners again. */
  readonly banned: Set<string>;
  /** Who else is there, as partners tell. */
  readonly membership: Membership;
  /** Peers to whom links are being set up, and until when these count as partners to be, ms. */
  readonly meeting: Map<string, number>;
  /** By way of whom signals to a peer go: a partner, or the edge. */
  readonly routes: Map<string, string>;
  readonly demands: Map<number, Demand>;
  /** Start time of the unit that was demanded last, media time in ms; `undefined` before the first. */
  playheadMs: number | undefined;
  /** What is due when, as the last demand tells: deadline less media time, ms; `undefined` before the first. */
  dueOffsetMs: number | undefined;
  /** When each rendition was demanded last, ms. */
  readonly renditions: Map<number, number>;
  readonly edge: EdgeHealth;
  edgeReachable: boolean;
  /** How many watch, as far as the edge has told; at least this peer. */
  audience: number;
  /** Until when partners are expected though there are none yet, ms. */
  hopesUntilMs: number;
  readonly fetches: Map<number, Fetch>;
  lastFetch: number;
  /** Who pushes which substream to this peer. */
  readonly parents: Map<number, Parent>;
  /** When parents were lost lately, ms. */
  lossesMs: number[];
  /** Until when it is expected to take for the mesh to be whole again, ms. */
  shakenUntilMs: number;
  /** How long after publication this peer has the runs of a substream, ms, running mean. */
  readonly lags: Map<number, number>;
  /** Substreams whose runs the edge gives to this peer, and until when it seems so, ms. */
  readonly injectsUntilMs: Map<number, number>;
  readonly uploads: UploadQueue;
  readonly uplink: UplinkMeter;
  /** What may be given to those who ask, bytes, as of a time, ms, and what was pushed lately, bytes, fading. */
  readonly allowance: { bytes: number; atMs: number; pushed: number };
  readonly received: { peers: number; edge: number };
  uploaded: number;
  /** When more partners were asked for last, ms. */
  soughtMs: number;
  /** The edge has been asked for partners since there were enough. */
  askedEdge: boolean;
  /** When members are met next, ms. */
  nextMeetMs: number;
  nextTellMs: number;
  nextReviewMs: number;
  /** When it is looked next what follows from the state by itself, ms. */
  nextLookMs: number;
  lastLookMs: number;
  /** At the last look something was to be asked for, or had been. */
  hungry: boolean;
  readonly outputs: EngineOutput<Payload>[];
}

/** In place of a partner: the way by the edge. No peer has this id. */
export const EDGE = "";

/** Has a frame sent to a partner. */
export function send<P>(state: EngineState<P>, peer: string, frame: PeerFrame<P>): void {
  state.outputs.push({ type: "send", peer, frame });
}

export interface EngineOptions {
  /** This peer's id. */
  readonly self: string;
  /** 0 ≤ x < 1 */
  readonly random: () => number;
  readonly conduct: Conduct;
}

export function newState<Payload>(options: EngineOptions): EngineState<Payload> {
  return {
    ...options,
    nowMs: 0,
    buffer: createBackBuffer(),
    partners: new Map(),
    banned: new Set(),
    membership: createMembership(),
    meeting: new Map(),
    routes: new Map(),
    demands: new Map(),
    playheadMs: undefined,
    dueOffsetMs: undefined,
    renditions: new Map(),
    edge: createEdgeHealth(),
    edgeReachable: true,
    audience: 1,
    hopesUntilMs: -Infinity,
    fetches: new Map(),
    lastFetch: 0,
    parents: new Map(),
    lossesMs: [],
    shakenUntilMs: 0,
    lags: new Map(),
    injectsUntilMs: new Map(),
    uploads: createUploadQueue(),
    uplink: createUplinkMeter(),
    allowance: { bytes: Infinity, atMs: 0, pushed: 0 },
    received: { peers: 0, edge: 0 },
    uploaded: 0,
    soughtMs: -Infinity,
    askedEdge: false,
    nextMeetMs: -Infinity,
    nextTellMs: 0,
    nextReviewMs: 0,
    nextLookMs: 0,
    lastLookMs: -Infinity,
    hungry: true,
    outputs: [],
  };
}
