import { isQuiet, type Partner, shows } from "./partner_book.ts";
import { pieceBytes, type Segment } from "./segment.ts";

/** A piece is late after this many times the partner's usual answer time, within these bounds, ms. */
const LATE_FACTOR = 3;
const MIN_LATE_MS = 1_000;
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

/** What is to be asked for of a segment, and within which time it has to come, ms. */
export interface Missing<Payload> {
  readonly segment: Segment<Payload>;
  readonly pieces: readonly number[];
  readonly leftMs: number;
}

/**
 * Which `missing` pieces to ask of whom: segments in the order given, within one the piece with the
 * fewest suppliers first, from whom it should arrive soonest; among equals by chance, so that peers
 * who wait for the same segment ask for different pieces of it (CoolStreaming's heuristic, section
 * IV-C of the INFOCOM 2005 paper). What cannot come in time is not asked for.
 */
export function planPulls<Payload>(
  missing: readonly Missing<Payload>[],
  partners: ReadonlyMap<string, Partner>,
  nowMs: number,
  random: () => number,
): Pull<Payload>[] {
  const pulls: Pull<Payload>[] = [];
  if (missing.every(({ pieces }) => pieces.length === 0)) return pulls;
  const asked: Partner[] = [];
  for (const partner of partners.values()) {
    if (!partner.greeted || partner.shunnedUntilMs > nowMs || isQuiet(partner, nowMs)) continue;
    if (isFree(partner)) asked.push(partner);
  }
  if (asked.length === 0) return pulls;
  for (const { segment, pieces, leftMs } of missing) {
    for (const { index, suppliers } of candidates(segment, pieces, asked, random)) {
      const best = soonest(suppliers, leftMs, random);
      if (!best) continue;
      best.asked += pieceBytes(segment, index);
      pulls.push({ segment, index, partner: best });
    }
  }
  return pulls;
}

function isFree(partner: Partner): boolean {
  return partner.asked < partner.window;
}

interface Candidate {
  readonly index: number;
  readonly suppliers: Partner[];
  readonly chance: number;
}

function candidates(
  { key }: Segment<unknown>,
  pieces: readonly number[],
  partners: readonly Partner[],
  random: () => number,
): Candidate[] {
  const found: Candidate[] = [];
  for (const index of pieces) {
    const suppliers = partners.filter((partner) => shows(partner, key, index));
    if (suppliers.length > 0) found.push({ index, suppliers, chance: random() });
  }
  return found.sort((a, b) => a.suppliers.length - b.suppliers.length || a.chance - b.chance);
}

/** Pieces that a partner has been asked for come one after the other. */
function soonest(
  suppliers: readonly Partner[],
  leftMs: number,
  random: () => number,
): Partner | undefined {
  let best: Partner | undefined;
  let least = Infinity;
  for (const partner of suppliers) {
    if (!isFree(partner)) continue;
    const cost = partner.answerMs * (1 + partner.asked / ASKED_WEIGHT_BYTES) + random();
    if (cost < least && cost < leftMs) [best, least] = [partner, cost];
  }
  return best;
}

/** So much asked of a partner doubles the time that the next piece is expected to take, bytes. */
const ASKED_WEIGHT_BYTES = 32 * 1024;
