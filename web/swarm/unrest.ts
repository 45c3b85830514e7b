/** A shake: many partners gone at one instant, as when a network or a city's power fails. */
import { MAX_PIECES } from "../../edge/protocol/pieces.ts";
import { believeQuiet, type Partner } from "./partner_book.ts";
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
 * survivors of 1,000 stood still for 126 and 61 s in all, so for 69 and 8 s (vanish, seeds 1 and 2).
 */
const ANSWER_MS = 300;
const GONE_SHARE = 1 / 4;
/** Who has not looked for so long was away itself, ms, and what partners said may still wait to be read: keep-alives alone make it look every 500. */
const AWAY_MS = 600;
/** The mesh is whole again within this, ms: no segment was late that was published more than 5 s after a shake (vanish, seeds 1 to 3); other times were not tried. */
const SHAKEN_MS = 10_000;
/** While it is not, maps are told and parents reviewed this often, ms, so that news is a hop further in a quarter of a second; other times were not tried. */
export const HURRY_MS = 100;

/** Looks whether many partners have fallen silent at once. */
export function noticeShake(state: EngineState<unknown>): void {
  const { nowMs, partners } = state;
  if (nowMs - state.lastLookMs > AWAY_MS) return;
  const silent: Partner[] = [];
  for (const one of partners.values()) if (nowMs - one.heardMs > SUSPECT_MS) silent.push(one);
  if (!areMany(silent.length, TOGETHER_SHARE, state)) return;
  const unit = state.buffer.segments().at(-1)?.entry.unit;
  if (!unit) return;
  for (const partner of silent) {
    if (partner.probedMs > partner.heardMs) continue;
    partner.probedMs = nowMs;
    // No unit has this piece: it is refused at once.
    send(state, partner.peer, { type: "want", unit, pieces: [MAX_PIECES] });
  }
  const gone = silent.filter(({ probedMs }) => nowMs - probedMs > ANSWER_MS);
  if (!areMany(gone.length, GONE_SHARE, state)) return;
  for (const partner of gone) {
    if (!believeQuiet(partner, nowMs)) continue;
    state.nextReviewMs = nowMs;
    // The edge is told at once.
    state.soughtMs = -Infinity;
  }
  state.shakenUntilMs = nowMs + SHAKEN_MS;
}

function areMany(count: number, share: number, { partners }: EngineState<unknown>): boolean {
  return count >= Math.max(TOGETHER, partners.size * share);
}

/** Whether much of the mesh has gone lately. */
export function isShaken({ nowMs, shakenUntilMs }: EngineState<unknown>): boolean {
  return nowMs < shakenUntilMs;
}
