import type { Unit } from "../../edge/protocol/unit.ts";
import { unitKey } from "../../edge/protocol/unit.ts";
import { declineAll, deliver } from "./demands.ts";
import { askForDigests } from "./fetching.ts";
import { noteAnswer } from "./partner_book.ts";
import { accuse } from "./partners.ts";
import { isMissing, keepPiece, pieceBytes, type Segment, type Unchecked } from "./segment.ts";
import { tellLater } from "./serving.ts";
import type { EngineState } from "./state.ts";

/**
 * A partner's piece. One that nobody needs any more is passed over, and so is one that was not asked
 * of this partner and would have to wait for its check: it would take the place of what was.
 */
export function onPiece<P>(
  state: EngineState<P>,
  peer: string,
  unit: Unit,
  index: number,
  payload: P,
): void {
  const segment = state.buffer.get(unitKey(unit));
  if (!segment || index >= segment.count) return;
  const bytes = pieceBytes(segment, index);
  state.received.peers += bytes;
  const asked = segment.asked.get(index);
  const partner = state.partners.get(peer);
  if (asked?.peer === peer && partner) {
    segment.asked.delete(index);
    noteAnswer(partner, state.nowMs - asked.atMs, bytes);
  } else if (!segment.digests) return;
  if (isMissing(segment, index)) admitPiece(state, segment, index, { payload, peer });
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
    keep(state, segment, index, piece.payload);
  } else if (piece.peer !== undefined) {
    accuse(state, piece.peer, unit);
  } else {
    declineAll(state, segment.key, "a bad piece from the edge");
  }
}

/** A partner's digest list, which comes ahead of its first piece. */
export function onDigests<P>(
  state: EngineState<P>,
  peer: string | undefined,
  unit: Unit,
  digests: Uint8Array,
): void {
  const segment = state.buffer.get(unitKey(unit));
  if (!segment || segment.digests || segment.unprovenDigests) return;
  segment.unprovenDigests = { digests, peer };
  state.outputs.push({ type: "checkDigests", unit, digests, root: segment.entry.root });
}

export function onCheckedDigests<P>(
  state: EngineState<P>,
  unit: Unit,
  digests: Uint8Array,
  ok: boolean,
): void {
  const segment = state.buffer.get(unitKey(unit));
  const unproven = segment?.unprovenDigests;
  if (!segment || unproven?.digests !== digests) return;
  segment.unprovenDigests = undefined;
  if (ok) {
    segment.digests = digests;
    for (const [index, piece] of segment.unchecked) check(state, segment, index, piece, digests);
  } else if (unproven.peer !== undefined) {
    accuse(state, unproven.peer, unit);
    if (segment.unchecked.size > 0) askForDigests(state, segment);
  } else {
    declineAll(state, segment.key, "bad digests from the edge");
  }
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
  payloads.forEach((payload, index) => keep(state, segment, index, payload));
}

function keep<P>(state: EngineState<P>, segment: Segment<P>, index: number, payload: P): void {
  if (!keepPiece(segment, index, payload)) return;
  tellLater(state, segment);
  deliver(state, segment);
}
