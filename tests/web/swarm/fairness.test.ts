/** What partners gave, as it counts. */
import { assert, assertEquals } from "@std/assert";
import { fade } from "../../../web/swarm/fairness.ts";
import { newPartner } from "../../../web/swarm/partner_book.ts";
import { newState } from "../../../web/swarm/state.ts";
import { ACTIVE } from "./network.ts";

Deno.test("what a partner gave counts half after ten seconds, however often it is looked at", () => {
  for (const everyMs of [50, 499, 500, 10_000]) {
    const state = newState({ self: "self", random: () => 0.5, conduct: ACTIVE });
    const partner = newPartner("partner", 0);
    partner.given = 1_000_000;
    state.partners.set("partner", partner);
    for (state.nowMs = 0; state.nowMs <= 10_000; state.nowMs += everyMs) fade(state);
    assert(Math.abs(partner.given - 500_000) < 40_000, `${partner.given} every ${everyMs} ms`);
  }
});

Deno.test("in the end it counts nothing", () => {
  const state = newState({ self: "self", random: () => 0.5, conduct: ACTIVE });
  const partner = newPartner("partner", 0);
  partner.given = 1_000_000;
  state.partners.set("partner", partner);
  for (; state.nowMs < 300_000; state.nowMs += 500) fade(state);
  assertEquals(partner.given, 0);
});
