/**
 * Time to the first frame with the script tag against the same page without it, side by side in one
 * run: `deno task bench:first-frame [--rounds 15] [--delay-ms 0] [--json]`. First visits have an
 * empty profile; second visits have the worker in charge. Order changes from round to round. Each
 * answer of the edge comes `delay-ms` later, as from an edge so far away.
 */
import { parseArgs } from "@std/cli/parse-args";
import { openBrowser, type TestBrowser } from "../support/browser.ts";
import { startCountingProxy } from "../support/counting_proxy.ts";
import { startEdge } from "../support/edge_process.ts";
import { openViewer } from "../support/viewer.ts";

const args: { rounds: number; "delay-ms": number; json: boolean } = parseArgs(Deno.args, {
  boolean: ["json"],
  default: { rounds: 15, "delay-ms": 0 },
});

await using edge = await startEdge();
await using proxy = startCountingProxy(edge.url);
proxy.treat = () => ({ delayMs: args["delay-ms"] });
const url = `${proxy.url}/watch/demo`;
/** What the browser does not load; the same page for the one and the other. */
const blocked = { plain: ["*/tributary.js"], tagged: ["*/nothing.js"] };
type Kind = keyof typeof blocked;

interface Sample {
  readonly first: number;
  readonly second: number;
}

async function measure(browser: TestBrowser, kind: Kind): Promise<Sample> {
  await using viewer = await openViewer(browser, "about:blank");
  const devtools = await viewer.page.context().newCDPSession(viewer.page);
  await devtools.send("Network.enable");
  await devtools.send("Network.setBlockedURLs", { urls: blocked[kind] });
  await viewer.page.goto(url, { waitUntil: "commit" });
  const first = await viewer.firstFrame();
  await viewer.plays(3);
  await viewer.reload();
  const second = await viewer.firstFrame();
  return { first, second };
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

const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
const report = Object.fromEntries((["first", "second"] as const).map((visit) => {
  const [without, withTag] = [samples.plain, samples.tagged]
    .map((list) => Math.round(median(list.map((one) => one[visit]))));
  const ratio = Number((withTag! / without!).toFixed(2));
  return [visit, { withoutMs: without, withMs: withTag, ratio }];
}));
console.log(args.json ? JSON.stringify(report) : `\n${JSON.stringify(report, null, 2)}`);
