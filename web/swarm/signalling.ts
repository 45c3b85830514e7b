/**
 * The way of signals: by the edge where it introduced the two, by way of a partner of both where one
 * found the other in what partners tell. Whoever answers takes the way that the offer came.
 */
import type { Signal } from "../../edge/protocol/messages.ts";
import { MAX_SIGNAL_BYTES } from "../../edge/protocol/signal_limit.ts";
import { createTokenBucket, type TokenBucket } from "../../edge/protocol/token_bucket.ts";
import { isQuiet, type Partner } from "./partner_book.ts";
import { EDGE, type EngineState, send } from "./state.ts";

/** Ways that are remembered; the oldest goes: about four for each partner. */
const MAX_ROUTES = 64;
/**
 * What is carried for a partner, or heard of a relay: at once, and per second. A link takes a
 * description and some eight candidates from each side.
 */
const SIGNAL_BURST = 64;
const SIGNALS_PER_SECOND = 1;
/** Offers among them: each may cost somebody a connection that comes to nothing. */
const OFFER_BURST = 8;
const OFFERS_PER_SECOND = 1 / 2;
/** What stands before the text of a signal, bytes: its kind, and a `mid` with its length. */
const BEFORE_TEXT_BYTES = 1 + 256;

/** What a partner may ask of this peer by way of signals. */
export interface SignalBudget {
  readonly signals: TokenBucket;
  readonly offers: TokenBucket;
}

export function newSignalBudget(nowMs: number): SignalBudget {
  return {
    signals: createTokenBucket(SIGNALS_PER_SECOND, SIGNAL_BURST, nowMs),
    offers: createTokenBucket(OFFERS_PER_SECOND, OFFER_BURST, nowMs),
  };
}

export function setRoute(state: EngineState<unknown>, peer: string, route: string): void {
  state.routes.delete(peer);
  state.routes.set(peer, route);
  if (state.routes.size > MAX_ROUTES) state.routes.delete(state.routes.keys().next().value!);
}

/** A connection of this peer has something to say to another. Where there is no way it is lost with the edge. */
export function sendSignal<P>(state: EngineState<P>, to: string, signal: Signal): void {
  const route = state.routes.get(to) ?? EDGE;
  if (route === EDGE && state.edgeReachable) {
    state.outputs.push({ type: "signal", to, signal });
    return;
  }
  const relay = isRelay(state, route) ? route : state.membership.relayTo(to, state.nowMs);
  if (relay === undefined || !isRelay(state, relay)) {
    state.outputs.push({ type: "signal", to, signal });
  } else if (fits(signal)) {
    send(state, relay, { type: "signal", from: state.self, to, signal });
  }
}

/** The edge has carried a signal to this peer. */
export function onEdgeSignal<P>(state: EngineState<P>, from: string, signal: Signal): void {
  setRoute(state, from, EDGE);
  state.outputs.push({ type: "signalled", from, signal });
}

/** A partner sends a signal: from another to this peer, or from itself to a partner of this one. */
export function onPeerSignal<P>(
  state: EngineState<P>,
  partner: Partner,
  frame: { type: "signal"; from: string; to: string; signal: Signal },
): void {
  const { from, to, signal } = frame;
  const { signals, offers } = partner.signalBudget;
  if (!signals(state.nowMs)) return;
  if (signal.kind === "offer" && !offers(state.nowMs)) return;
  if (to === state.self) {
    // Who is a partner has a way of its own.
    if (state.partners.has(from)) return;
    setRoute(state, from, partner.peer);
    state.outputs.push({ type: "signalled", from, signal });
  } else if (from === partner.peer && isRelay(state, to)) {
    send(state, to, frame);
  }
}

function isRelay({ partners, nowMs }: EngineState<unknown>, peer: string): boolean {
  const partner = partners.get(peer);
  return partner !== undefined && partner.greeted && !isQuiet(partner, nowMs);
}

function fits(signal: Signal): boolean {
  const text = signal.kind === "candidate" ? signal.candidate : signal.sdp;
  return new TextEncoder().encode(text).length + BEFORE_TEXT_BYTES <= MAX_SIGNAL_BYTES;
}
