/** Who is served first when there is not enough for all: those who give, as far as this peer can see. */
import type { Partner } from "./partner_book.ts";
import type { EngineState } from "./state.ts";

/** What came from a partner counts half after this long, ms. */
const FADING_MS = 10_000;

/** Lets what partners gave fade by the time since the last look. */
export function fade(state: EngineState<unknown>, ms: number): void {
  const left = 2 ** (-ms / FADING_MS);
  for (const partner of state.partners.values()) partner.given *= left;
}

/** Partners of a higher rank are sent to first. */
export function rankOf(_state: EngineState<unknown>, partner: Partner): number {
  return Math.floor(Math.log2(1 + partner.given / (64 * 1024)));
}
