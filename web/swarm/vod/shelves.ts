/** Which blocks of files partners have: a bit for each whole block, buffer maps for what is not whole. */
import { type Bitmap, emptyBitmap, hasBit, setBit } from "../../../edge/protocol/bitmap.ts";
import type { BufferMap } from "../../../edge/protocol/peer_frames.ts";
import { type Unit, unitKey } from "../../../edge/protocol/unit.ts";
import { noteMap, type Partner, shows } from "../partner_book.ts";
import type { Segment } from "../segment.ts";

/** Files of one partner that are remembered. Bounds what a partner can make us remember. */
const MAX_SHELVES = 64;
/** Of a file with as many blocks as there may be, bytes. */
const MAX_SHELF_BYTES = 8_192;

/** What partners show of files, besides the buffer maps in the partner book. */
export interface Shelves {
  /** What the partner shows of a file is this, and nothing besides. */
  replace(partner: Partner, rendition: number, epoch: number, blocks: Bitmap): void;
  /** What the partner shows of a block is this; it has `count` pieces, if that is known. */
  note(partner: Partner, map: BufferMap, count: number | undefined): void;
  /** Whether the partner shows the piece. */
  shows(partner: Partner, segment: Segment<unknown>, index: number): boolean;
  /** Whether the partner has all of the block. */
  has(partner: Partner, unit: Unit): boolean;
}

export function createShelves(): Shelves {
  // With the partner its shelves are forgotten.
  const byPartner = new WeakMap<Partner, Map<string, Bitmap>>();
  const shelfOf = (partner: Partner, unit: Pick<Unit, "rendition" | "epoch">) =>
    byPartner.get(partner)?.get(`${unit.epoch}.${unit.rendition}`);

  function has(partner: Partner, unit: Unit): boolean {
    const shelf = shelfOf(partner, unit);
    return shelf !== undefined && hasBit(shelf, unit.sequence);
  }

  return {
    has,
    replace(partner, rendition, epoch, blocks) {
      if (blocks.length > MAX_SHELF_BYTES) return;
      const shelves = byPartner.get(partner) ?? new Map<string, Bitmap>();
      byPartner.set(partner, shelves);
      shelves.set(`${epoch}.${rendition}`, blocks);
      if (shelves.size > MAX_SHELVES) shelves.delete(shelves.keys().next().value!);
      const prefix = `${epoch}.${rendition}.`;
      for (const key of partner.maps.keys()) if (key.startsWith(prefix)) partner.maps.delete(key);
    },
    note(partner, { unit, pieces }, count) {
      const whole = count !== undefined && isFull(pieces, count);
      let shelf = shelfOf(partner, unit);
      if (whole && (unit.sequence >> 3) < MAX_SHELF_BYTES) {
        if (!shelf || unit.sequence >> 3 >= shelf.length) {
          const longer = emptyBitmap(unit.sequence + 1);
          longer.set(shelf ?? []);
          const shelves = byPartner.get(partner) ?? new Map<string, Bitmap>();
          byPartner.set(partner, shelves.set(`${unit.epoch}.${unit.rendition}`, shelf = longer));
        }
        setBit(shelf, unit.sequence);
        partner.maps.delete(unitKey(unit));
        return;
      }
      if (shelf) clearBit(shelf, unit.sequence);
      noteMap(partner, unitKey(unit), pieces);
    },
    shows: (partner, segment, index) =>
      has(partner, segment.entry.unit) || shows(partner, segment.key, index),
  };
}

/** Whether all of `count` bits are set. */
function isFull(bits: Bitmap, count: number): boolean {
  for (let index = 0; index < count; index++) if (!hasBit(bits, index)) return false;
  return true;
}

function clearBit(bits: Bitmap, index: number): void {
  const at = index >> 3;
  if (at < bits.length) bits[at] = bits[at]! & ~(0x80 >> (index & 7));
}
