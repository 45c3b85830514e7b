/**
 * Substreams as a child has them: run *s* of every segment of a rendition, pushed by a parent without
 * being asked for, after New CoolStreaming (Li et al., INFOCOM 2008). Who has a run soonest is the
 * parent of choice; one that falls behind is left, but no substream changes its parent all the time.
 */
import { isHome } from "../../edge/protocol/homes.ts";
import { passesOn } from "./fairness.ts";
import { noteLoss, parityWanted } from "./parity.ts";
import { isQuiet, type Partner } from "./partner_book.ts";
import { hasRun, runOf, type Segment } from "./segment.ts";
import { renditionOf, runOfSlot, slotIn, slotOf } from "./slots.ts";
import { letChildrenGo } from "./children.ts";
import { tellStanding } from "./serving.ts";
import { hasSpare, homesOf, lagAt } from "./standing.ts";
import { isAheadIn } from "./starving.ts";
import { type EngineState, send } from "./state.ts";
import { renditionsLive } from "./taking.ts";
import { isShaken } from "./unrest.ts";

/** Who pushes a substream to this peer. */
export interface Parent {
  readonly peer: string;
  readonly sinceMs: number;
  /** Segments in a row whose run had to be asked for elsewhere. */
  misses: number;
  missedKey: string | undefined;
}

/** A child has what its parent has about so much later, ms. */
const HOP_MS = 150;
/** How much a new lag counts in the running mean, below it and above. */
const BETTER_GAIN = 1 / 2;
const WORSE_GAIN = 1 / 4;
/** A parent is left for one that is ahead of it by more than this, ms, … With 75 and with 300 mesh continuity is 0.984 in place of 0.994 (80 peers, 30 s, churn, no fallback). */
const LEAD_MS = 150;
/** … but no sooner than this after it was chosen, ms: with 3 s and with 10 s trees took longer to settle. */
const COOL_DOWN_MS = 6_000;
/** So many misses in a row, and the parent is left at once; 1 and 3 took longer to settle. */
const MAX_MISSES = 2;
/** A partner that would not push a substream is not asked again for this long, ms; 2 s and 10 s were worse. */
const REFUSAL_MS = 5_000;
/** Having several substreams from one partner makes its loss worse: each counts as so much lag, ms. */
const CROWDING_MS = 60;
/** Who shows what is missing here comes before anyone who does not: more than any lag that is told, ms. */
const AHEAD_MS = 5_000;
/** Who is not at home there, and so gives it to nobody but in another's place, comes after all others: more than twice that. */
const LAST_RESORT_MS = 11_000;
/**
 * A new parent has this long before it is left for one that shows what is late here and missing there, ms
 * (CONSTANTS.md). When that was done after shakes only, an injector that vanished without a word left its
 * subtree starving for three segments, and 1,000 peers under churn had 2.5 % of their media by the fallback in
 * place of 1.0 % (bench:sim).
 */
const TRIAL_MS = 2_000;
/** After a shake it has as long as a round trip and a piece take, ms; other times were not tried. */
const SHAKEN_TRIAL_MS = 250;

/** A piece is here: with the last of its run, it is known how long that took. */
export function noteHeld(
  state: EngineState<unknown>,
  segment: Segment<unknown>,
  index: number,
): void {
  if (!segment.live) return;
  const run = runOf(segment, index);
  if (!hasRun(segment, run, (at) => segment.pieces[at] !== undefined)) return;
  const slot = slotIn(segment, run);
  const lag = state.nowMs - segment.sinceMs;
  const before = state.lags.get(slot) ?? lag;
  // What got better is believed sooner than what got worse: one late segment is no bad parent.
  state.lags.set(slot, before + (lag - before) * (lag < before ? BETTER_GAIN : WORSE_GAIN));
  const parent = state.parents.get(slot);
  if (parent && parent.missedKey !== segment.key) parent.misses = 0;
}

/** The parent was to push this piece and did not in time. */
export function noteMiss(
  state: EngineState<unknown>,
  segment: Segment<unknown>,
  index: number,
): void {
  const parent = state.parents.get(slotIn(segment, runOf(segment, index)));
  if (!parent || parent.missedKey === segment.key) return;
  parent.missedKey = segment.key;
  const partner = state.partners.get(parent.peer);
  parent.misses += partner && isQuiet(partner, state.nowMs) ? MAX_MISSES : 1;
  if (parent.misses >= MAX_MISSES) state.nextReviewMs = state.nowMs;
}

