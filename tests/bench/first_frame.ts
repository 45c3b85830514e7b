/**
 * Time to the first frame with the script tag against the same page without it, side by side in one
 * run: `deno task bench:first-frame [--rounds 12] [--delay-ms 0] [--json]`. A first visit has an
 * empty profile; on the later ones, two a round, the worker is in charge and awake; on the last two it
 * was put to sleep, as a browser does after half a minute without work, and the visit has to start it.
 * Order changes from round to round. Each answer of the edge comes `delay-ms` later, as from an edge
 * so far away.
 *
 * A machine is never as fast for long: `ratio` is the median of what each start with the tag took
 * against the one without it in the same round, and `low` and `high` hold the middle half of these.
 */
import { parseArgs } from "@std/cli/parse-args";
import type { CDPSession } from "playwright-core";
import { openBrowser, type TestBrowser } from "../support/browser.ts";
import { startCountingProxy } from "../support/counting_proxy.ts";
import { startEdge } from "../support/edge_process.ts";
import { openViewer } from "../support/viewer.ts";

const args: { rounds: number; "delay-ms": number; json: boolean } = parseArgs(Deno.args, {
  boolean: ["json"],
  default: { rounds: 12, "delay-ms": 0 },
});

await using edge = await startEdge();
await using proxy = startCountingProxy(edge.url);
proxy.treat = () => ({ delayMs: args["delay-ms"] });
const url = `${proxy.url}/watch/demo`;
/** What the browser does not load; the same page for the one and the other. */
const blocked = { plain: ["*/tributary.js"], tagged: ["*/nothing.js"] };
type Kind = keyof typeof blocked;
const VISITS = ["first", "later", "later", "asleep", "asleep"] as const;
type Visit = (typeof VISITS)[number];
type Sample = Record<Visit, number[]>;

async function measure(browser: TestBrowser, kind: Kind): Promise<Sample> {
  await using viewer = await openViewer(browser, "about:blank");
  const devtools = await viewer.page.context().newCDPSession(viewer.page);
  await devtools.send("Network.enable");
  await devtools.send("Network.setBlockedURLs", { urls: blocked[kind] });
  const sample: Sample = { first: [], later: [], asleep: [] };
  for (const visit of VISITS) {
    if (visit === "first") {
      await viewer.page.goto(url, { waitUntil: "commit" });
    } else {
      await viewer.plays(2);
      if (kind === "tagged") {
        await viewer.page.waitForFunction(() => navigator.serviceWorker.controller !== null);
      }
      if (visit === "asleep") {
        await viewer.page.goto("about:blank");
        if (kind === "tagged") await putWorkerToSleep(devtools);
        await viewer.page.goto(url, { waitUntil: "commit" });
      } else await viewer.reload();
    }
    sample[visit].push(await viewer.firstFrame());
  }
  return sample;
}

async function putWorkerToSleep(devtools: CDPSession): Promise<void> {
  const asleep = new Promise<void>((resolve) => {
    devtools.on("ServiceWorker.workerVersionUpdated", ({ versions }) => {
      if (versions.some((version) => version.runningStatus === "stopped")) resolve();
    });
  });
  await devtools.send("ServiceWorker.enable");
  await devtools.send("ServiceWorker.stopAllWorkers");
  await asleep;
  await devtools.send("ServiceWorker.disable");
}

const samples: Record<Kind, Sample[]> = { plain: [], tagged: [] };
{
  await using browser = await openBrowser();
  await measure(browser, "plain");
  for (let round = 0; round < args.rounds; round++) {
    const order: Kind[] = round % 2 === 0 ? ["plain", "tagged"] : ["tagged", "plain"];
    for (const kind of order) samples[kind].push(await measure(browser, kind));
    if (!args.json) await Deno.stdout.write(new TextEncoder().encode("."));
  }
}

const round = (value: number) => Math.round(value * 100) / 100;
function quantile(values: readonly number[], at: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * at)]!;
}

const report = Object.fromEntries([...new Set(VISITS)].map((visit) => {
  const plain = samples.plain.flatMap((sample) => sample[visit]);
  const tagged = samples.tagged.flatMap((sample) => sample[visit]);
  const ratios = tagged.map((ms, at) => ms / plain[at]!);
  return [visit, {
    starts: plain.length,
    withoutMs: Math.round(quantile(plain, 0.5)),
    withMs: Math.round(quantile(tagged, 0.5)),
    ratio: round(quantile(ratios, 0.5)),
    low: round(quantile(ratios, 0.25)),
    high: round(quantile(ratios, 0.75)),
  }];
}));
console.log(args.json ? JSON.stringify(report) : `\n${JSON.stringify(report, null, 2)}`);
