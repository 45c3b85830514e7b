import { type Unit, unitKey } from "../../edge/protocol/unit.ts";
import { fetchMissing } from "./fetching.ts";
import { isComplete, type Segment } from "./segment.ts";
import type { EngineState } from "./state.ts";

/** The element waits for a unit. */
export interface Demand {
  readonly id: number;
  readonly key: string;
  readonly deadlineMs: number;
  /** Pieces delivered so far, from the first on. */
  delivered: number;
}

export function openDemand<P>(
  state: EngineState<P>,
  id: number,
  unit: Unit,
  deadlineMs: number,
): void {
  const segment = state.buffer.get(unitKey(unit));
  if (!segment) return decline(state, id, "not in the ledger");
  state.playheadMs = segment.entry.startMs;
  state.renditions.set(unit.rendition, state.nowMs);
  const noTime = dueMs(state, deadlineMs) <= state.nowMs;
  if (isUntouched(segment) && (noTime || !mayHavePartners(state)) && edgeMayAnswer(state)) {
    // Nothing is lost by asking the edge for all of it, and the first byte shows sooner that way.
    return decline(state, id, "not here yet");
  }
  state.demands.set(id, { id, key: segment.key, deadlineMs, delivered: 0 });
  deliver(state, segment);
}

/** Hands the demands of a segment what is there, in order. */
export function deliver<P>(state: EngineState<P>, segment: Segment<P>): void {
  for (const demand of state.demands.values()) {
    if (demand.key !== segment.key) continue;
    for (let payload; (payload = segment.pieces[demand.delivered]) !== undefined;) {
      const index = demand.delivered++;
      const last = demand.delivered === segment.count;
      state.outputs.push({ type: "deliver", demand: demand.id, index, payload, last });
    }
    if (demand.delivered === segment.count) state.demands.delete(demand.id);
  }
}

/** Gives the demands of a segment to the network. */
export function declineAll<P>(state: EngineState<P>, key: string, reason: string): void {
  for (const demand of state.demands.values()) {
    if (demand.key === key) decline(state, demand.id, reason);
  }
}

/** Asks the edge for what is missing where the deadline is near. Answers when to look again, ms. */
export function meetDeadlines<P>(state: EngineState<P>): number {
  let wakeMs = Infinity;
  for (const demand of state.demands.values()) {
    const segment = state.buffer.get(demand.key);
    if (!segment) {
      decline(state, demand.id, "no longer kept");
      continue;
    }
    if (isComplete(segment)) continue;
    const due = Math.max(
      mayHavePartners(state) ? dueMs(state, demand.deadlineMs) : 0,
      state.edge.pausedUntilMs,
    );
    if (due <= state.nowMs) fetchMissing(state, segment);
    else wakeMs = Math.min(wakeMs, due);
  }
  return wakeMs;
}

function decline<P>(state: EngineState<P>, id: number, reason: string): void {
  state.demands.delete(id);
  state.outputs.push({ type: "decline", demand: id, reason });
}

function dueMs<P>(state: EngineState<P>, deadlineMs: number): number {
  return deadlineMs - state.edge.leadMs();
}

function edgeMayAnswer<P>(state: EngineState<P>): boolean {
  return state.edgeReachable && state.edge.pausedUntilMs <= state.nowMs;
}

/** Whether partners are there, or are to be met: others watch too. */
function mayHavePartners<P>(state: EngineState<P>): boolean {
  if (state.audience > 1) return true;
  for (const partner of state.partners.values()) if (partner.greeted) return true;
  return false;
}

function isUntouched(segment: Segment<unknown>): boolean {
  return segment.held === 0 && segment.unchecked.size === 0 && segment.asked.size === 0 &&
    segment.fetching.size === 0;
}
