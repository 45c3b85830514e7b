/** Which partners show what is missing here of a substream: whatever their lags were, they are fed by others. */
import { runSpan } from "../../edge/protocol/pieces.ts";
import { type Partner, shows } from "./partner_book.ts";
import { hasRun, type Segment } from "./segment.ts";
import { renditionOf, runOfSlot, slotOf } from "./slots.ts";
import type { EngineState } from "./state.ts";

/** What is so much later than usual does not come any more from a parent that lacks it, ms: a hop and the telling of maps. */
const LATE_MS = 250;
/** Segments older than so many of their durations are no sign of who is fed now. */
const SIGN_DURATIONS = 2;

/** Runs of a rendition of which something is later than usual: without any, nobody is ahead of a parent. */
export function lateRuns(state: EngineState<unknown>, rendition: number): Set<number> {
  const late = new Set<number>();
  for (const segment of state.buffer.unfinished()) {
    if (!segment.live || segment.entry.unit.rendition !== rendition) continue;
    const { runs } = segment.entry;
    for (let run = 0; run < runs; run++) {
      if (late.has(run) || !isSign(state, segment, usualMs(state, slotOf(rendition, run)))) {
        continue;
      }
      if (!hasRun(segment, run, (index) => isHere(segment, index))) late.add(run);
    }
  }
  return late;
}

function usualMs({ lags }: EngineState<unknown>, slot: number): number {
  return (lags.get(slot) ?? 0) + LATE_MS;
}

/** Whether what is missing of a segment tells who is fed now. */
function isSign(
  { nowMs }: EngineState<unknown>,
  { live, sinceMs, entry }: Segment<unknown>,
  sinceLeastMs: number,
): boolean {
  const ageMs = nowMs - sinceMs;
  return live && ageMs >= sinceLeastMs && ageMs <= SIGN_DURATIONS * entry.durationMs;
}

function isHere({ pieces, unchecked }: Segment<unknown>, index: number): boolean {
  return pieces[index] !== undefined || unchecked.has(index);
}

/** Whether the partner shows a piece of the substream that is missing here, and that the `parent`, if there is one, lacks too. */
export function isAheadIn(
  state: EngineState<unknown>,
  slot: number,
  partner: Partner,
  parent?: Partner,
): boolean {
  const run = runOfSlot(slot);
  const leastMs = parent ? usualMs(state, slot) : 0;
  for (const segment of state.buffer.unfinished()) {
    const { entry, key } = segment;
    if (!isSign(state, segment, leastMs)) continue;
    if (entry.unit.rendition !== renditionOf(slot) || run >= entry.runs) continue;
    const { from, to } = runSpan(entry, run);
    for (let index = from; index < to; index++) {
      if (isHere(segment, index)) continue;
      if (shows(partner, key, index) && !(parent && shows(parent, key, index))) return true;
    }
  }
  return false;
}
