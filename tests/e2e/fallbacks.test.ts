/** Each fault once, over the sites and visits; every combination is `deno task test:matrix`. */
import { type Fault, setStage, type Site, survive, type Visit, visit } from "./fallbacks.ts";

const SAMPLES: [Site, Visit, Fault[]][] = [
  ["same-origin", "first visit", ["page silent", "piece bad"]],
  ["cross-origin", "second visit", ["edge slow", "partner gone", "page silent"]],
  ["same-origin", "hard reload", ["edge slow"]],
];

Deno.test("faults in mid-stream do not stop the picture", async (test) => {
  await using stage = await setStage();
  for (const [site, kind, faults] of SAMPLES) {
    await using viewer = await visit(stage, site, kind);
    for (const fault of faults) {
      await test.step(`${site}, ${kind}: ${fault}`, () => survive(stage, viewer, kind, fault));
    }
  }
});
