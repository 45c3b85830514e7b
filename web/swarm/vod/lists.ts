/** Digest lists of blocks: from a partner where there is time, else from the edge. */
import { DIGEST_BYTES } from "../../../edge/protocol/ledger_entry.ts";
import { totalPieceCount } from "../../../edge/protocol/parity.ts";
import { type Unit, unitKey } from "../../../edge/protocol/unit.ts";
import { askForDigests } from "../fetching.ts";
import type { Partner } from "../partner_book.ts";
import { accuse } from "../partners.ts";
import { onCheckedDigests as onChecked } from "../receiving.ts";
import type { Segment } from "../segment.ts";
import { send } from "../state.ts";
import { holdersOf } from "./holders.ts";
import type { VodState } from "./state.ts";
import { demanded } from "./window.ts";

/** What is due sooner than this does not wait for a partner's list, ms. */
const NO_TIME_MS = 2_000;
/** A partner has this long to send a list, ms. */
const PATIENCE_MS = 1_000;
/**
 * A partner gets so many lists in a second: more than it can play blocks in, and 16 KiB beside the cap at
 * most.
 */
const LISTS_PER_S = 16;

/** Has the list of a block come, of which something is asked of the partner. */
export function wantList<P>(
  vod: VodState<P>,
  segment: Segment<P>,
  { peer }: Partner,
  dueMs: number,
): void {
  if (segment.digests || segment.unprovenDigests || segment.fetchingDigests) return;
  const { core } = vod;
  const edgeAnswers = core.edgeReachable && core.edge.pausedUntilMs <= core.nowMs;
  if (dueMs - core.nowMs < NO_TIME_MS && edgeAnswers) return askForDigests(core, segment);
  // So that the edge is not asked for it meanwhile.
  segment.fetchingDigests = true;
  vod.lists.set(segment.key, { peer, atMs: core.nowMs });
  send(core, peer, { type: "lists", units: [segment.entry.unit] });
}

/** Turns to the edge for lists that did not come from partners. */
export function reviewLists<P>(vod: VodState<P>): void {
  const { core } = vod;
  for (const [key, { peer, atMs }] of vod.lists) {
    if (core.partners.has(peer) && core.nowMs - atMs < PATIENCE_MS) continue;
    turnToEdge(vod, key);
  }
  // The edge may have failed to give one.
  for (const { segment, dueMs } of demanded(vod)) {
    if (segment.unchecked.size === 0) continue;
    const holders = holdersOf(vod, segment);
    const any = holders[Math.floor(core.random() * holders.length)];
    if (any) wantList(vod, segment, any.partner, dueMs);
    else askForDigests(core, segment);
  }
}

/** A partner asks for lists. */
export function onLists<P>(vod: VodState<P>, partner: Partner, units: readonly Unit[]): void {
  const { core, library } = vod;
  const second = Math.floor(core.nowMs / 1000);
  const before = vod.listsGiven.get(partner);
  let given = before?.second === second ? before.given : 0;
  for (const unit of units) {
    if (given++ >= LISTS_PER_S) break;
    const list = core.conduct.upload ? library.get(unitKey(unit))?.digests : undefined;
    const digests = list ?? new Uint8Array();
    send(core, partner.peer, { type: "digests", unit, digests });
  }
  vod.listsGiven.set(partner, { second, given });
}

/** A partner's list; one that nobody asked of it is passed over. */
export function onList<P>(vod: VodState<P>, peer: string, unit: Unit, digests: Uint8Array): void {
  const key = unitKey(unit);
  const segment = vod.library.get(key);
  if (!segment || vod.lists.get(key)?.peer !== peer) return;
  if (digests.length !== totalPieceCount(segment.entry) * DIGEST_BYTES) return turnToEdge(vod, key);
  vod.lists.delete(key);
  segment.fetchingDigests = false;
  segment.unprovenDigests = digests;
  vod.listsFrom.set(key, peer);
  const { root } = segment.entry;
  vod.core.outputs.push({ type: "checkDigests", unit, digests, root });
}

export function onCheckedDigests<P>(
  vod: VodState<P>,
  unit: Unit,
  digests: Uint8Array,
  ok: boolean,
): void {
  const key = unitKey(unit);
  const peer = vod.listsFrom.get(key);
  const segment = vod.library.get(key);
  vod.listsFrom.delete(key);
  if (ok || peer === undefined || segment?.unprovenDigests !== digests) {
    return onChecked(vod.core, unit, digests, ok);
  }
  segment.unprovenDigests = undefined;
  accuse(vod.core, peer, unit);
  askForDigests(vod.core, segment);
}

function turnToEdge<P>(vod: VodState<P>, key: string): void {
  vod.lists.delete(key);
  const segment = vod.library.get(key);
  if (!segment) return;
  segment.fetchingDigests = false;
  if (segment.asked.size > 0 || segment.unchecked.size > 0) askForDigests(vod.core, segment);
}
