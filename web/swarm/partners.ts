import { PROTOCOL_VERSION } from "../../edge/protocol/version.ts";
import { MAX_PARTNERS, newPartner, WANTED_PARTNERS } from "./partner_book.ts";
import { heldKeys } from "./serving.ts";
import type { EngineState } from "./state.ts";

/** How often more partners are asked for while there are too few, ms. */
const SEEK_INTERVAL_MS = 15_000;

export function onLinkOpen<P>(state: EngineState<P>, peer: string): void {
  if (!mayJoin(state, peer)) {
    state.outputs.push({ type: "drop", peer, reason: "no place for another partner" });
    return;
  }
  state.partners.set(peer, newPartner(peer));
  const frame = { type: "hello", version: PROTOCOL_VERSION, peer: state.self } as const;
  state.outputs.push({ type: "send", peer, frame });
}

/** Whether this peer would be taken as a partner. */
export function mayJoin<P>(state: EngineState<P>, peer: string): boolean {
  return !state.banned.has(peer) && !state.partners.has(peer) &&
    state.partners.size < MAX_PARTNERS && peer !== state.self;
}

export function onHello<P>(
  state: EngineState<P>,
  peer: string,
  hello: { version: number; peer: string },
): void {
  const partner = state.partners.get(peer);
  if (!partner) return;
  if (hello.version !== PROTOCOL_VERSION) return drop(state, peer, "speaks another version");
  if (hello.peer !== peer) return ban(state, peer, "says it is somebody else");
  partner.greeted = true;
  for (const key of heldKeys(state)) partner.untold.add(key);
}

/** Forgets the partner; what was asked of it is free for others. */
export function forget<P>(state: EngineState<P>, peer: string): void {
  if (!state.partners.delete(peer)) return;
  state.uploads.forget(peer);
  for (const segment of state.buffer.segments()) {
    for (const [index, asked] of segment.asked) {
      if (asked.peer === peer) segment.asked.delete(index);
    }
  }
  state.nextSeekMs = Math.min(state.nextSeekMs, state.nowMs + 1_000);
}

export function drop<P>(state: EngineState<P>, peer: string, reason: string): void {
  forget(state, peer);
  state.outputs.push({ type: "drop", peer, reason });
}

/** Drops the partner for good. */
export function ban<P>(state: EngineState<P>, peer: string, reason: string): void {
  state.banned.add(peer);
  if (state.partners.has(peer)) drop(state, peer, reason);
}

/** Asks for more partners while there are too few. Answers when to look again, ms. */
export function seek<P>(state: EngineState<P>): number {
  const missing = WANTED_PARTNERS - state.partners.size;
  if (missing <= 0) return Infinity;
  if (state.nowMs < state.nextSeekMs) return state.nextSeekMs;
  state.nextSeekMs = state.nowMs + SEEK_INTERVAL_MS;
  const known = [...state.partners.keys(), ...state.banned].slice(0, 64);
  state.outputs.push({ type: "seek", want: missing, known });
  return state.nextSeekMs;
}
