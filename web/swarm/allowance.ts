/** What a peer gives to those who ask, beside what it has promised to push. */
import { capacity, promised } from "./standing.ts";
import type { EngineState } from "./state.ts";

/** What nobody asked for is saved up for this long, ms. */
const SAVED_MS = 1_000;

/**
 * Whether one who asks may be given something: that comes out of the uplink that is not promised.
 * Otherwise pulls make pushes late, which are then pulled too, until nothing comes in time: 300 peers
 * without a fallback stayed at 1.0 mesh continuity for a minute, and without this rule fell to 0.95
 * now and then (bench:sim, steady).
 */
export function mayGive(state: EngineState<unknown>): boolean {
  // How else would it be known what the uplink carries?
  if (state.uplink.rate === undefined) return true;
  const { allowance, nowMs } = state;
  const most = capacity(state);
  const spare = Math.max(0, most - promised(state));
  const saved = allowance.bytes + ((nowMs - allowance.atMs) * spare) / 1000;
  allowance.bytes = Math.min((most * SAVED_MS) / 1000, saved);
  allowance.atMs = nowMs;
  // Into debt by one piece, so that an uplink that carries less than a piece in that time gives too.
  return allowance.bytes > 0;
}

export function noteGiven(state: EngineState<unknown>, bytes: number): void {
  state.allowance.bytes -= bytes;
}
