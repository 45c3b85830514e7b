/**
 * An audience in real Chromium on one live channel at the latency of native HLS:
 * `deno task bench:viewers [--viewers 8] [--seconds 48] [--churn 8] [--rounds 1] [--json]`. The demo
 * channel repeats itself every 24 s: multiples of that make equal counts. With `--churn S` it is
 * counted a second time, with one viewer replaced every S seconds.
 */
import { startCountingProxy } from "../support/counting_proxy.ts";
import { startEdge } from "../support/edge_process.ts";
import { orExit } from "../support/or_exit.ts";
import { openProgressBar } from "../support/progress_bar.ts";
import { playVariants } from "./turns.ts";
import { variantsTable } from "./variants_table.ts";
import { TRIBUTARY } from "./variants.ts";
import { parseViewersOptions } from "./viewers_options.ts";

const options = orExit(() => parseViewersOptions(Deno.args, { seconds: 48, rounds: 1 }));
await using edge = await startEdge();
await using proxy = startCountingProxy(edge.url, TRIBUTARY.pages);
const bar = openProgressBar();
const [line] = await playVariants({ edge, proxy, variants: [TRIBUTARY], options, bar });
console.log(options.json ? JSON.stringify(line) : variantsTable([line!]));
