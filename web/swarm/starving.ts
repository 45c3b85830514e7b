/** Which partners show what is missing here of a substream: whatever their lags were, they are fed by others. */
import { runSpan } from "../../edge/protocol/pieces.ts";
import { type Partner, shows } from "./partner_book.ts";
import { renditionOf, runOfSlot } from "./slots.ts";
import type { EngineState } from "./state.ts";

/** What is so much later than usual does not come any more from a parent that lacks it, ms: a hop and the telling of maps. */
const LATE_MS = 250;
/** Segments older than so many of their durations are no sign of who is fed now. */
const SIGN_DURATIONS = 2;

/** Whether the partner shows a piece of the substream that is missing here, and that the `parent`, if there is one, lacks too. */
export function isAheadIn(
  state: EngineState<unknown>,
  slot: number,
  partner: Partner,
  parent?: Partner,
): boolean {
  const run = runOfSlot(slot);
  const usualMs = parent ? (state.lags.get(slot) ?? 0) + LATE_MS : 0;
  for (const { entry, live, sinceMs, key, pieces, unchecked } of state.buffer.unfinished()) {
    const ageMs = state.nowMs - sinceMs;
    if (!live || ageMs < usualMs || ageMs > SIGN_DURATIONS * entry.durationMs) continue;
    if (entry.unit.rendition !== renditionOf(slot) || run >= entry.runs) continue;
    const { from, to } = runSpan(entry, run);
    for (let index = from; index < to; index++) {
      if (pieces[index] !== undefined || unchecked.has(index)) continue;
      if (shows(partner, key, index) && !(parent && shows(parent, key, index))) return true;
    }
  }
  return false;
}
