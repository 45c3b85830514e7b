/** Every fault on every kind of page and visit, `deno task test:matrix`. */
import { FAULTS, setStage, SITES, survive, visit, VISITS } from "../e2e/fallbacks.ts";

for (const site of SITES) {
  for (const kind of VISITS) {
    Deno.test(`${site}, ${kind}: no fault in mid-stream stops the picture`, async (test) => {
      await using stage = await setStage();
      for (const fault of FAULTS) {
        await test.step(fault, async () => {
          await using viewer = await visit(stage, site, kind);
          await survive(stage, viewer, kind, fault);
        });
      }
    });
  }
}
