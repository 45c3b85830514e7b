import type { Standing } from "../../edge/protocol/peer_frames.ts";
import { MAX_PIECES } from "../../edge/protocol/pieces.ts";
import { newSignalBudget, type SignalBudget } from "./signalling.ts";
import { type Bitmap, emptyBitmap, hasBit, withBit } from "../../edge/protocol/bitmap.ts";

/** Buffer maps kept of one partner; the oldest goes. Bounds what a partner can make us remember. */
const MAX_MAPS = 256;
const MAX_MAP_BYTES = Math.ceil(MAX_PIECES / 8);
/**
 * How much a new answer time counts in the running mean (as in RFC 6298, 1/8); the first ones count as much as
 * each other. When they too counted an eighth, those with little uplink were taken for quick for long, and sent
 * what had come from the edge meanwhile: 0.682 of the offload, so 0.700 (150 peers, 30 s, poor, seven seeds).
 */
const ANSWER_TIME_GAIN = 1 / 8;
const FIRST_ANSWER_MS = 300;
/** Enough to fill 10 Mbit/s over 150 ms. */
const MAX_WINDOW_BYTES = 192 * 1024;
/** A partner that refused a piece, or was late with one, is asked for nothing for this long, ms. */
const SHUN_MS = 500;

/** Partners say something at least this often, ms. */
export const KEEPALIVE_MS = 1_000;
/** Who has said nothing for this long is left aside, ms, … */
const QUIET_MS = 1_500;
/** … and for this long, is gone, ms: WebRTC takes 17 s to find out (node-datachannel 0.33, measured). */
export const SILENT_MS = 5_000;

/** Who takes nothing of what is sent to it for this long is dropped, ms: it would hold up the others. */
export const STUCK_MS = 4_000;

/** A connected peer, as this one knows it. */
export interface Partner {
  readonly peer: string;
  /** Its hello has come, and its version fits. */
  greeted: boolean;
  /** When it was last heard of, and last told anything, ms. */
  heardMs: number;
  toldMs: number;
  /** When it was asked whether it is there, ms. */
  probedMs: number;
  readonly maps: Map<string, Bitmap>;
  /** Bytes that may be asked of it at a time: halved by what is late, grown by what comes. */
  window: number;
  /** Running mean of the time from asking to having, ms, and of how many. */
  answerMs: number;
  answers: number;
  /** Bytes asked of it that have not come. */
  asked: number;
  /** Units whose buffer map has changed here since it was told. */
  readonly untold: Set<string>;
  /** Bytes of pieces handed to its link that have not left yet. */
  sending: number;
  /** When something left for it last, or the first of what waits was handed over, ms. */
  movedMs: number;
  /** It is asked for nothing before this time, ms. */
  shunnedUntilMs: number;
  /** What it says of itself: in how many substreams it is at home, and its uplink in bytes/s. */
  homes: number;
  uplink: number;
  /** What it is to others, as it says last, by rendition. */
  readonly standings: Map<number, Standing>;
  /** Substreams that it is pushed. */
  readonly children: Set<number>;
  /** Substreams that it would not push, and until when it is not asked again, ms. */
  readonly refusals: Map<number, number>;
  /** Media bytes of use that came from it, fading. */
  given: number;
  /** How many more partners it would take, and when it said so, ms; who has just come has room. */
  room: number;
  roomMs: number;
  /** When it named members last, ms. */
  namedMs: number;
  /** When it is told of other members, ms; `undefined` before its hello. */
  nextGossipMs: number | undefined;
  readonly signalBudget: SignalBudget;
}

export function newPartner(peer: string, nowMs: number): Partner {
  return {
    peer,
    greeted: false,
    heardMs: nowMs,
    toldMs: nowMs,
    probedMs: -Infinity,
    maps: new Map(),
    window: MAX_WINDOW_BYTES,
    answerMs: FIRST_ANSWER_MS,
    answers: 0,
    asked: 0,
    untold: new Set(),
    sending: 0,
    movedMs: nowMs,
    shunnedUntilMs: 0,
    homes: 1,
    uplink: 0,
    standings: new Map(),
    children: new Set(),
    refusals: new Map(),
    given: 0,
    room: 1,
    roomMs: nowMs,
    namedMs: -Infinity,
    nextGossipMs: undefined,
    signalBudget: newSignalBudget(nowMs),
  };
}

export function noteMap(partner: Partner, key: string, map: Bitmap): void {
  if (map.length > MAX_MAP_BYTES) return;
  partner.maps.delete(key);
  partner.maps.set(key, map);
  if (partner.maps.size > MAX_MAPS) partner.maps.delete(partner.maps.keys().next().value!);
}

/** Who sent a piece has it. */
export function notePiece(partner: Partner, key: string, index: number, count: number): void {
  const map = partner.maps.get(key);
  if (!map) noteMap(partner, key, withBit(emptyBitmap(count), index));
  else if (!hasBit(map, index)) partner.maps.set(key, withBit(map, index));
}

/** What was asked of the partner `ms` ago has come, or with 0 `bytes`: it has not. */
export function noteAnswer(partner: Partner, ms: number, bytes: number): void {
  partner.window = Math.min(
    MAX_WINDOW_BYTES,
    bytes > 0 ? partner.window + bytes : partner.window / 2,
  );
  partner.answerMs += (ms - partner.answerMs) * Math.max(ANSWER_TIME_GAIN, 1 / ++partner.answers);
}

/** Leaves the partner alone for a while. */
export function shun(partner: Partner, nowMs: number): void {
  partner.shunnedUntilMs = nowMs + SHUN_MS;
}

/** Whether nothing has been heard of the partner for so long that nothing is expected of it just now. */
export function isQuiet(partner: Partner, nowMs: number): boolean {
  return nowMs - partner.heardMs > QUIET_MS;
}

/** Takes the partner for quiet before its time. Answers whether it was not yet. */
export function believeQuiet(partner: Partner, nowMs: number): boolean {
  if (isQuiet(partner, nowMs)) return false;
  partner.heardMs = nowMs - QUIET_MS - 1;
  return true;
}

/** Whether the partner shows the piece. */
export function shows(partner: Partner, key: string, index: number): boolean {
  const map = partner.maps.get(key);
  return map !== undefined && hasBit(map, index);
}
