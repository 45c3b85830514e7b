/** Telling partners what is held of files. */
import { emptyBitmap, setBit } from "../../../edge/protocol/bitmap.ts";
import type { BufferMap } from "../../../edge/protocol/peer_frames.ts";
import { parseUnitKey } from "../../../edge/protocol/unit.ts";
import { KEEPALIVE_MS, type Partner } from "../partner_book.ts";
import { isComplete } from "../segment.ts";
import { send } from "../state.ts";
import { capacity } from "../standing.ts";
import type { KnownFile } from "./library.ts";
import type { VodState } from "./state.ts";

/** Changes are collected for this long, ms: viewers of a file are seconds apart at least. */
const TELL_INTERVAL_MS = 1_000;

/** Tells partners of what has changed. Answers when to look again, ms. */
export function tell<P>(vod: VodState<P>): number {
  const { core } = vod;
  for (const partner of vod.unshelved) if (partner.greeted) tellAll(vod, partner);
  vod.unshelved.clear();
  if (core.nowMs < core.nextTellMs) return core.nextTellMs;
  core.nextTellMs = core.nowMs + TELL_INTERVAL_MS;
  for (const partner of core.partners.values()) {
    if (!partner.greeted) continue;
    const maps = core.conduct.upload ? mapsFor(vod, partner) : [];
    partner.untold.clear();
    // Who hears nothing for long takes this peer for gone.
    if (maps.length > 0 || core.nowMs - partner.toldMs >= KEEPALIVE_MS) have(vod, partner, maps);
  }
  return core.partners.size > 0 ? core.nextTellMs : Infinity;
}

/** All that is held: whole blocks by their shelf, the others by their maps. */
function tellAll<P>(vod: VodState<P>, partner: Partner): void {
  const { library, core } = vod;
  for (const file of library.files()) {
    const { rendition, epoch } = file.entry;
    send(core, partner.peer, { type: "shelf", rendition, epoch, blocks: shelf(vod, file) });
  }
  partner.untold.clear();
  if (!core.conduct.upload) return;
  for (const one of library.segments()) {
    if (one.held > 0 && !isComplete(one)) partner.untold.add(one.key);
  }
  have(vod, partner, mapsFor(vod, partner));
  partner.untold.clear();
}

function shelf<P>({ library, core }: VodState<P>, { entry, blocks }: KnownFile): Uint8Array {
  const bits = emptyBitmap(blocks);
  if (!core.conduct.upload) return bits;
  for (const segment of library.segments()) {
    const { rendition, sequence } = segment.entry.unit;
    if (rendition === entry.rendition && isComplete(segment)) setBit(bits, sequence);
  }
  return bits;
}

/** What has changed, but for what the partner has whole; nothing of what is gone. */
function mapsFor<P>({ library, shelves }: VodState<P>, partner: Partner): BufferMap[] {
  const maps: BufferMap[] = [];
  for (const key of partner.untold) {
    const segment = library.get(key);
    const unit = segment?.entry.unit ?? parseUnitKey(key)!;
    if (segment && shelves.has(partner, unit)) continue;
    maps.push({ unit, pieces: segment ? segment.map : new Uint8Array() });
  }
  return maps;
}

function have<P>({ core }: VodState<P>, partner: Partner, maps: readonly BufferMap[]): void {
  partner.toldMs = core.nowMs;
  const rendition = maps[0]?.unit.rendition ?? 0;
  const uplink = Math.min(0xffff, Math.round(capacity(core) / 1024));
  const standing = { rendition, homes: 0, uplink, spare: [], lags: new Uint8Array() };
  send(core, partner.peer, { type: "have", standing, maps });
}
