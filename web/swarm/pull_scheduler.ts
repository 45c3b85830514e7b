import { canAsk, type Partner } from "./partner_book.ts";
import { isMissing, pieceBytes, type Segment } from "./segment.ts";

/** A piece is late after this many times the partner's usual answer time, within these bounds, ms. */
const LATE_FACTOR = 3;
const MIN_LATE_MS = 600;
const MAX_LATE_MS = 2_000;

/** A piece to ask of a partner. */
export interface Pull<Payload> {
  readonly segment: Segment<Payload>;
  readonly index: number;
  readonly partner: Partner;
}

/** By when a piece asked of a partner should have come, ms. */
export function lateAtMs(asked: { atMs: number }, partner: Partner): number {
  const patienceMs = Math.max(MIN_LATE_MS, LATE_FACTOR * partner.answerMs);
  return asked.atMs + Math.min(MAX_LATE_MS, patienceMs);
}

/**
 * Which missing pieces of the segments to ask of whom: segments in the order given, within one the
 * piece with the fewest suppliers first, from the supplier that has the least to send to us; among
 * equals by chance, so that peers who wait for the same segment ask for different pieces of it
 * (CoolStreaming's heuristic, section IV-C of the INFOCOM 2005 paper, without its bandwidth terms).
 * `load` is what each has been asked for, bytes; it grows by what is planned.
 */
export function planPulls<Payload>(
  segments: Iterable<Segment<Payload>>,
  partners: ReadonlyMap<string, Partner>,
  load: Map<string, number>,
  nowMs: number,
  random: () => number,
): Pull<Payload>[] {
  const greeted = [...partners.values()].filter((partner) => partner.greeted);
  const loadOf = ({ peer }: Partner) => load.get(peer) ?? 0;
  const isFree = (partner: Partner) => loadOf(partner) < partner.window;
  const pulls: Pull<Payload>[] = [];
  for (const segment of segments) {
    if (!greeted.some(isFree)) break;
    for (const { index, suppliers } of candidates(segment, greeted, nowMs, random)) {
      const best = leastLoaded(suppliers.filter(isFree), loadOf, random);
      if (!best) continue;
      load.set(best.peer, loadOf(best) + pieceBytes(segment, index));
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
  loadOf: (partner: Partner) => number,
  random: () => number,
): Partner | undefined {
  let best: Partner | undefined;
  let least = Infinity;
  for (const partner of suppliers) {
    const cost = loadOf(partner) + random();
    if (cost < least) [best, least] = [partner, cost];
  }
  return best;
}
