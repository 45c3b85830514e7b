/**
 * Rarest first, beyond the window: with time and uplink that nobody else needs, a peer gets what few of
 * its partners have, so that it has something to give (BitTorrent's rule, Cohen 2003, kept apart from
 * what plays next as in BiToS, Vlavianos et al. 2006).
 */
import { type Unit, unitKey, WHOLE } from "../../../edge/protocol/unit.ts";
import { isComplete, isMissing, type Segment } from "../segment.ts";
import { send } from "../state.ts";
import { ask, free } from "./asking.ts";
import { wantList } from "./lists.ts";
import type { KnownFile } from "./library.ts";
import { rateOf, type VodState } from "./state.ts";
import { WINDOW_MS } from "./window.ts";

/** Spare pieces asked for at a time, of all partners together. */
const SPARE_PIECES = 4;
/** What plays next comes first: nothing is spare while something is missing that is due within this, ms. */
const CALM_MS = WINDOW_MS / 2;

/** Asks for spare pieces while all that is due before `firstMissingMs` is here. */
export function askSpare<P>(vod: VodState<P>, firstMissingMs: number): void {
  const { core, spares } = vod;
  const { prefetch, upload } = core.conduct;
  if (prefetch === "none" || !upload || firstMissingMs - core.nowMs < CALM_MS) return;
  if (prefetch !== "all" && vod.position?.rate === 0) return;
  let left = SPARE_PIECES;
  for (const pieces of spares.values()) left -= pieces.size;
  if (left <= 0) return;
  const partners = free(vod).filter((one) => (vod.busyUntilMs.get(one) ?? 0) <= core.nowMs);
  if (partners.length === 0) return;
  const segment = rareBlock(vod);
  if (!segment) return;
  const asks = new Map<string, number[]>();
  for (let index = 0; index < segment.count && left > 0; index++) {
    if (!isMissing(segment, index) || segment.asked.has(index)) continue;
    const suppliers = partners.filter((one) =>
      one.asked === 0 && vod.shelves.shows(one, segment, index)
    );
    const partner = suppliers[Math.floor(core.random() * suppliers.length)];
    if (!partner) continue;
    ask(vod, segment, index, partner);
    wantList(vod, segment, partner, Infinity);
    const mine = spares.get(segment.key) ?? new Set();
    spares.set(segment.key, mine.add(index));
    asks.set(partner.peer, [...asks.get(partner.peer) ?? [], index]);
    left--;
  }
  for (const [peer, pieces] of asks) {
    send(core, peer, { type: "spare", unit: segment.entry.unit, pieces });
  }
}

/** The block that is being got, or the rarest that any partner has: of equals the next one to be played. */
function rareBlock<P>(vod: VodState<P>): Segment<P> | undefined {
  const { rare, library } = vod;
  if (rare && library.get(rare.key) === rare && !isComplete(rare) && hasSupplier(vod, rare)) {
    return rare;
  }
  vod.rare = undefined;
  for (const file of library.files()) {
    const unit = rarest(vod, file);
    if (unit) return vod.rare = library.block(unit);
  }
  return undefined;
}

function rarest<P>(vod: VodState<P>, { entry, blocks }: KnownFile): Unit | undefined {
  const { epoch, rendition, pieceBytes } = entry;
  const playing = Math.floor(playingByte(vod, rendition) / (pieceBytes * 64));
  let best: Unit | undefined;
  let fewest = Infinity;
  for (let step = 0; step < blocks; step++) {
    const unit = { epoch, rendition, sequence: (playing + step) % blocks, part: WHOLE };
    const known = vod.library.get(unitKey(unit));
    if (known && isComplete(known)) continue;
    let copies = 0;
    for (const partner of vod.core.partners.values()) {
      if (vod.shelves.has(partner, unit)) copies++;
    }
    if (copies > 0 && copies < fewest) [best, fewest] = [unit, copies];
  }
  return best;
}

function playingByte<P>(vod: VodState<P>, rendition: number): number {
  const { position, core } = vod;
  if (!position || position.rendition !== rendition) return 0;
  const playing = position.offset + ((core.nowMs - position.atMs) * position.rate) / 1000;
  return playing + (WINDOW_MS * rateOf(vod)) / 1000;
}

function hasSupplier<P>(vod: VodState<P>, segment: Segment<P>): boolean {
  for (const partner of vod.core.partners.values()) {
    if (vod.shelves.has(partner, segment.entry.unit)) return true;
  }
  return false;
}