/** The parent that is expected to push this piece. */
export function pusherOf(
  state: EngineState<unknown>,
  segment: Segment<unknown>,
  index: number,
): Parent | undefined {
  return state.parents.get(slotIn(segment, runOf(segment, index)));
}

/** Finds parents for substreams without one, and better ones for those that lag. Answers when to look again, ms. */
export function reviewParents<P>(state: EngineState<P>): number {
  if (state.nowMs < state.nextReviewMs) return state.nextReviewMs;
  // When partners are told, it is looked anyway.
  state.nextReviewMs = state.nextTellMs;
  const changed = new Map<string, Set<number>>();
  const live = renditionsLive(state);
  for (const [rendition, runs] of live) {
    for (let run = 0; run < runs; run++) reviewSlot(state, slotOf(rendition, run), changed);
    const parityRuns = state.buffer.newest(rendition)?.entry.parityRuns ?? 0;
    for (let run = 0; run < parityRuns; run++) {
      const wanted = run < parityWanted(state);
      reviewParitySlot(state, slotOf(rendition, runs + run), wanted, changed);
    }
  }
  for (const slot of state.parents.keys()) {
    if (!live.has(renditionOf(slot))) change(state, slot, undefined, changed);
  }
  for (const [peer, renditions] of changed) {
    for (const rendition of renditions) subscribe(state, peer, rendition);
  }
  leaveRenditions(state, live);
  return state.nextReviewMs;
}

function reviewSlot<P>(
  state: EngineState<P>,
  slot: number,
  changed: Map<string, Set<number>>,
): void {
  const parent = state.parents.get(slot);
  if (injects(state, slot)) return parent && change(state, slot, undefined, changed);
  const partner = parent && state.partners.get(parent.peer);
  const quiet = partner !== undefined && isQuiet(partner, state.nowMs);
  if (parent && partner && !quiet && parent.misses < MAX_MISSES) {
    if (state.nowMs - parent.sinceMs > (isShaken(state) ? SHAKEN_TRIAL_MS : TRIAL_MS)) {
      const fed = bestParent(state, slot, { not: partner, fed: true });
      if (fed) return change(state, slot, fed, changed);
    }
    if (state.nowMs - parent.sinceMs < COOL_DOWN_MS) return;
    const best = bestParent(state, slot, { not: partner });
    const lag = state.lags.get(slot) ?? Infinity;
    if (!best || lagAt(best, slot)! + HOP_MS + LEAD_MS > lag) return;
    return change(state, slot, best, changed);
  }
  if (quiet) noteLoss(state);
  if (partner) partner.refusals.set(slot, state.nowMs + REFUSAL_MS);
  change(state, slot, bestParent(state, slot), changed);
}

/** A parity substream has a parent while it is wanted; any will do. */
function reviewParitySlot<P>(
  state: EngineState<P>,
  slot: number,
  wanted: boolean,
  changed: Map<string, Set<number>>,
): void {
  const parent = state.parents.get(slot);
  const partner = parent && state.partners.get(parent.peer);
  if (wanted && partner && !isQuiet(partner, state.nowMs)) return;
  const to = wanted ? bestParent(state, slot) : undefined;
  if (parent || to) change(state, slot, to, changed);
}

/**
 * Of a rendition that is no longer taken part in nothing comes here, and nothing goes on: children and
 * partners are told. When they found that out by themselves, one of five parents of 100 viewers who
 * change the quality twice a minute had nothing to push (bench:sim, renditions).
 */
function leaveRenditions<P>(state: EngineState<P>, live: ReadonlyMap<number, number>): void {
  const left = new Set([...state.lags.keys()].map(renditionOf).filter((one) => !live.has(one)));
  if (left.size === 0) return;
  for (const slot of state.lags.keys()) if (left.has(renditionOf(slot))) state.lags.delete(slot);
  for (const partner of state.partners.values()) {
    letChildrenGo(state, partner, (rendition) => left.has(rendition));
    for (const rendition of left) tellStanding(state, partner, rendition);
  }
}

/** Who injects a run has it from the edge, before anybody. */
function injects(state: EngineState<unknown>, slot: number): boolean {
  return (state.injectsUntilMs.get(slot) ?? 0) > state.nowMs;
}

