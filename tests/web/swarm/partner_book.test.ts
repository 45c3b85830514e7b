/** What is remembered of a partner: bounded, and soon corrected. */
import { assert, assertEquals } from "@std/assert";
import {
  newPartner,
  noteAnswer,
  noteMap,
  notePiece,
  shows,
} from "../../../web/swarm/partner_book.ts";

const WINDOW_BYTES = 192 * 1024;
const map = (bits: number) => new Uint8Array([bits]);

Deno.test("who is late is asked for half as much at a time, and for more again as pieces come", () => {
  const partner = newPartner("a", 0);
  assertEquals(partner.window, WINDOW_BYTES);
  for (const share of [1 / 2, 1 / 4]) {
    noteAnswer(partner, 1_000, 0);
    assertEquals(partner.window, WINDOW_BYTES * share);
  }
  noteAnswer(partner, 100, 16_384);
  assertEquals(partner.window, WINDOW_BYTES / 4 + 16_384);
  for (let piece = 0; piece < 100; piece++) noteAnswer(partner, 100, 16_384);
  assertEquals(partner.window, WINDOW_BYTES);
});

Deno.test("the first answer time takes the place of what was expected, the next ones count as much, later ones an eighth", () => {
  const partner = newPartner("a", 0);
  assertEquals(partner.answerMs, 300);
  noteAnswer(partner, 1_100, 1);
  assertEquals(partner.answerMs, 1_100);
  noteAnswer(partner, 100, 1);
  assertEquals(partner.answerMs, 600);
  for (let answer = 0; answer < 6; answer++) noteAnswer(partner, 600, 1);
  noteAnswer(partner, 1_400, 1);
  assertEquals(Math.round(partner.answerMs), 700);
});

Deno.test("who sent a piece has it, whatever it shows", () => {
  const partner = newPartner("a", 0);
  notePiece(partner, "k", 3, 8);
  assert(shows(partner, "k", 3) && !shows(partner, "k", 2));
  noteMap(partner, "k", map(0b10000000));
  assert(shows(partner, "k", 0) && !shows(partner, "k", 3));
  notePiece(partner, "k", 3, 8);
  assert(shows(partner, "k", 0) && shows(partner, "k", 3));
});

Deno.test("the maps of the last few hundred units are kept, and none that is too long", () => {
  const partner = newPartner("a", 0);
  for (let unit = 0; unit < 10_000; unit++) noteMap(partner, `${unit}`, map(0xff));
  assert(partner.maps.size >= 128 && partner.maps.size <= 1_024, `${partner.maps.size}`);
  assert(shows(partner, "9999", 0) && !shows(partner, "0", 0));
  noteMap(partner, "long", new Uint8Array(100_000).fill(0xff));
  assert(!shows(partner, "long", 0));
});

Deno.test("a map that is told again is not the oldest", () => {
  const partner = newPartner("a", 0);
  for (let unit = 0; unit < 10_000; unit++) {
    noteMap(partner, "kept", map(0xff));
    noteMap(partner, `${unit}`, map(0xff));
    assert(shows(partner, "kept", 0));
  }
});
