/** A world in two threads. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { run } from "./run.ts";
import { steady } from "./scenarios/steady.ts";
import { LEAST_DELAY_MS, type Threads } from "./post.ts";
import { runInThreads } from "./threads.ts";
import { World } from "./world.ts";
import { DEFAULTS } from "./world_options.ts";
import { idOf } from "./keys.ts";

const SMALL = { peers: 40, seconds: 10, seed: 1 };
/** Two swarms that know nothing of each other would have two. */
const COPIES = 1.6;

Deno.test("viewers in two threads are one swarm, and who is there is who would be in one", async () => {
  const [two, one] = [await runInThreads("steady", SMALL, 2), run(steady, SMALL).line];
  assertEquals(two.supplyOverDemand, one.supplyOverDemand);
  assert(two.continuity! > 0.97, `continuity ${two.continuity}`);
  assert(two.edgeCopies < COPIES, `${two.edgeCopies} copies from the edge`);
  assert(two.partners > 0.8 * one.partners, `${two.partners} partners`);
});

Deno.test("the same seed gives the same line in as many threads", async () => {
  const lineOf = async (seed: number) => {
    const { wallSeconds: _, ...line } = await runInThreads("churn", { ...SMALL, seed }, 2);
    return line;
  };
  assertEquals(await lineOf(3), await lineOf(3));
});

Deno.test("those in another thread who have gone are missed, and replaced", async () => {
  const line = await runInThreads("vanish", { ...SMALL, peers: 60 }, 2);
  assert(line.continuity! > 0.95, `continuity ${line.continuity}`);
  assert(line.partners > 5, `${line.partners} partners of those who are left`);
});

Deno.test("liars in another thread are found out", async () => {
  const line = await runInThreads("poison", SMALL, 2);
  assertEquals([line.badPlayed, line.badPassedOn], [0, 0]);
  assert(line.continuity! > 0.97, `continuity ${line.continuity}`);
});

Deno.test("what goes wrong in a thread ends the run", async () => {
  // DONet's source has to be where the edge is.
  const broken = { ...SMALL, world: { scheduler: "donet" } } as const;
  await assertRejects(() => runInThreads("steady", broken, 2), Error, "first thread");
});

/** Both halves of a world in this thread, in step; two viewers in each. */
function halves() {
  const worlds: World[] = [];
  const threadsOf = (mine: number): Threads => ({
    count: 2,
    mine,
    post(thread, atMs, note) {
      const { clock, take } = worlds[thread]!;
      const copy = structuredClone(note);
      clock.at(atMs, () => take(copy));
    },
  });
  for (const mine of [0, 1]) {
    worlds.push(new World({ ...DEFAULTS, unconnectable: 0 }, threadsOf(mine)));
  }
  for (let peer = 0; peer < 4; peer++) for (const world of worlds) world.join();
  return {
    viewer: (index: number) => worlds[index % 2]!.viewers.get(idOf(index))!,
    run(ms: number) {
      for (let atMs = 0; atMs < ms; atMs += LEAST_DELAY_MS) {
        for (const { clock } of worlds) clock.runUntil(clock.now() + LEAST_DELAY_MS);
      }
    },
  };
}

Deno.test("who says goodbye is let go of in the other thread as soon as that is heard there", () => {
  const { viewer, run } = halves();
  run(10_000);
  const partners = [0, 2].map((index) => viewer(index).links);
  assert(partners.every((links) => links.has(idOf(1)) && links.has(idOf(3))));
  viewer(1).leave(true);
  run(500);
  for (const links of partners) {
    assertEquals([links.has(idOf(1)), links.has(idOf(3))], [false, true]);
  }
});
