/**
 * Rarest first, beyond the window: with uplink that nobody else needs, a peer gets what few of its
 * partners can give, so that it has something to give (BitTorrent's rule, Cohen 2003, kept apart from
 * what plays next as in BiToS, Vlavianos et al. 2006).
 */
import { type Unit, unitKey, WHOLE } from "../../../edge/protocol/unit.ts";
import type { Partner } from "../partner_book.ts";
import { isComplete, isMissing, type Segment } from "../segment.ts";
import { capacity } from "../standing.ts";
import { send } from "../state.ts";
import { ask, free } from "./asking.ts";
import { holdersOf, holds } from "./holders.ts";
import type { KnownFile } from "./library.ts";
import { wantList } from "./lists.ts";
import { rateOf, type VodState } from "./state.ts";

/** Spare pieces asked for at a time, of all partners together. */
const SPARE_PIECES = 8;
/** Who is asked for more than this already is not asked for spare pieces besides, bytes. */
const MOST_ASKED_BYTES = 16 * 1024;
/** The order of blocks by rarity holds for so long, ms. */
const ORDER_MS = 2_000;

/** Asks for spare pieces, if this peer has uplink for which it has too little. */
export function askSpare<P>(vod: VodState<P>): void {
  const { core, spares } = vod;
  const { prefetch } = core.conduct;
  if (prefetch === "none") return;
  if (prefetch !== "all" && !(vod.position && vod.position.rate > 0)) return;
  if (!vod.spareUplink.isIdle(core.nowMs, core.uploaded, capacity(core), rateOf(vod))) return;
  let left = SPARE_PIECES;
  for (const pieces of spares.values()) left -= pieces.size;
  const partners = free(vod).filter((one) => (vod.busyUntilMs.get(one) ?? 0) <= core.nowMs);
  for (const unit of inOrder(vod)) {
    if (left <= 0 || partners.length === 0) return;
    const segment = vod.library.block(unit);
    if (segment) left -= askBlock(vod, segment, partners, left);
  }
}

/** Asks for up to `most` pieces of a block. Answers how many. */
function askBlock<P>(
  vod: VodState<P>,
  segment: Segment<P>,
  partners: readonly Partner[],
  most: number,
): number {
  const { core, spares } = vod;
  const asks = new Map<string, number[]>();
  const holders = holdersOf(vod, segment, partners);
  if (holders.length === 0) return 0;
  let count = 0;
  for (let index = 0; index < segment.count && count < most; index++) {
    if (!isMissing(segment, index) || segment.asked.has(index)) continue;
    const suppliers = holders.filter((one) =>
      one.partner.asked < MOST_ASKED_BYTES && holds(one, index)
    );
    const partner = suppliers[Math.floor(core.random() * suppliers.length)]?.partner;
    if (!partner) continue;
    ask(vod, segment, index, partner);
    wantList(vod, segment, partner, Infinity);
    spares.set(segment.key, (spares.get(segment.key) ?? new Set()).add(index));
    asks.set(partner.peer, [...asks.get(partner.peer) ?? [], index]);
    count++;
  }
  for (const [peer, pieces] of asks) {
    send(core, peer, { type: "spare", unit: segment.entry.unit, pieces });
  }
  return count;
}

/** The blocks that partners have and this peer lacks, rarest first. */
function inOrder<P>(vod: VodState<P>): readonly Unit[] {
  const { core, library } = vod;
  if (core.nowMs >= vod.rarest.untilMs) {
    const units = library.files().flatMap((file) => byRarity(vod, file));
    vod.rarest = { untilMs: core.nowMs + ORDER_MS, units };
  }
  return vod.rarest.units;
}

/** By how much uplink all partners have that have the block; those with more of it give it to more. */
function byRarity<P>(
  { core, library, shelves }: VodState<P>,
  { entry, blocks }: KnownFile,
): Unit[] {
  const { epoch, rendition } = entry;
  const found: { unit: Unit; supply: number }[] = [];
  for (let sequence = 0; sequence < blocks; sequence++) {
    const unit = { epoch, rendition, sequence, part: WHOLE };
    const known = library.get(unitKey(unit));
    if (known && isComplete(known)) continue;
    let supply = 0;
    for (const partner of core.partners.values()) {
      if (shelves.has(partner, unit)) supply += 1 + partner.uplink;
    }
    if (supply > 0) found.push({ unit, supply: supply * (1 + core.random() / 10) });
  }
  return found.sort((a, b) => a.supply - b.supply).map(({ unit }) => unit);
}
