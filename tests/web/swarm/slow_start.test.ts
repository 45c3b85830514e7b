/** Newcomers to an edge that is slow: their element waits, past the worker, for the first segment. */
import { assertEquals } from "@std/assert";
import { ACTIVE, outputsOf } from "./network.ts";
import { framesTo, single, stage } from "./stage.ts";

const NO_WAIT_MS = 300;
const LONG_WAIT_MS = 700;

/** One who has just come to a channel with five segments, all of which a partner has. */
function newcomer() {
  const staged = stage({ ...ACTIVE, prefetch: "played" });
  const { network, node, partner, show } = staged;
  partner("other");
  for (const sequence of [1, 2, 3, 4, 5]) {
    const input = { type: "ledger", entry: single(sequence), live: false, inject: [] } as const;
    network.handle(node, input);
    show("other", sequence);
  }
  const asked = () => {
    const wants = framesTo(node, "other", "want").map(({ unit }) => unit.sequence);
    return [...new Set(wants)].toSorted();
  };
  return { ...staged, asked };
}

Deno.test("while the element has asked for nothing, partners are asked for the last segments that there were, but not at once", () => {
  const { network, asked, node } = newcomer();
  network.run(NO_WAIT_MS);
  assertEquals(asked(), []);
  network.run(LONG_WAIT_MS - NO_WAIT_MS);
  assertEquals(asked(), [3, 4, 5]);
  assertEquals(outputsOf(node, "fetch"), [], "the edge has enough to do");
});

Deno.test("once the element has asked, what comes after that is asked for, and nothing else", () => {
  const { network, node, asked } = newcomer();
  network.demand(node, 1, single(4).unit, 10_000);
  network.run(LONG_WAIT_MS);
  assertEquals(asked(), [4, 5]);
});

Deno.test("an element that has not asked for half a minute is not expected to", () => {
  const { network, node, partner, show, say } = newcomer();
  say("other", { type: "bye" });
  network.run(31_000);
  partner("late");
  for (const sequence of [1, 2, 3, 4, 5]) show("late", sequence);
  network.run(LONG_WAIT_MS);
  assertEquals(framesTo(node, "late", "want"), []);
});
