import { MAX_RUNS } from "../../edge/protocol/pieces.ts";
import type { Segment } from "./segment.ts";
import type { EngineState } from "./state.ts";

/** A substream of a rendition as one number. */
export function slotOf(rendition: number, run: number): number {
  return rendition * MAX_RUNS + run;
}

export function renditionOf(slot: number): number {
  return Math.floor(slot / MAX_RUNS);
}

export function runOfSlot(slot: number): number {
  return slot % MAX_RUNS;
}

/** The substream of a run of a segment. */
export function slotIn(segment: Segment<unknown>, run: number): number {
  return slotOf(segment.entry.unit.rendition, run);
}

/** What a substream of a rendition takes, bytes/s; 0 before its first segment. */
export function slotRate(state: EngineState<unknown>, rendition: number): number {
  const entry = state.buffer.newest(rendition)?.entry;
  return entry ? (entry.length * 1000) / entry.durationMs / entry.runs : 0;
}
