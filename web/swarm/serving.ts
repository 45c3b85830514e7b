import type { BufferMap } from "../../edge/protocol/peer_frames.ts";
import { emptyBitmap } from "../../edge/protocol/bitmap.ts";
import { type Unit, unitKey } from "../../edge/protocol/unit.ts";
import type { Conduct } from "./io.ts";
import type { Partner } from "./partner_book.ts";
import { pieceBytes, type Segment } from "./segment.ts";
import { type EngineState, send } from "./state.ts";
import type { Wish } from "./upload_queue.ts";

/** Changes of buffer maps are collected for this long: a message costs about 93 bytes on the wire. */
const TELL_INTERVAL_MS = 100;

export function onWant<P>(
  state: EngineState<P>,
  peer: string,
  unit: Unit,
  pieces: readonly number[],
): void {
  const segment = state.buffer.get(unitKey(unit));
  const refused: number[] = [];
  for (const index of pieces) {
    const held = segment?.pieces[index] !== undefined;
    const wish: Wish = { key: unitKey(unit), index, bytes: held ? pieceBytes(segment!, index) : 0 };
    const taken = held && state.conduct.upload &&
      state.uploads.add(peer, wish, state.conduct.uploadCap);
    if (!taken) refused.push(index);
  }
  if (refused.length > 0) send(state, peer, { type: "refuse", unit, pieces: refused });
}

/** Sends what waits as far as cap and links allow. Answers when to look again, ms. */
export function serve<P>(state: EngineState<P>): number {
  const cap = state.conduct.uploadCap;
  const sending = (peer: string) => state.partners.get(peer)?.sending ?? 0;
  for (let next; (next = state.uploads.next(state.nowMs, cap, sending));) {
    sendPiece(state, next.peer, next.wish);
  }
  return state.uploads.readyAtMs(state.nowMs, cap);
}

function sendPiece<P>(state: EngineState<P>, peer: string, { key, index, bytes }: Wish): void {
  const segment = state.buffer.get(key);
  const partner = state.partners.get(peer);
  const payload = segment?.pieces[index];
  if (!segment || !partner || payload === undefined || !segment.digests) return;
  const { unit } = segment.entry;
  if (!partner.toldDigests.has(key)) {
    partner.toldDigests.add(key);
    send(state, peer, { type: "digests", unit, digests: segment.digests });
  }
  partner.sending += bytes;
  state.uploaded += bytes;
  send(state, peer, { type: "piece", unit, index, payload });
}

/** Notes that partners have to hear of a segment's buffer map. */
export function tellLater<P>(state: EngineState<P>, segment: Segment<P>): void {
  for (const partner of state.partners.values()) partner.untold.add(segment.key);
}

/** Tells partners of changed buffer maps, some together. Answers when to look again, ms. */
export function tell<P>(state: EngineState<P>): number {
  const waiting = [...state.partners.values()].filter((one) => one.greeted && one.untold.size > 0);
  if (waiting.length === 0 || !state.conduct.upload) return Infinity;
  if (state.nowMs < state.nextTellMs) return state.nextTellMs;
  state.nextTellMs = state.nowMs + TELL_INTERVAL_MS;
  for (const partner of waiting) tellMaps(state, partner, [...partner.untold]);
  return Infinity;
}

function tellMaps<P>(state: EngineState<P>, partner: Partner, keys: string[]): void {
  partner.untold.clear();
  const maps: BufferMap[] = [];
  for (const key of keys) {
    const segment = state.buffer.get(key);
    if (!segment) continue;
    const pieces = state.conduct.upload ? segment.map.slice() : emptyBitmap(segment.count);
    maps.push({ unit: segment.entry.unit, pieces });
  }
  if (maps.length > 0) send(state, partner.peer, { type: "have", maps });
}

/** A peer that may not upload shows empty buffer maps, so that nobody asks. */
export function changeConduct<P>(state: EngineState<P>, conduct: Conduct): void {
  const uploadChanged = conduct.upload !== state.conduct.upload;
  state.conduct = conduct;
  if (!uploadChanged) return;
  if (!conduct.upload) {
    for (const { peer, wish } of state.uploads.clear()) {
      const segment = state.buffer.get(wish.key);
      if (!segment) continue;
      send(state, peer, { type: "refuse", unit: segment.entry.unit, pieces: [wish.index] });
    }
  }
  for (const partner of state.partners.values()) {
    if (partner.greeted) tellMaps(state, partner, heldKeys(state));
  }
}

export function heldKeys<P>(state: EngineState<P>): string[] {
  return state.buffer.segments().filter((one) => one.held > 0).map((one) => one.key);
}
