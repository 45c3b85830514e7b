/** The edge dies under playing viewers and comes back. */
import { assert, assertEquals } from "@std/assert";
import { openBrowser } from "../support/browser.ts";
import { hasPartners, openCrowd } from "../support/crowd.ts";
import { startEdge } from "../support/edge_process.ts";
import { pause, waitUntil } from "../support/wait.ts";

const AWAY_MS = 20_000;
const BACK_WITHIN_MS = 5_000;

Deno.test("after 20 s without an edge everyone plays on within 5 s of its return, by themselves", async () => {
  await using edge = await startEdge();
  await using browser = await openBrowser();
  await using crowd = await openCrowd(browser, `${edge.url}/watch/demo`, 3);
  const { viewers } = crowd;
  for (const viewer of viewers) await hasPartners(viewer, 2);
  for (const viewer of viewers) await viewer.plays(6);

  const atKill = await Promise.all(viewers.map((viewer) => viewer.read()));
  await edge.kill();
  await pause(AWAY_MS);
  for (const [at, viewer] of viewers.entries()) {
    const { currentTime, bufferedSeconds } = await viewer.read();
    const held = atKill[at]!.currentTime + atKill[at]!.bufferedSeconds;
    assert(currentTime > held - 0.5, `${bufferedSeconds} s of what it held were not played`);
    assertEquals((await viewer.stats())?.state, "reconnecting");
  }

  const marks = await Promise.all(viewers.map(async (viewer) => {
    await viewer.page.evaluate(() => void (globalThis.window.name = "not reloaded"));
    return (await viewer.read()).currentTime;
  }));
  await edge.restart();
  const backMs = performance.now();
  await Promise.all(
    viewers.map((viewer, at) =>
      viewer.until("play", (now) => now.currentTime > marks[at]! + 0.2, BACK_WITHIN_MS)
    ),
  );
  console.log(
    `all played on ${((performance.now() - backMs) / 1000).toFixed(1)} s after its return`,
  );
  for (const viewer of viewers) {
    await viewer.plays(5);
    assertEquals(await viewer.page.evaluate(() => globalThis.window.name), "not reloaded");
    await waitUntil("sharing", async () => (await viewer.stats())?.state === "sharing", 20_000);
  }
});
