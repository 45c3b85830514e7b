import type { Unit } from "../../edge/protocol/unit.ts";
import { unitKey } from "../../edge/protocol/unit.ts";
import { declineAll, deliver } from "./demands.ts";
import { askForDigests, forgoFetched, noteInjected } from "./fetching.ts";
import { noteAnswer, notePiece } from "./partner_book.ts";
import { accuse } from "./partners.ts";
import { cancelAsked, settle } from "./pulling.ts";
import { codeForChildren, isOfUse, keepParity, onCodedChecked } from "./parity.ts";
import { keepPiece, pieceAt, pieceBytes, type Segment, type Unchecked } from "./segment.ts";
import { pushOn, tellLater } from "./serving.ts";
import type { EngineState } from "./state.ts";
import { noteHeld } from "./parents.ts";

/** A partner's piece, asked for or pushed. One that nobody needs any more is passed over. */
export function onPiece<P>(
  state: EngineState<P>,
  peer: string,
  unit: Unit,
  index: number,
  payload: P,
): void {
  const segment = state.buffer.get(unitKey(unit));
  const partner = state.partners.get(peer);
  if (!segment || !partner || index >= segment.total) return;
  const bytes = pieceBytes(segment, index);
  if (index < segment.count) {
    state.received.peers += bytes;
    notePiece(partner, segment.key, index, segment.count);
  } else if (!isOfUse(segment, index)) return;
  const asked = segment.asked.get(index);
  // One that was not asked of this partner must not take the place of what was, and then wait.
  if (asked?.peer !== peer && !segment.digests) return;
  if (asked?.peer === peer) noteAnswer(partner, state.nowMs - settle(state, segment, index), bytes);
  else if (asked) cancelAsked(state, segment, [index]);
  if (pieceAt(segment, index) !== undefined || segment.unchecked.has(index)) return;
  if (segment.coding.has(index)) return;
  forgoFetched(state, segment, index);
  admitPiece(state, segment, index, { payload, peer });
}

/** Sends a piece through its check, now or as soon as the digest list is known. */
export function admitPiece<P>(
  state: EngineState<P>,
  segment: Segment<P>,
  index: number,
  piece: Unchecked<P>,
): void {
  segment.unchecked.set(index, piece);
  if (segment.digests) check(state, segment, index, piece, segment.digests);
  else askForDigests(state, segment);
}

function check<P>(
  state: EngineState<P>,
  segment: Segment<P>,
  index: number,
  { payload }: Unchecked<P>,
  digests: Uint8Array,
): void {
  state.outputs.push({ type: "checkPiece", unit: segment.entry.unit, index, payload, digests });
}

export function onCheckedPiece<P>(
  state: EngineState<P>,
  unit: Unit,
  index: number,
  payload: P,
  ok: boolean,
): void {
  const segment = state.buffer.get(unitKey(unit));
  const piece = segment?.unchecked.get(index);
  if (!segment || piece?.payload !== payload) return;
  segment.unchecked.delete(index);
  if (ok) {
    credit(state, segment, index, piece.peer);
    keep(state, segment, index, piece.payload);
  }
  if (piece.peer === state.self) return onCodedChecked(state, segment, index, ok);
  if (ok) return;
  if (piece.peer !== undefined) {
    accuse(state, piece.peer, unit);
  } else {
    declineAll(state, segment.key, "a bad piece from the edge");
  }
}

/** The edge's digest list of a unit. */
export function onDigests<P>(state: EngineState<P>, unit: Unit, digests: Uint8Array): void {
  const segment = state.buffer.get(unitKey(unit));
  if (!segment || segment.digests || segment.unprovenDigests) return;
  segment.unprovenDigests = digests;
  state.outputs.push({ type: "checkDigests", unit, digests, root: segment.entry.root });
}

export function onCheckedDigests<P>(
  state: EngineState<P>,
  unit: Unit,
  digests: Uint8Array,
  ok: boolean,
): void {
  const segment = state.buffer.get(unitKey(unit));
  if (!segment || segment.unprovenDigests !== digests) return;
  segment.unprovenDigests = undefined;
  if (!ok) return declineAll(state, segment.key, "bad digests from the edge");
  segment.digests = digests;
  for (const [index, piece] of segment.unchecked) check(state, segment, index, piece, digests);
}

/** A whole unit that came past the engine, checked by the shell. */
export function onHeld<P>(
  state: EngineState<P>,
  unit: Unit,
  digests: Uint8Array,
  payloads: readonly P[],
): void {
  const segment = state.buffer.get(unitKey(unit));
  if (!segment || payloads.length !== segment.count) return;
  segment.digests ??= digests;
  cancelAsked(state, segment, [...segment.asked.keys()]);
  payloads.forEach((payload, index) => keep(state, segment, index, payload));
}

function keep<P>(state: EngineState<P>, segment: Segment<P>, index: number, payload: P): void {
  if (index >= segment.count) return keepParity(state, segment, index, payload);
  if (!keepPiece(segment, index, payload)) return;
  noteHeld(state, segment, index);
  pushOn(state, segment, index);
  codeForChildren(state, segment, index);
  if (segment.injecting.size > 0) noteInjected(state, segment);
  tellLater(state, segment);
  deliver(state, segment);
}

function credit<P>(
  state: EngineState<P>,
  segment: Segment<P>,
  index: number,
  peer: string | undefined,
): void {
  const partner = peer === undefined ? undefined : state.partners.get(peer);
  if (partner) partner.given += pieceBytes(segment, index);
}
