/** What a peer gives to those who ask, beside what it has promised to push. */
import { capacity, promised } from "./standing.ts";
import type { EngineState } from "./state.ts";

/** What nobody asked for is saved up for this long, ms: with half of it 0.690 of the offload, with twice 0.658, so 0.693 (80 peers, 30 s, poor). */
const SAVED_MS = 1_000;
/** What was pushed counts half after this long, ms: it comes in the rhythm of segments. Half and twice are as good (the same: 0.698, 0.709). */
const PUSHED_FADING_MS = 4_000;
/**
 * Promises take no more of the uplink than what was pushed lately, and so much more: with 2.3 the offload is
 * 0.669, with 0.58 it is 0.707, but more is late (the same: continuity 0.9989 in place of 0.9997).
 */
const PUSHED_MARGIN = 1.15;

/**
 * Whether one who asks may be given something: that comes out of the uplink that promises do not take.
 * Otherwise pulls make pushes late, which are then pulled too, until nothing comes in time: 300 peers
 * without a fallback stayed at 1.0 mesh continuity for a minute, and without this rule fell to 0.95
 * now and then (bench:sim, steady). A promise that cannot be kept, because what was promised does not
 * come, takes nothing: where uplinks are scarce, that is 0.70 of the offload in place of 0.67 (poor).
 */
export function mayGive(state: EngineState<unknown>): boolean {
  // How else would it be known what the uplink carries?
  if (state.uplink.rate === undefined) return true;
  const { allowance, nowMs } = state;
  const most = capacity(state);
  const pushed = (allowance.pushed * Math.LN2 * 1000) / PUSHED_FADING_MS;
  const spare = Math.max(0, most - Math.min(promised(state), pushed * PUSHED_MARGIN));
  const saved = allowance.bytes + ((nowMs - allowance.atMs) * spare) / 1000;
  allowance.bytes = Math.min((most * SAVED_MS) / 1000, saved);
  allowance.atMs = nowMs;
  // Into debt by one piece, so that an uplink that carries less than a piece in that time gives too.
  return allowance.bytes > 0;
}

export function noteGiven(state: EngineState<unknown>, bytes: number): void {
  state.allowance.bytes -= bytes;
}

export function notePushed(state: EngineState<unknown>, bytes: number): void {
  state.allowance.pushed += bytes;
}

/** Lets what was pushed fade by the time since the last look. */
export function fadePushed(state: EngineState<unknown>, ms: number): void {
  state.allowance.pushed *= 2 ** (-ms / PUSHED_FADING_MS);
}
