/** Which missing piece is asked of whom. */
import { assert, assertEquals } from "@std/assert";
import { newPartner, noteMap, type Partner } from "../../../web/swarm/partner_book.ts";
import { lateAtMs, planPulls } from "../../../web/swarm/pull_scheduler.ts";
import { newSegment } from "../../../web/swarm/segment.ts";
import { mulberry32 } from "../../sim/random.ts";
import { entryOf } from "./network.ts";

const PIECE_BYTES = 16 * 1024;
const SEGMENT = () => newSegment<never>(entryOf(1, 8 * PIECE_BYTES), true, 0, 0.5);

/** A partner that shows some pieces, and answers as a rule after `answerMs`. */
function partner(peer: string, answerMs: number, pieces: number): Partner {
  const one = newPartner(peer, 0);
  one.greeted = true;
  one.answerMs = answerMs;
  noteMap(one, SEGMENT().key, new Uint8Array([pieces]));
  return one;
}

/** Who is asked for what, in the order of asking. */
function plan(partners: readonly Partner[], wanted: readonly number[], leftMs = Infinity) {
  const missing = [{ segment: SEGMENT(), pieces: wanted, leftMs }];
  const known = new Map(partners.map((one) => [one.peer, one]));
  return planPulls(missing, known, 0, mulberry32(1)).map(({ index, partner: { peer } }) => ({
    index,
    peer,
  }));
}

const ALL = [0, 1, 2, 3, 4, 5, 6, 7];
const EVERYTHING = 0xff;

Deno.test("a piece is late after three times what its partner takes as a rule, between one and two seconds", () => {
  const late = (answerMs: number) => lateAtMs({ atMs: 5_000 }, partner("a", answerMs, 0)) - 5_000;
  assertEquals([10, 300, 400, 600, 5_000].map(late), [1_000, 1_000, 1_200, 1_800, 2_000]);
});

Deno.test("what fewest have is asked for first", () => {
  // The map's first bit is the highest.
  const rare = partner("rare", 300, 0b00000001);
  assertEquals(plan([partner("a", 300, 0b11111110), partner("b", 300, EVERYTHING)], ALL)[0], {
    index: 7,
    peer: "b",
  });
  assertEquals(plan([rare, partner("b", 300, EVERYTHING & ~1)], [7]), [{ index: 7, peer: "rare" }]);
});

Deno.test("each is asked of whom it should come from soonest, after what that one was asked for before", () => {
  const quick = partner("quick", 300, EVERYTHING);
  const slow = partner("slow", 520, EVERYTHING);
  // 300, 450, then 600 ms against 520.
  assertEquals(plan([quick, slow], [0, 1, 2]).map(({ peer }) => peer), ["quick", "quick", "slow"]);
  assertEquals([quick.asked, slow.asked], [2 * PIECE_BYTES, PIECE_BYTES]);
});

Deno.test("partners that are alike share the work", () => {
  const peers = plan([partner("a", 300, EVERYTHING), partner("b", 300, EVERYTHING)], ALL)
    .map(({ peer }) => peer);
  assertEquals(peers.filter((peer) => peer === "a").length, 4);
});

Deno.test("nobody is asked for more at a time than comes from it as a rule", () => {
  const one = partner("a", 300, EVERYTHING);
  one.window = 3 * PIECE_BYTES;
  assertEquals(plan([one], ALL).length, 3);
  assertEquals(plan([one], ALL).length, 0);
});

Deno.test("what cannot come in the time that is left is not asked for", () => {
  assertEquals(plan([partner("a", 300, EVERYTHING)], ALL, 200), []);
  assertEquals(plan([partner("a", 300, EVERYTHING)], ALL, 460).length, 2);
});

Deno.test("who is not greeted, shunned or quiet is asked for nothing", () => {
  const strangers = ["new", "shunned", "quiet"].map((peer) => partner(peer, 10, EVERYTHING));
  strangers[0]!.greeted = false;
  strangers[1]!.shunnedUntilMs = 100;
  strangers[2]!.heardMs = -10_000;
  assertEquals(plan(strangers, ALL), []);
  assert(plan([...strangers, partner("a", 900, EVERYTHING)], [0])[0]?.peer === "a");
});
