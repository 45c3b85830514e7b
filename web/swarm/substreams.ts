/**
 * Substreams: run *s* of every segment of a rendition, pushed from parent to child without being
 * asked for, after New CoolStreaming (Li et al., INFOCOM 2008). Who has a run soonest is the parent
 * of choice; one that falls behind is left, but no substream changes its parent all the time.
 */
import { isHome } from "../../edge/protocol/homes.ts";
import type { Standing } from "../../edge/protocol/peer_frames.ts";
import { runSpan } from "../../edge/protocol/pieces.ts";
import { MAX_RUNS } from "../../edge/protocol/pieces.ts";
import { pushRank } from "./fairness.ts";
import { isQuiet, type Partner } from "./partner_book.ts";
import { hasRun, runOf, type Segment } from "./segment.ts";
import { push } from "./serving.ts";
import { isTaken } from "./taking.ts";
import { type EngineState, send } from "./state.ts";

/** Who pushes a substream to this peer. */
export interface Parent {
  readonly peer: string;
  readonly sinceMs: number;
  /** Segments in a row whose run had to be asked for elsewhere. */
  misses: number;
  missedKey: string | undefined;
}

/** Lags are told in such steps, ms; the last number says that there is none. */
const LAG_STEP_MS = 16;
const NO_LAG = 255;
/** A child has what its parent has about so much later, ms. */
const HOP_MS = 150;
/** How much a new lag counts in the running mean, below it and above. */
const BETTER_GAIN = 1 / 2;
const WORSE_GAIN = 1 / 4;
/** A parent is left for one that is ahead of it by more than this, ms, … */
const LEAD_MS = 150;
/** … but no sooner than this after it was chosen, ms. */
const COOL_DOWN_MS = 6_000;
/** So many misses in a row, and the parent is left at once. */
const MAX_MISSES = 2;
/** A partner that would not push a substream is not asked again for this long, ms. */
const REFUSAL_MS = 5_000;
/** Having several substreams from one partner makes its loss worse: each counts as so much lag, ms. */
const CROWDING_MS = 60;
/** Of the uplink, what may be promised to children; the rest is for what is asked for. */
const PROMISED = 0.9;
/** An uplink that has not been measured counts as so many times the stream's rate. */
const UNKNOWN_UPLINK = 0.5;
const REVIEW_MS = 500;
/** A child takes the place of another if its rank is higher by this. */
const RANK_LEAD = 0.5;
/** Children that a peer has in a substream that it is at home in. */
const CHILDREN_AT_HOME = 3;
/** Of what may be promised, what children may have in other substreams. */
const AWAY = 0.5;

/** A substream of a rendition as one number. */
export function slotOf(rendition: number, run: number): number {
  return rendition * MAX_RUNS + run;
}

export function slotIn(segment: Segment<unknown>, run: number): number {
  return slotOf(segment.entry.unit.rendition, run);
}

/** Notes what a partner says that it is to others in a rendition. */
export function noteStanding(partner: Partner, { rendition, homes, uplink, lags }: Standing): void {
  partner.homes = homes;
  partner.uplink = uplink * 1024;
  for (let run = 0; run < Math.min(lags.length, MAX_RUNS); run++) {
    const steps = lags[run]!;
    if (steps === NO_LAG) partner.lags.delete(slotOf(rendition, run));
    else partner.lags.set(slotOf(rendition, run), steps * LAG_STEP_MS);
  }
}

/** What this peer is to its partners. */
export function standing(state: EngineState<unknown>, rendition: number): Standing {
  const runs = state.buffer.newest(rendition)?.entry.runs ?? 0;
  const lags = Uint8Array.from({ length: runs }, (_, run) => {
    const lag = state.lags.get(slotOf(rendition, run));
    return lag === undefined ? NO_LAG : Math.min(NO_LAG - 1, Math.round(lag / LAG_STEP_MS));
  });
  const uplink = Math.min(0xffff, Math.round(capacity(state) / 1024));
  return { rendition, homes: homesOf(state, rendition), uplink, lags };
}

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
  state.nextReviewMs = state.nowMs + REVIEW_MS;
  const changed = new Map<string, Set<number>>();
  const live = renditionsLive(state);
  for (const [rendition, runs] of live) {
    for (let run = 0; run < runs; run++) reviewSlot(state, slotOf(rendition, run), changed);
  }
  for (const slot of state.parents.keys()) {
    if (!live.has(Math.floor(slot / MAX_RUNS))) change(state, slot, undefined, changed);
  }
  for (const [peer, renditions] of changed) {
    for (const rendition of renditions) subscribe(state, peer, rendition);
  }
  return state.nextReviewMs;
}

