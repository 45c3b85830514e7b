import { pieceSpan } from "../../edge/protocol/pieces.ts";
import { canAsk, type Partner } from "./partner_book.ts";
import { isMissing, type Segment } from "./segment.ts";

/** Bytes that may be asked of one partner at a time: enough to fill 10 Mbit/s over 150 ms. */
const MAX_OUTSTANDING_BYTES = 192 * 1024;
/** A piece is late after this many times the partner's usual answer time, and at least `LATE_MS`. */
const LATE_FACTOR = 3;
const LATE_MS = 600;

/** A piece to ask of a partner. */
export interface Pull<Payload> {
  readonly segment: Segment<Payload>;
  readonly index: number;
  readonly partner: Partner;
}

/** Whether a piece asked of a partner should have come by now. */
export function lateAtMs(asked: { atMs: number }, partner: Partner | undefined): number {
  if (!partner) return asked.atMs;
  return asked.atMs + Math.max(LATE_MS, LATE_FACTOR * partner.answerMs);
}

/**
 * Which missing pieces of the segments to ask of whom: segments in the order given, within one the
 * piece with the fewest suppliers first, from the supplier that has the least to send to us; among
 * equals by chance, so that peers who wait for the same segment ask for different pieces of it
 * (CoolStreaming's heuristic, section IV-C of the INFOCOM 2005 paper, without its bandwidth terms).
 */
export function planPulls<Payload>(
  segments: Iterable<Segment<Payload>>,
  partners: ReadonlyMap<string, Partner>,
  nowMs: number,
  random: () => number,
): Pull<Payload>[] {
  const greeted = [...partners.values()].filter((partner) => partner.greeted);
  const load = new Map(greeted.map((partner) => [partner, partner.outstanding]));
  const pulls: Pull<Payload>[] = [];
  for (const segment of segments) {
    if (greeted.every((partner) => load.get(partner)! >= MAX_OUTSTANDING_BYTES)) break;
    for (const { index, suppliers } of candidates(segment, greeted, nowMs, random)) {
      const span = pieceSpan(segment.entry, index);
      const free = suppliers.filter((partner) => load.get(partner)! < MAX_OUTSTANDING_BYTES);
      const best = leastLoaded(free, load, random);
      if (!best) continue;
      load.set(best, load.get(best)! + span.to - span.from);
      pulls.push({ segment, index, partner: best });
    }
  }
  return pulls;
}

interface Candidate {
  readonly index: number;
  readonly suppliers: Partner[];
  readonly chance: number;
}

function candidates(
  segment: Segment<unknown>,
  partners: readonly Partner[],
  nowMs: number,
  random: () => number,
): Candidate[] {
  const found: Candidate[] = [];
  for (let index = 0; index < segment.count; index++) {
    if (!isMissing(segment, index) || segment.asked.has(index)) continue;
    const suppliers = partners.filter((partner) => canAsk(partner, segment.key, index, nowMs));
    if (suppliers.length > 0) found.push({ index, suppliers, chance: random() });
  }
  return found.sort((a, b) => a.suppliers.length - b.suppliers.length || a.chance - b.chance);
}

function leastLoaded(
  suppliers: readonly Partner[],
  load: ReadonlyMap<Partner, number>,
  random: () => number,
): Partner | undefined {
  let best: Partner | undefined;
  let least = Infinity;
  for (const partner of suppliers) {
    const cost = load.get(partner)! + random();
    if (cost < least) [best, least] = [partner, cost];
  }
  return best;
}
