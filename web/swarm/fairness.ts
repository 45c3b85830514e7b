/** Who is served first: those who pass it on, then those who give, as far as this peer can see. */
import { isHome } from "../../edge/protocol/homes.ts";
import type { Partner } from "./partner_book.ts";
import type { EngineState } from "./state.ts";

/** What came from a partner counts half after this long, ms. */
const FADING_MS = 10_000;
/** Below what passes a piece on comes what only plays it. */
export const FORWARDS = 100;
/** What a partner gave is told apart in steps of a factor of two above this, bytes. */
const GIVEN_STEP_BYTES = 64 * 1024;

/** Lets what partners gave fade by the time since the last look. */
export function fade(state: EngineState<unknown>, ms: number): void {
  const left = 2 ** (-ms / FADING_MS);
  for (const partner of state.partners.values()) partner.given *= left;
}

/** Whether a child is at home in the substream, and so passes it on. */
export function passesOn({ peer, homes }: Partner, run: number, runs: number): boolean {
  return isHome(peer, run, runs, homes);
}

/** A child that is at home in the substream passes it on, the sooner the more uplink it has. */
export function pushRank(partner: Partner, run: number, runs: number): number {
  return (passesOn(partner, run, runs) ? FORWARDS + steps(partner.uplink) : 0) +
    steps(partner.given) / 100;
}

/** What is asked for is late already: before what only plays, after what is passed on. */
export function pullRank(partner: Partner): number {
  return 1 + steps(partner.given) / 100;
}

function steps(bytes: number): number {
  return Math.floor(Math.log2(1 + bytes / GIVEN_STEP_BYTES));
}
