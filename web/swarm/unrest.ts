/** A shake: many partners gone at one instant, as when a network or a city's power fails. */
import { believeQuiet, type Partner } from "./partner_book.ts";
import type { EngineState } from "./state.ts";

/**
 * So many partners that have said nothing for so long, ms, at least this share of all, are believed gone,
 * sooner than one alone: jitter does not strike them together. A thousandth of the silences in a calm swarm
 * is longer than 1.1 s, and never three at once. Without this rule 150 survivors of 300 stood still for
 * 7.6 and 10.8 s in all, with it for 5.1 and 1.7 s (vanish, seeds 2 and 3).
 */
const TOGETHER = 3;
const TOGETHER_SHARE = 1 / 4;
const TOGETHER_SILENT_MS = 1_150;
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
  for (const partner of partners.values()) {
    if (nowMs - partner.heardMs > TOGETHER_SILENT_MS) silent.push(partner);
  }
  if (silent.length < Math.max(TOGETHER, partners.size * TOGETHER_SHARE)) return;
  for (const partner of silent) {
    if (believeQuiet(partner, nowMs)) state.nextReviewMs = nowMs;
  }
  state.shakenUntilMs = nowMs + SHAKEN_MS;
}

/** Whether much of the mesh has gone lately. */
export function isShaken({ nowMs, shakenUntilMs }: EngineState<unknown>): boolean {
  return nowMs < shakenUntilMs;
}
