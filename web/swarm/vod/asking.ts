/** Asking partners for what plays next: what is due first goes first, each piece to whom it should come from soonest. */
import type { Unit } from "../../../edge/protocol/unit.ts";
import { LAST_CALL_MS } from "../demands.ts";
import { isQuiet, type Partner, shun } from "../partner_book.ts";
import { cancelAsked, settle } from "../pulling.ts";
import { isMissing, pieceBytes, type Segment } from "../segment.ts";
import { send } from "../state.ts";
import { type Holder, holdersOf, holds } from "./holders.ts";
import { wantList } from "./lists.ts";
import type { VodState } from "./state.ts";
import { ahead, covers, demanded, type Stretch } from "./window.ts";

/** What is due later than this must not fill the row of a partner that others need at once, ms. */
const SOON_MS = 3_000;
/** Of it, so much is asked of one partner at a time, bytes. */
const LATER_BYTES = 48 * 1024;
/** So much asked of a partner doubles the time that the next piece is expected to take, bytes. */
const ASKED_WEIGHT_BYTES = 32 * 1024;
/** A partner that had no time for a spare piece is not asked for one for this long, ms. */
const BUSY_MS = 2_000;

interface Wanted<P> {
  readonly segment: Segment<P>;
  readonly index: number;
  readonly dueMs: number;
}

/**
 * Asks for what is missing. Answers whether anything is, and when the first piece is due that partners
 * have and have no time for, ms.
 */
export function askPartners<P>(vod: VodState<P>): { missing: boolean; starvedMs: number } {
  const { core } = vod;
  const stretches = [...demanded(vod), ...ahead(vod)];
  const wanted = missing(vod, stretches);
  const partners = new Set(free(vod));
  const holders = new Map<Segment<P>, Holder[]>();
  const asks = new Map<string, { peer: string; unit: Unit; pieces: number[] }>();
  let starvedMs = Infinity;
  for (const { segment, index, dueMs } of wanted) {
    if (isAsked(vod, segment, index)) continue;
    let known = holders.get(segment);
    if (!known) holders.set(segment, known = holdersOf(vod, segment));
    const suppliers = known.filter((one) => holds(one, index)).map((one) => one.partner);
    const asked = suppliers.filter((one) => partners.has(one));
    const partner = soonest(asked, dueMs - core.nowMs, core.random);
    if (!partner) {
      if (suppliers.length > 0) starvedMs = Math.min(starvedMs, dueMs);
      continue;
    }
    ask(vod, segment, index, partner);
    wantList(vod, segment, partner, dueMs);
    const { peer } = partner;
    const key = `${peer} ${segment.key}`;
    const mine = asks.get(key) ?? { peer, unit: segment.entry.unit, pieces: [] };
    mine.pieces.push(index);
    asks.set(key, mine);
  }
  for (const { peer, unit, pieces } of asks.values()) {
    send(core, peer, { type: "want", unit, pieces });
  }
  return { missing: wanted.length > 0, starvedMs };
}

/** Those who can be asked for something just now. */
export function free<P>({ core }: VodState<P>): Partner[] {
  return [...core.partners.values()].filter((partner) =>
    partner.greeted && partner.shunnedUntilMs <= core.nowMs && !isQuiet(partner, core.nowMs)
  );
}

/** Notes that a piece has been asked of the partner. */
export function ask<P>(vod: VodState<P>, segment: Segment<P>, index: number, to: Partner): void {
  segment.asked.set(index, { peer: to.peer, atMs: vod.core.nowMs });
  to.asked += pieceBytes(segment, index);
}

/** What is neither held nor on its way from the edge, soonest due first. */
function missing<P>(vod: VodState<P>, stretches: readonly Stretch<P>[]): Wanted<P>[] {
  const found: Wanted<P>[] = [];
  for (const { segment, pieces, dueMs, stepMs } of stretches) {
    vod.library.touch(segment, vod.core.nowMs);
    for (let index = pieces.from; index < pieces.to; index++) {
      if (!isMissing(segment, index)) continue;
      found.push({ segment, index, dueMs: dueMs + (index - pieces.from) * stepMs });
    }
  }
  return found.sort((a, b) => a.dueMs - b.dueMs);
}

/** What was asked for only to fill spare time is asked for again. */
function isAsked<P>(vod: VodState<P>, segment: Segment<P>, index: number): boolean {
  if (!segment.asked.has(index)) return false;
  if (!takeSpare(vod, segment, index)) return true;
  cancelAsked(vod.core, segment, [index]);
  return false;
}

/**
 * Pieces that a partner has been asked for come one after the other. Of one that cannot bring it in time
 * only something later is wanted: else the slow ones would be asked for what the edge brings meanwhile.
 */
function soonest(
  suppliers: readonly Partner[],
  dueInMs: number,
  random: () => number,
): Partner | undefined {
  let best: Partner | undefined;
  let least = dueInMs > 0 ? dueInMs - LAST_CALL_MS : Infinity;
  for (const partner of suppliers) {
    const most = dueInMs > SOON_MS ? Math.min(LATER_BYTES, partner.window) : partner.window;
    if (partner.asked >= most) continue;
    const cost = partner.answerMs * (1 + partner.asked / ASKED_WEIGHT_BYTES) + random();
    if (cost < least) [best, least] = [partner, cost];
  }
  return best;
}

/** The piece is no longer asked for as a spare one. Answers whether it was. */
export function takeSpare<P>({ spares }: VodState<P>, segment: Segment<P>, index: number): boolean {
  const mine = spares.get(segment.key);
  if (!mine?.delete(index)) return false;
  if (mine.size === 0) spares.delete(segment.key);
  return true;
}

/** The partner will not send these: others are asked at once. */
export function onRefuse<P>(
  vod: VodState<P>,
  partner: Partner,
  segment: Segment<P>,
  pieces: readonly number[],
): void {
  for (const index of pieces) {
    if (segment.asked.get(index)?.peer !== partner.peer) continue;
    settle(vod.core, segment, index);
    if (!takeSpare(vod, segment, index)) shun(partner, vod.core.nowMs);
    else vod.busyUntilMs.set(partner, vod.core.nowMs + BUSY_MS);
  }
}

/** After a seek or a pause: takes back from partners and from the edge what is no longer wanted. */
export function cancelUnwanted<P>(vod: VodState<P>): void {
  const { core } = vod;
  const asked = demanded(vod);
  const wanted = [...asked, ...ahead(vod)];
  for (const segment of vod.library.segments()) {
    const unwanted = [...segment.asked.keys()].filter((index) => !covers(wanted, segment, index));
    for (const index of unwanted) takeSpare(vod, segment, index);
    cancelAsked(core, segment, unwanted);
    const fetches = new Set(segment.fetching.values());
    for (const [index, fetch] of segment.fetching) {
      if (covers(asked, segment, index)) fetches.delete(fetch);
    }
    for (const [index, fetch] of segment.fetching) {
      if (fetches.has(fetch)) segment.fetching.delete(index);
    }
    for (const fetch of fetches) {
      core.fetches.delete(fetch);
      core.outputs.push({ type: "cancelFetch", fetch });
    }
  }
}
