import { MAX_PIECES } from "../../edge/protocol/pieces.ts";
import { type Bitmap, hasBit } from "../../edge/protocol/bitmap.ts";

/** Partners that are sought; fewer leave a mesh of eight with a cut vertex too often. */
export const WANTED_PARTNERS = 6;
/** Partners beyond this are refused. */
export const MAX_PARTNERS = 12;
/** Buffer maps kept of one partner; the oldest goes. Bounds what a partner can make us remember. */
const MAX_MAPS = 256;
const MAX_MAP_BYTES = Math.ceil(MAX_PIECES / 8);
/** How much a new answer time counts in the running mean (as in RFC 6298, 1/8). */
const ANSWER_TIME_GAIN = 1 / 8;
const FIRST_ANSWER_MS = 300;
/** Enough to fill 10 Mbit/s over 150 ms. */
const MAX_WINDOW_BYTES = 192 * 1024;
/** How long a partner that refused a piece, or was late with it, is not asked for it again. */
const SHUN_MS = 1_000;

/** A connected peer, as this one knows it. */
export interface Partner {
  readonly peer: string;
  /** Its hello has come, and its version fits. */
  greeted: boolean;
  readonly maps: Map<string, Bitmap>;
  /** Bytes that may be asked of it at a time: halved by what is late, grown by what comes. */
  window: number;
  /** Running mean of the time from asking to having, ms. */
  answerMs: number;
  /** Units whose digest list it has had from here. */
  readonly toldDigests: Set<string>;
  /** Units whose buffer map has changed here since it was told. */
  readonly untold: Set<string>;
  /** Bytes of pieces handed to its link that have not left yet. */
  sending: number;
  /** Pieces that it refused or was late with, and until when it is not asked for them again. */
  readonly shunned: Map<string, number>;
}

export function newPartner(peer: string): Partner {
  return {
    peer,
    greeted: false,
    maps: new Map(),
    window: MAX_WINDOW_BYTES,
    answerMs: FIRST_ANSWER_MS,
    toldDigests: new Set(),
    untold: new Set(),
    sending: 0,
    shunned: new Map(),
  };
}

export function noteMap(partner: Partner, key: string, map: Bitmap): void {
  if (map.length > MAX_MAP_BYTES) return;
  partner.maps.delete(key);
  partner.maps.set(key, map);
  if (partner.maps.size > MAX_MAPS) partner.maps.delete(partner.maps.keys().next().value!);
}

/** What was asked of the partner `ms` ago has come, or with 0 `bytes`: it has not. */
export function noteAnswer(partner: Partner, ms: number, bytes: number): void {
  partner.window = Math.min(
    MAX_WINDOW_BYTES,
    bytes > 0 ? partner.window + bytes : partner.window / 2,
  );
  partner.answerMs += (ms - partner.answerMs) * ANSWER_TIME_GAIN;
}

/** Leaves the partner alone with a piece for a while. */
export function shun(partner: Partner, key: string, index: number, nowMs: number): void {
  for (const [piece, untilMs] of partner.shunned) {
    if (untilMs <= nowMs) partner.shunned.delete(piece);
  }
  partner.shunned.set(`${key}#${index}`, nowMs + SHUN_MS);
}

/** Whether the partner has the piece and may be asked for it now. */
export function canAsk(partner: Partner, key: string, index: number, nowMs: number): boolean {
  const map = partner.maps.get(key);
  if (map === undefined || !hasBit(map, index)) return false;
  return (partner.shunned.get(`${key}#${index}`) ?? 0) <= nowMs;
}
