/** Substreams as a parent has them: who is promised what, and who has to make room for whom. */
import { isHome } from "../../edge/protocol/homes.ts";
import { anyRunSpan } from "../../edge/protocol/parity.ts";
import { FORWARDS, passesOn, pushRank } from "./fairness.ts";
import { code, isOfNoUse } from "./parity.ts";
import type { Partner } from "./partner_book.ts";
import { isBeingSpread, pieceAt, runOf } from "./segment.ts";
import { push } from "./serving.ts";
import { renditionOf, runOfSlot, slotIn, slotOf } from "./slots.ts";
import { hasRoom, homesOf } from "./standing.ts";
import { type EngineState, send } from "./state.ts";
import { takesPart } from "./taking.ts";

/** A child takes the place of another if its rank is higher by this. */
const RANK_LEAD = 0.5;
/** In a substream that this peer is not at home in, who passes it on ranks lower by this. */
const GUEST = 1;

/** A partner wants to be pushed these substreams, and no others, of a rendition. */
export function onSubscribe<P>(
  state: EngineState<P>,
  partner: Partner,
  rendition: number,
  runs: readonly number[],
): void {
  const wanted = new Set(runs.map((run) => slotOf(rendition, run)));
  for (const slot of partner.children) {
    if (renditionOf(slot) === rendition && !wanted.has(slot)) {
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
    } else refused.push(runOfSlot(slot));
  }
  if (refused.length > 0) {
    send(state, partner.peer, { type: "unsubscribe", rendition, runs: refused });
  }
}

/** A new child goes on at the very piece that it lacks of what is being spread just now. */
function pushHeld<P>(state: EngineState<P>, child: Partner, slot: number): void {
  for (const segment of state.buffer.segments()) {
    if (!isBeingSpread(segment, state.nowMs)) continue;
    if (renditionOf(slot) !== segment.entry.unit.rendition) continue;
    const run = runOfSlot(slot);
    if (run >= segment.entry.runs + segment.entry.parityRuns) continue;
    const { from, to } = anyRunSpan(segment.entry, run);
    for (let index = from; index < to; index++) {
      if (pieceAt(segment, index) !== undefined) push(state, segment, index, child);
      else if (run >= segment.entry.runs && !isOfNoUse(child, segment, index)) {
        code(state, segment, index);
      }
    }
  }
}

/** Nothing is pushed to this partner any more, or nothing of those renditions that are `wanted`. */
export function letChildrenGo<P>(
  state: EngineState<P>,
  partner: Partner,
  wanted: (rendition: number) => boolean = () => true,
): void {
  const byRendition = Map.groupBy(partner.children, renditionOf);
  for (const [rendition, slots] of byRendition) {
    if (!wanted(rendition)) continue;
    for (const slot of slots) partner.children.delete(slot);
    const runs = slots.map(runOfSlot);
    send(state, partner.peer, { type: "unsubscribe", rendition, runs });
  }
}

/**
 * Whether a child can be promised a substream. Where this peer is at home it can have the place of a child of
 * lesser rank; elsewhere one that passes the substream on can have that of one that does not: of 150 peers with
 * 0.9 of the uplink that is needed, 20 hung on the injector of a run, since all who passed it on below it had
 * given their places to other substreams (bench:sim, poor).
 */
function makeRoom<P>(state: EngineState<P>, child: Partner, slot: number): boolean {
  const rendition = renditionOf(slot);
  const { runs = 0, parityRuns = 0 } = state.buffer.newest(rendition)?.entry ?? {};
  // What is not known has no rate yet that could be promised; what is not taken part in does not come.
  if (runOfSlot(slot) >= runs + parityRuns || !takesPart(state, rendition)) return false;
  if (hasRoom(state, slot)) return true;
  const rank = pushRank(child, runOfSlot(slot), runs);
  let weakest: { partner: Partner; slot: number } | undefined;
  let least = rank - RANK_LEAD;
  if (!isHome(state.self, runOfSlot(slot), runs, homesOf(state, rendition))) {
    if (!passesOn(child, runOfSlot(slot), runs)) return false;
    least = Math.min(least, FORWARDS - GUEST);
  }
  for (const partner of state.partners.values()) {
    for (const theirs of partner.children) {
      const worth = worthOf(state, partner, theirs);
      if (worth < least) [weakest, least] = [{ partner, slot: theirs }, worth];
    }
  }
  if (!weakest) return false;
  weakest.partner.children.delete(weakest.slot);
  send(state, weakest.partner.peer, {
    type: "unsubscribe",
    rendition: renditionOf(weakest.slot),
    runs: [runOfSlot(weakest.slot)],
  });
  return true;
}

/** The rank of a child in a substream; of one that this peer is not at home in only who passes it on has any. */
function worthOf(state: EngineState<unknown>, child: Partner, slot: number): number {
  const rendition = renditionOf(slot);
  const runs = state.buffer.newest(rendition)?.entry.runs ?? 1;
  const home = isHome(state.self, runOfSlot(slot), runs, homesOf(state, rendition));
  if (home) return pushRank(child, runOfSlot(slot), runs);
  return passesOn(child, runOfSlot(slot), runs)
    ? pushRank(child, runOfSlot(slot), runs) - GUEST
    : -1;
}
