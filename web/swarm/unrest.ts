/** A shake: many partners gone at one instant, as when a network or a city's power fails. */
import { MAX_PIECES } from "../../edge/protocol/pieces.ts";
import { believeQuiet } from "./partner_book.ts";
import { type EngineState, send } from "./state.ts";

/**
 * When of so many partners, at least this share of all, nothing was heard for so long, ms, they are asked whether
 * they are there, each once in a silence. A peer of a calm swarm asks 1.2 times a second so; after 500 ms it asked
 * 1.9 times, and control was 0.914 % in place of 0.890 (without asking 0.866; 200 peers, steady, three seeds), …
 */
const TOGETHER = 3;
const TOGETHER_SHARE = 1 / 3;
const SUSPECT_MS = 600;
/**
 * … and if so many do not answer within this, ms, at least this share of all, they are believed gone: jitter does
 * not strike them together. Where silence alone was believed, after 1.15 s, and the edge was told nothing, 500
 * survivors of 1,000 stood still for 126 and 61 s in all, so for 69 and 8 s (vanish, seeds 1 and 2). It is looked at
 * the very time: with 300 then, some that were only far were taken for gone (10,000, steady: pictures stood still for
 * 55 s in all); looked at a quarter of a second later or so, 157 s in place of 55 (vanish, 1,000, seed 2).
 */
const ANSWER_MS = 400;
const GONE_SHARE = 1 / 4;
/** Who has not looked for so long was away itself, ms, and what partners said may still wait to be read: keep-alives alone make it look every 500. */
const AWAY_MS = 600;
/** The mesh is whole again within this, ms: no segment was late that was published more than 5 s after a shake (vanish, seeds 1 to 3); other times were not tried. */
const SHAKEN_MS = 10_000;
/** While it is not, maps are told and parents reviewed this often, ms, so that news is a hop further in a quarter of a second; other times were not tried. */
export const HURRY_MS = 100;

/** Looks whether many partners have fallen silent at once. Answers when to look again, ms. */
export function noticeShake(state: EngineState<unknown>): number {
  const { nowMs, partners } = state;
  const unit = state.buffer.segments().at(-1)?.entry.unit;
  if (!unit) return Infinity;
  const heardMs = [...partners.values()].map((one) => one.heardMs).sort((a, b) => a - b);
  // When so many will have said nothing for too long, if nothing comes.
  const suspectMs = (heardMs[leastOf(TOGETHER_SHARE, state) - 1] ?? Infinity) + SUSPECT_MS + 1;
  if (nowMs - state.lastLookMs > AWAY_MS || nowMs < suspectMs) return suspectMs;
  const silent = [...partners.values()].filter(({ heardMs }) => nowMs - heardMs > SUSPECT_MS);
  for (const partner of silent) {
    if (partner.probedMs > partner.heardMs) continue;
    partner.probedMs = nowMs;
    // No unit has this piece: it is refused at once.
    send(state, partner.peer, { type: "want", unit, pieces: [MAX_PIECES] });
  }
  const gone = silent.filter(({ probedMs }) => nowMs - probedMs > ANSWER_MS);
  if (gone.length < leastOf(GONE_SHARE, state)) return nowMs + HURRY_MS;
  for (const partner of gone) {
    if (!believeQuiet(partner, nowMs)) continue;
    state.nextReviewMs = nowMs;
    // The edge is told at once.
    state.soughtMs = -Infinity;
  }
  state.shakenUntilMs = nowMs + SHAKEN_MS;
  return Infinity;
}

/** How many partners are such a share of all, and not just a few. */
function leastOf(share: number, { partners }: EngineState<unknown>): number {
  return Math.ceil(Math.max(TOGETHER, partners.size * share));
}

/** Whether much of the mesh has gone lately. */
export function isShaken({ nowMs, shakenUntilMs }: EngineState<unknown>): boolean {
  return nowMs < shakenUntilMs;
}
