/** Giving what partners want only in spare time. */
import { type Unit, unitKey } from "../../../edge/protocol/unit.ts";
import { pieceBytes } from "../segment.ts";
import { capacity } from "../standing.ts";
import { type EngineState, send } from "../state.ts";

/** Behind all that somebody waits for. */
const SPARE_RANK = -1;
/** A spare piece is taken where a wanted one would wait so much less than the queue allows. */
const SPARE_SHARE = 1 / 5;

/** Spare pieces are sent behind all others, and refused where anything waits for long already. */
export function onSpare<P>(
  state: EngineState<P>,
  peer: string,
  unit: Unit,
  pieces: readonly number[],
): void {
  const key = unitKey(unit);
  const segment = state.buffer.get(key);
  const rate = capacity(state) * SPARE_SHARE;
  const refused = pieces.filter((index) => {
    if (segment?.pieces[index] === undefined || !state.conduct.upload) return true;
    const bytes = pieceBytes(segment, index);
    return !state.uploads.add(peer, { key, index, bytes, push: false, rank: SPARE_RANK }, rate);
  });
  if (refused.length > 0) send(state, peer, { type: "refuse", unit, pieces: refused });
}