function change<P>(
  state: EngineState<P>,
  slot: number,
  to: Partner | undefined,
  changed: Map<string, Set<number>>,
): void {
  const rendition = renditionOf(slot);
  const mark = (peer: string) => {
    changed.set(peer, (changed.get(peer) ?? new Set()).add(rendition));
  };
  const before = state.parents.get(slot);
  if (before && state.partners.has(before.peer)) mark(before.peer);
  state.parents.delete(slot);
  if (!to) return;
  const { peer } = to;
  state.parents.set(slot, { peer, sinceMs: state.nowMs, misses: 0, missedKey: undefined });
  mark(peer);
}

/**
 * Who would push the substream soonest, of those who would. `not`: the parent that it is to be better than;
 * `fed`: in that it shows what is late here, and the parent lacks it. After a shake none is taken that is
 * behind this peer, since it may have the substream from it, by way of others, but those who show what is
 * missing here: a third of all substreams was in such rings, or hung on one, after half of 300 viewers had
 * vanished (bench:sim). It is the feasibility condition of RFC 8966, section 3.5.1, with lags for distances.
 */
function bestParent(
  state: EngineState<unknown>,
  slot: number,
  { not, fed = false }: { not?: Partner; fed?: boolean } = {},
): Partner | undefined {
  const shaken = isShaken(state) && !isParity(state, slot);
  const most = shaken ? state.lags.get(slot) ?? Infinity : Infinity;
  const crowd = new Map<string, number>();
  for (const { peer } of state.parents.values()) crowd.set(peer, (crowd.get(peer) ?? 0) + 1);
  const runs = state.buffer.newest(renditionOf(slot))?.entry.runs ?? 0;
  const run = runOfSlot(slot);
  let best: Partner | undefined;
  let least = Infinity;
  for (const partner of state.partners.values()) {
    const lag = lagOf(state, partner, slot);
    // Two who push the same substream to each other would both run dry.
    if (!partner.greeted || lag === undefined || partner.children.has(slot)) continue;
    if (partner === not || isQuiet(partner, state.nowMs)) continue;
    const spare = hasSpare(partner, slot);
    if (!spare && !mayDisplace(state, partner, slot)) continue;
    const guest = !spare && !passesOn(partner, run, runs);
    if (guest && not && !fed) continue;
    if ((partner.refusals.get(slot) ?? 0) > state.nowMs) continue;
    const ahead = (fed || (shaken && !not)) && isAheadIn(state, slot, partner, not);
    if (!ahead && (fed || lag >= most)) continue;
    const cost = lag + CROWDING_MS * (crowd.get(partner.peer) ?? 0) - (ahead ? AHEAD_MS : 0) +
      (guest ? LAST_RESORT_MS : 0);
    if (cost < least) [best, least] = [partner, cost];
  }
  return best;
}

function isParity(state: EngineState<unknown>, slot: number): boolean {
  return runOfSlot(slot) >= (state.buffer.newest(renditionOf(slot))?.entry.runs ?? 0);
}

/** A partner makes parity once it has the last of the other runs. */
function lagOf(state: EngineState<unknown>, partner: Partner, slot: number): number | undefined {
  const rendition = renditionOf(slot);
  if (!isParity(state, slot)) return lagAt(partner, slot);
  const runs = state.buffer.newest(rendition)?.entry.runs ?? 0;
  let last = 0;
  for (let run = 0; run < runs; run++) {
    last = Math.max(last, lagAt(partner, slotOf(rendition, run)) ?? Infinity);
  }
  return last < Infinity ? last : undefined;
}

/** Who is at home in a substream may get another's place with a partner that has children. */
function mayDisplace(state: EngineState<unknown>, partner: Partner, slot: number): boolean {
  const rendition = renditionOf(slot);
  const runs = state.buffer.newest(rendition)?.entry.runs ?? 0;
  return partner.homes > 0 && isHome(state.self, runOfSlot(slot), runs, homesOf(state, rendition));
}

function subscribe<P>(state: EngineState<P>, peer: string, rendition: number): void {
  const runs: number[] = [];
  for (const [slot, parent] of state.parents) {
    if (parent.peer === peer && renditionOf(slot) === rendition) {
      runs.push(runOfSlot(slot));
    }
  }
  send(state, peer, { type: "subscribe", rendition, runs });
}

/** A parent will not push these substreams, or no longer. */
export function onUnsubscribe<P>(
  state: EngineState<P>,
  partner: Partner,
  rendition: number,
  runs: readonly number[],
): void {
  for (const run of runs) {
    const slot = slotOf(rendition, run);
    partner.refusals.set(slot, state.nowMs + REFUSAL_MS);
    if (state.parents.get(slot)?.peer === partner.peer) state.parents.delete(slot);
  }
  state.nextReviewMs = state.nowMs;
}
