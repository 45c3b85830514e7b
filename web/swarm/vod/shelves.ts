/** Which blocks of files partners have: a bit for each whole block, buffer maps for what is not whole. */
import { type Bitmap, hasBit, setBit } from "../../../edge/protocol/bitmap.ts";
import type { BufferMap } from "../../../edge/protocol/peer_frames.ts";
import { type Unit, unitKey } from "../../../edge/protocol/unit.ts";
import { noteMap, type Partner } from "../partner_book.ts";

/** Of a file with as many blocks as there may be, bytes. */
const MAX_SHELF_BYTES = 8_192;

type FileUnit = Pick<Unit, "rendition" | "epoch">;

/** What partners show of files, besides the buffer maps in the partner book. */
export interface Shelves {
  /** What the partner shows of a file is this, and nothing besides. */
  replace(partner: Partner, rendition: number, epoch: number, blocks: Bitmap): void;
  /** What the partner shows of a block is this; it has `count` pieces, if that is known. */
  note(partner: Partner, map: BufferMap, count: number | undefined): void;
  /** Whether the partner has all of the block. */
  has(partner: Partner, unit: Unit): boolean;
}

/** What a partner has whole of the file of a rendition. */
interface Shelf {
  readonly epoch: number;
  blocks: Bitmap;
}

export function createShelves(): Shelves {
  // With the partner its shelves are forgotten. By rendition, so that there are 256 at most.
  const byPartner = new WeakMap<Partner, Map<number, Shelf>>();

  function shelfOf(partner: Partner, { rendition, epoch }: FileUnit): Shelf | undefined {
    const shelf = byPartner.get(partner)?.get(rendition);
    return shelf?.epoch === epoch ? shelf : undefined;
  }

  function put(partner: Partner, { rendition, epoch }: FileUnit, blocks: Bitmap): void {
    const shelves = byPartner.get(partner) ?? new Map<number, Shelf>();
    byPartner.set(partner, shelves.set(rendition, { epoch, blocks }));
  }

  function has(partner: Partner, unit: Unit): boolean {
    const shelf = shelfOf(partner, unit);
    // Bits are counted in 32 bits, sequence numbers in 48.
    return shelf !== undefined && unit.sequence < 8 * MAX_SHELF_BYTES &&
      hasBit(shelf.blocks, unit.sequence);
  }

  return {
    has,
    replace(partner, rendition, epoch, blocks) {
      if (blocks.length > MAX_SHELF_BYTES) return;
      put(partner, { rendition, epoch }, blocks);
      const prefix = `${epoch}.${rendition}.`;
      for (const key of partner.maps.keys()) if (key.startsWith(prefix)) partner.maps.delete(key);
    },
    note(partner, { unit, pieces }, count) {
      const at = Math.floor(unit.sequence / 8);
      const blocks = shelfOf(partner, unit)?.blocks ?? new Uint8Array();
      if (count !== undefined && isFull(pieces, count) && at < MAX_SHELF_BYTES) {
        const longer = at < blocks.length ? blocks : new Uint8Array(at + 1);
        if (longer !== blocks) longer.set(blocks);
        setBit(longer, unit.sequence);
        put(partner, unit, longer);
        partner.maps.delete(unitKey(unit));
        return;
      }
      if (at < blocks.length) clearBit(blocks, unit.sequence);
      noteMap(partner, unitKey(unit), pieces);
    },
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
