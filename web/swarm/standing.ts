/** What a peer is to its partners: what it can give, where it is at home, how soon it has things. */
import type { Standing } from "../../edge/protocol/peer_frames.ts";
import { isHome } from "../../edge/protocol/homes.ts";
import { isQuiet, type Partner } from "./partner_book.ts";
import { renditionOf, runOfSlot, slotOf, slotRate } from "./slots.ts";
import type { EngineState } from "./state.ts";
import { renditionsLive, takesPart } from "./taking.ts";

/** Lags are told in such steps, ms; the last number says that there is none. */
const LAG_STEP_MS = 16;
const NO_LAG = 255;
/**
 * Of the uplink, what may be promised to children; the rest is for what is asked for. Twice is too much:
 * 0.979 mesh continuity in place of 0.994; with half it is 0.999 where uplinks are 1.35 times what is needed
 * (80 peers, 30 s, churn, no fallback).
 */
const PROMISED = 0.9;
/** Of what may be promised, what children may have in other substreams than those of home: with half of it the same has 0.984, with all 0.994. */
const AWAY = 0.5;
/**
 * An uplink that has not been measured counts as so many times the stream's rate: with 1, those who
 * have less are overrun while they are new (300 peers, 48 s after the first came: 0.989 against 0.996).
 */
const UNKNOWN_UPLINK = 0.5;
/**
 * Children that a peer has in a substream that it is at home in. Mesh continuity of 200 peers with 2,
 * 3, 4, 8, 16: 0.970, 0.996, 0.987, 0.919, 0.639.
 */
const CHILDREN_AT_HOME = 3;

/** Notes what a partner says that it is to others in a rendition; who lists no lags has no news of them. */
export function noteStanding(partner: Partner, standing: Standing): void {
  partner.homes = standing.homes;
  partner.uplink = standing.uplink * 1024;
  const { lags } = partner.standings.get(standing.rendition) ?? standing;
  const news = standing.lags.length > 0 ? standing : { ...standing, lags };
  partner.standings.set(standing.rendition, news);
}

/** How long after publication a partner has a run of a substream, as it says, ms. */
export function lagAt({ standings }: Partner, slot: number): number | undefined {
  const steps = standings.get(renditionOf(slot))?.lags[runOfSlot(slot)];
  return steps === undefined || steps === NO_LAG ? undefined : steps * LAG_STEP_MS;
}

/** Whether a partner would push a substream to one more, as it says. */
export function hasSpare({ standings }: Partner, slot: number): boolean {
  return standings.get(renditionOf(slot))?.spare.includes(runOfSlot(slot)) ?? false;
}

/** What this peer is to its partners. */
export function standing(state: EngineState<unknown>, rendition: number): Standing {
  const { runs = 0, parityRuns = 0 } = state.buffer.newest(rendition)?.entry ?? {};
  const lags = Uint8Array.from({ length: runs }, (_, run) => {
    const lag = state.lags.get(slotOf(rendition, run));
    return lag === undefined ? NO_LAG : Math.min(NO_LAG - 1, Math.round(lag / LAG_STEP_MS));
  });
  const uplink = Math.min(0xffff, Math.round(capacity(state) / 1024));
  const taken = promised(state);
  const spare = Array.from({ length: runs + parityRuns }, (_, run) => run)
    .filter((run) => hasRoom(state, slotOf(rendition, run), taken));
  return { rendition, homes: homesOf(state, rendition), uplink, spare, lags };
}

/** What this peer can send, bytes/s: its uplink as measured, and never more than its cap. */
export function capacity(state: EngineState<unknown>): number {
  if (!state.conduct.upload) return 0;
  // What is not needed is not reckoned: this is asked for all the time.
  const rate = state.uplink.rate ?? UNKNOWN_UPLINK * streamRate(state);
  return Math.min(state.conduct.uploadCap, rate);
}

/**
 * Whether one more child can be promised a substream. At home it can have all of the uplink,
 * elsewhere a part of it. What does not come here, because another quality is played, is promised to nobody.
 */
export function hasRoom(
  state: EngineState<unknown>,
  slot: number,
  taken = promised(state),
): boolean {
  const rendition = renditionOf(slot);
  if (!takesPart(state, rendition)) return false;
  const runs = state.buffer.newest(rendition)?.entry.runs ?? 0;
  const home = isHome(state.self, runOfSlot(slot), runs, homesOf(state, rendition));
  const most = capacity(state) * PROMISED * (home ? 1 : AWAY);
  return taken + slotRate(state, rendition) <= most;
}

/** What the children are promised, bytes/s; who is likely gone takes nothing. */
export function promised(state: EngineState<unknown>): number {
  let sum = 0;
  for (const partner of state.partners.values()) {
    if (isQuiet(partner, state.nowMs)) continue;
    for (const slot of partner.children) sum += slotRate(state, renditionOf(slot));
  }
  return sum;
}

/**
 * In how many substreams of a rendition this peer's uplink is enough to be at home: in none if it is not enough
 * for one child.
 */
export function homesOf(state: EngineState<unknown>, rendition: number): number {
  const runs = state.buffer.newest(rendition)?.entry.runs;
  if (runs === undefined) return 1;
  const children = (capacity(state) * PROMISED) / slotRate(state, rendition);
  return Math.min(runs, Math.max(children < 1 ? 0 : 1, Math.round(children / CHILDREN_AT_HOME)));
}

/** In how many substreams of any one rendition this peer is at home. */
export function mostHomes(state: EngineState<unknown>): number {
  let most = 0;
  for (const rendition of renditionsLive(state).keys()) {
    most = Math.max(most, homesOf(state, rendition));
  }
  return most;
}

/** Of all renditions that this peer takes part in, bytes/s. */
function streamRate(state: EngineState<unknown>): number {
  let sum = 0;
  for (const [rendition, runs] of renditionsLive(state)) sum += slotRate(state, rendition) * runs;
  return sum;
}
