/** How soon a peer has things, as it learns and tells it, and what follows for the choice of parents. */
import { assert, assertEquals } from "@std/assert";
import { unitKey } from "../../../edge/protocol/unit.ts";
import { ACTIVE, entryOf, type Node, SEGMENT_MS } from "./network.ts";
import { ALL_RUNS, framesTo, lag, single, stage, wantedOf } from "./stage.ts";

/** Lags are told in such steps, ms. */
const STEP_MS = 16;

/** The lag of the first substream as it was told last, ms; `undefined`: none. */
function told(node: Node, peer: string): number | undefined {
  const steps = framesTo(node, peer, "have").at(-1)!.standing.lags[0]!;
  return steps === 255 ? undefined : steps * STEP_MS;
}

Deno.test("what got better is believed sooner than what got worse", () => {
  const { network, node, partner, push } = stage({ ...ACTIVE, prefetch: "all" });
  for (const peer of ["source", "hears"]) partner(peer);
  const bring = (sequence: number, afterMs: number) => {
    network.publish(single(sequence));
    network.run(afterMs);
    push("source", sequence);
    network.run(SEGMENT_MS - afterMs);
    return told(node, "hears")!;
  };
  const near = (actual: number, expected: number) =>
    assert(Math.abs(actual - expected) <= STEP_MS, `${actual} in place of ${expected} ms`);
  near(bring(1, 400), 400);
  near(bring(2, 800), 500);
  near(bring(3, 200), 350);
});

Deno.test("a substream has a lag with the last piece of its run, not before", () => {
  const { network, node, partner, say } = stage();
  for (const peer of ["source", "hears"]) partner(peer);
  // Two pieces in each run.
  const entry = entryOf(1, 16 * 16_384);
  network.publish(entry);
  network.run(10);
  for (const index of [0, 1]) {
    const payload = { key: unitKey(entry.unit), index, good: true };
    say("source", { type: "piece", unit: entry.unit, index, payload });
    network.run(1_500);
    assertEquals(told(node, "hears") === undefined, index === 0, `after piece ${index}`);
  }
});

Deno.test("who is ahead has most substreams, not all: its loss would be worse", () => {
  const { network, node, partner } = stage();
  partner("ahead", lag(...ALL_RUNS.map(() => 10)));
  partner("behind", lag(...ALL_RUNS.map(() => 20)));
  network.publish(entryOf(1));
  network.run(1_000);
  const [ahead, behind] = ["ahead", "behind"].map((peer) => wantedOf(node, peer).length);
  assertEquals(ahead! + behind!, ALL_RUNS.length);
  assert(ahead! > behind! && behind! >= 2, `${ahead} and ${behind}`);
});

Deno.test("parents in a quality that the element has left are told so", () => {
  const { network, node, partner } = stage({ ...ACTIVE, prefetch: "played" });
  partner("parent", lag(...ALL_RUNS.map(() => 5)));
  const play = (rendition: number, from: number, to: number) => {
    for (let sequence = from; sequence < to; sequence++) {
      for (const one of [0, 1]) {
        const entry = entryOf(sequence);
        const unit = { ...entry.unit, rendition: one };
        network.publish({ ...entry, unit, uri: `r${one}/${sequence}.m4s` });
        if (one === rendition) network.demand(node, sequence, unit, 6_000);
      }
      network.run(SEGMENT_MS);
    }
  };
  play(0, 1, 2);
  const asked = () =>
    framesTo(node, "parent", "subscribe").filter(({ rendition }) => rendition === 0).at(-1)!.runs;
  assertEquals(asked(), ALL_RUNS);
  play(1, 2, 10);
  assertEquals(asked(), []);
});