/** The renditions that this peer takes part in, with how many runs their newest segment has. */
function renditionsLive(state: EngineState<unknown>): Map<number, number> {
  const live = new Map<number, number>();
  for (const segment of state.buffer.segments()) {
    if (segment.live && isTaken(state, segment)) {
      live.set(segment.entry.unit.rendition, segment.entry.runs);
    }
  }
  return live;
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
    if (state.nowMs - parent.sinceMs < COOL_DOWN_MS) return;
    const best = bestParent(state, slot, partner);
    const lag = state.lags.get(slot) ?? Infinity;
    if (!best || best.lags.get(slot)! + HOP_MS + LEAD_MS > lag) return;
    return change(state, slot, best, changed);
  }
  if (partner) partner.refusals.set(slot, state.nowMs + REFUSAL_MS);
  change(state, slot, bestParent(state, slot), changed);
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
  const rendition = Math.floor(slot / MAX_RUNS);
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

function bestParent(
  state: EngineState<unknown>,
  slot: number,
  except?: Partner,
): Partner | undefined {
  const crowd = new Map<string, number>();
  for (const { peer } of state.parents.values()) crowd.set(peer, (crowd.get(peer) ?? 0) + 1);
  let best: Partner | undefined;
  let least = Infinity;
  for (const partner of state.partners.values()) {
    const lag = partner.lags.get(slot);
    // Two who push the same substream to each other would both run dry.
    if (!partner.greeted || lag === undefined || partner.children.has(slot)) continue;
    if (partner === except || isQuiet(partner, state.nowMs)) continue;
    if ((partner.refusals.get(slot) ?? 0) > state.nowMs) continue;
    const cost = lag + CROWDING_MS * (crowd.get(partner.peer) ?? 0);
    if (cost < least) [best, least] = [partner, cost];
  }
  return best;
}

function subscribe<P>(state: EngineState<P>, peer: string, rendition: number): void {
  const runs: number[] = [];
  for (const [slot, parent] of state.parents) {
    if (parent.peer === peer && Math.floor(slot / MAX_RUNS) === rendition) {
      runs.push(slot % MAX_RUNS);
    }
  }
  send(state, peer, { type: "subscribe", rendition, runs });
}

/** In how many substreams of any one rendition this peer is at home. */
export function mostHomes(state: EngineState<unknown>): number {
  let most = 0;
  for (const rendition of renditionsLive(state).keys()) {
    most = Math.max(most, homesOf(state, rendition));
  }
  return most;
}

/** In how many substreams of a rendition this peer's uplink is enough to be at home. */
function homesOf(state: EngineState<unknown>, rendition: number): number {
  const runs = state.buffer.newest(rendition)?.entry.runs;
  if (runs === undefined) return 1;
  const children = (capacity(state) * PROMISED) / slotRate(state, rendition);
  return Math.min(runs, Math.max(1, Math.round(children / CHILDREN_AT_HOME)));
}

