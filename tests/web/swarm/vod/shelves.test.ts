/** What is remembered of partners' shelves. */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { emptyBitmap, setBit } from "../../../../edge/protocol/bitmap.ts";
import { WHOLE } from "../../../../edge/protocol/unit.ts";
import { newPartner } from "../../../../web/swarm/partner_book.ts";
import { createShelves } from "../../../../web/swarm/vod/shelves.ts";

const unitOf = (sequence: number, epoch = 1, rendition = 0) => ({
  epoch,
  rendition,
  sequence,
  part: WHOLE,
});
const full = new Uint8Array([0xff, 0xff]);
const holey = new Uint8Array([0xff, 0xef]);

Deno.test("after any shelves and maps, a block is had whole as the last word of it says", () => {
  const word = fc.oneof(
    fc.record({ shelf: fc.uniqueArray(fc.nat(40), { maxLength: 20 }) }),
    fc.record({ block: fc.nat(40), whole: fc.boolean() }),
  );
  fc.assert(fc.property(fc.array(word, { maxLength: 30 }), (words) => {
    const shelves = createShelves();
    const partner = newPartner("p", 0);
    let has = new Set<number>();
    for (const one of words) {
      if ("shelf" in one) {
        const blocks = emptyBitmap(41);
        for (const block of one.shelf) setBit(blocks, block);
        shelves.replace(partner, 0, 1, blocks);
        has = new Set(one.shelf);
      } else {
        shelves.note(partner, { unit: unitOf(one.block), pieces: one.whole ? full : holey }, 16);
        if (one.whole) has.add(one.block);
        else has.delete(one.block);
      }
    }
    for (let block = 0; block <= 41; block++) {
      assertEquals(shelves.has(partner, unitOf(block)), has.has(block), `block ${block}`);
    }
  }));
});

Deno.test("a shelf is of one epoch and one rendition, and takes the place of the maps before it", () => {
  const shelves = createShelves();
  const partner = newPartner("p", 0);
  shelves.note(partner, { unit: unitOf(3), pieces: holey }, 16);
  shelves.note(partner, { unit: unitOf(3, 1, 1), pieces: holey }, 16);
  shelves.replace(partner, 0, 1, new Uint8Array([0x80]));
  assertEquals([...partner.maps.keys()], ["1.1.3"]);
  assertEquals(shelves.has(partner, unitOf(0)), true);
  assertEquals(shelves.has(partner, unitOf(0, 2)), false);
  assertEquals(shelves.has(partner, unitOf(0, 1, 1)), false);
  shelves.replace(partner, 0, 2, new Uint8Array([0x80]));
  assertEquals(shelves.has(partner, unitOf(0)), false);
});

Deno.test("a shelf longer than any file and a block beyond it are not remembered", () => {
  const shelves = createShelves();
  const partner = newPartner("p", 0);
  shelves.replace(partner, 0, 1, new Uint8Array(8_193).fill(255));
  assertEquals(shelves.has(partner, unitOf(0)), false);
  shelves.note(partner, { unit: unitOf(2 ** 40), pieces: full }, 16);
  assertEquals(shelves.has(partner, unitOf(2 ** 40)), false);
});

Deno.test("a map of a block whose size is not known is no whole block", () => {
  const shelves = createShelves();
  const partner = newPartner("p", 0);
  shelves.note(partner, { unit: unitOf(1), pieces: full }, undefined);
  assertEquals(shelves.has(partner, unitOf(1)), false);
  assertEquals(partner.maps.size, 1);
});
