import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { isHome } from "../../../edge/protocol/homes.ts";
import { MAX_RUNS } from "../../../edge/protocol/pieces.ts";

const peer = fc.stringMatching(/^[\w-]{20}$/);
const runs = fc.integer({ min: 1, max: MAX_RUNS });

function homesOf(peer: string, runs: number, homes: number): number[] {
  return Array.from({ length: runs }, (_, run) => run).filter((run) =>
    isHome(peer, run, runs, homes)
  );
}

Deno.test("everybody comes to the same homes: the examples of PROTOCOL.md", () => {
  const examples = [
    ["abcdefghijklmnopqrst", 8, 5],
    ["abcdefghijklmnopqrst", 32, 21],
    ["AAAAAAAAAAAAAAAAAAAA", 8, 2],
    ["-_-_-_-_-_-_-_-_-_-_", 5, 3],
  ] as const;
  for (const [peer, runs, first] of examples) assertEquals(homesOf(peer, runs, 1), [first]);
  assertEquals(homesOf("abcdefghijklmnopqrst", 8, 4), [0, 5, 6, 7]);
});

Deno.test("a peer is at home in as many substreams as it says, and in all if it says more", () => {
  fc.assert(fc.property(peer, runs, fc.nat(255), (peer, runs, homes) => {
    assertEquals(homesOf(peer, runs, homes).length, Math.min(runs, homes));
  }));
});

Deno.test("who is at home in more stays at home where it was", () => {
  fc.assert(fc.property(peer, runs, fc.nat(31), (peer, runs, homes) => {
    const more = homesOf(peer, runs, homes + 1);
    assert(homesOf(peer, runs, homes).every((run) => more.includes(run)));
  }));
});

Deno.test("homes are spread evenly, also over ids that differ in little", () => {
  const counts = new Array(8).fill(0);
  for (let number = 0; number < 8_000; number++) {
    counts[homesOf(`peer-${String(number).padStart(15, "0")}`, 8, 1)[0]!]++;
  }
  for (const count of counts) assert(count > 800 && count < 1_200, `${counts}`);
});

Deno.test("nobody is at home in a run of parity", () => {
  fc.assert(fc.property(peer, runs, fc.nat(31), fc.nat(255), (peer, runs, more, homes) => {
    assertEquals(isHome(peer, runs + more, runs, homes), false);
  }));
});