/** A partner wants to be pushed these substreams, and no others, of a rendition. */
export function onSubscribe<P>(
  state: EngineState<P>,
  partner: Partner,
  rendition: number,
  runs: readonly number[],
): void {
  const wanted = new Set(runs.map((run) => slotOf(rendition, run)));
  for (const slot of partner.children) {
    if (Math.floor(slot / MAX_RUNS) === rendition && !wanted.has(slot)) {
      partner.children.delete(slot);
    }
  }
  state.uploads.keepPushes(partner.peer, (key, index) => {
    const segment = state.buffer.get(key);
    return segment !== undefined && partner.children.has(slotIn(segment, runOf(segment, index)));
  });
  const refused: number[] = [];
  for (const slot of wanted) {
    if (partner.children.has(slot)) continue;
    if (state.parents.get(slot)?.peer !== partner.peer && makeRoom(state, partner, slot)) {
      partner.children.add(slot);
      pushHeld(state, partner, slot);
    } else refused.push(slot % MAX_RUNS);
  }
  if (refused.length > 0) {
    send(state, partner.peer, { type: "unsubscribe", rendition, runs: refused });
  }
}

/** A new child goes on at the very piece that it lacks of what is being spread just now. */
function pushHeld<P>(state: EngineState<P>, child: Partner, slot: number): void {
  for (const segment of state.buffer.segments()) {
    if (!segment.live || state.nowMs - segment.sinceMs > segment.entry.durationMs) continue;
    if (Math.floor(slot / MAX_RUNS) !== segment.entry.unit.rendition) continue;
    const run = slot % MAX_RUNS;
    if (run >= segment.entry.runs) continue;
    const { from, to } = runSpan(segment.entry, run);
    for (let index = from; index < to; index++) {
      if (segment.pieces[index] !== undefined) push(state, segment, index, child);
    }
  }
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

/** What this peer can send, bytes/s: its uplink as measured, and never more than its cap. */
export function capacity(state: EngineState<unknown>): number {
  if (!state.conduct.upload) return 0;
  const unmeasured = UNKNOWN_UPLINK * streamRate(state);
  return Math.min(state.conduct.uploadCap, state.uplink.rate ?? unmeasured);
}

/**
 * Whether one more child can be promised a substream. At home it can have all of the uplink, and the
 * place of a child of lesser rank; elsewhere a part of it.
 */
function makeRoom<P>(state: EngineState<P>, child: Partner, slot: number): boolean {
  const rendition = Math.floor(slot / MAX_RUNS);
  const runs = state.buffer.newest(rendition)?.entry.runs ?? 0;
  // What is not known has no rate yet that could be promised.
  if (slot % MAX_RUNS >= runs) return false;
  const most = capacity(state) * PROMISED;
  const after = promised(state) + slotRate(state, rendition);
  const home = isHome(state.self, slot % MAX_RUNS, runs, homesOf(state, rendition));
  if (after <= (home ? most : most * AWAY)) return true;
  if (!home) return false;
  const rank = pushRank(child, slot % MAX_RUNS, runs);
  let weakest: { partner: Partner; slot: number } | undefined;
  let least = rank - RANK_LEAD;
  for (const partner of state.partners.values()) {
    for (const theirs of partner.children) {
      const worth = isHome(state.self, theirs % MAX_RUNS, runs, homesOf(state, rendition))
        ? pushRank(partner, theirs % MAX_RUNS, runs)
        : -1;
      if (worth < least) [weakest, least] = [{ partner, slot: theirs }, worth];
    }
  }
  if (!weakest) return false;
  weakest.partner.children.delete(weakest.slot);
  send(state, weakest.partner.peer, {
    type: "unsubscribe",
    rendition: Math.floor(weakest.slot / MAX_RUNS),
    runs: [weakest.slot % MAX_RUNS],
  });
  return true;
}

/** What the children are promised, bytes/s. */
export function promised(state: EngineState<unknown>): number {
  let sum = 0;
  for (const { children } of state.partners.values()) {
    for (const slot of children) sum += slotRate(state, Math.floor(slot / MAX_RUNS));
  }
  return sum;
}

function slotRate(state: EngineState<unknown>, rendition: number): number {
  const entry = state.buffer.newest(rendition)?.entry;
  return entry ? (entry.length * 1000) / entry.durationMs / entry.runs : 0;
}

/** Of all renditions that this peer takes part in, bytes/s. */
function streamRate(state: EngineState<unknown>): number {
  let sum = 0;
  for (const [rendition, runs] of renditionsLive(state)) sum += slotRate(state, rendition) * runs;
  return sum;
}
