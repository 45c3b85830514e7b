/**
 * The same live channel behind the same counting proxy, played by the same Chromium viewers in turns:
 * by a plain element, by p2p-media-loader with hls.js as it comes and set up for 6 s, and by us:
 * `deno task bench:rivals [--viewers 8] [--seconds 24] [--churn 8] [--rounds 2] [--json]`. How far a
 * picture is behind is told by the frame number in it.
 */
import { bundle } from "../sw/browser/bundle.ts";
import { startCountingProxy } from "../support/counting_proxy.ts";
import { startEdge } from "../support/edge_process.ts";
import { orExit } from "../support/or_exit.ts";
import { openProgressBar } from "../support/progress_bar.ts";
import { playVariants } from "./turns.ts";
import { variantsTable } from "./variants_table.ts";
import { PLAIN, rivals, TRIBUTARY } from "./variants.ts";
import { parseViewersOptions } from "./viewers_options.ts";
import { startWebTorrentTracker } from "./webtorrent_tracker.ts";

/** By which p2p-media-loader-core exports what its makers bundled for browsers. */
const AS_BUNDLE = "p2pml:core-as-bundle";

const options = orExit(() => parseViewersOptions(Deno.args, { seconds: 24, rounds: 2 }));
const script = await bundle("tests/bench/rival_page.ts", AS_BUNDLE);
await using tracker = await startWebTorrentTracker();
const variants = [PLAIN, ...rivals(tracker.url, script), TRIBUTARY];
await using edge = await startEdge();
await using proxy = startCountingProxy(
  edge.url,
  Object.assign({}, ...variants.map(({ pages }) => pages)),
);
const bar = openProgressBar();
const lines = await playVariants({ edge, proxy, variants, options, bar });
console.log(
  options.json ? JSON.stringify({ bench: "rivals", lines }) : variantsTable(lines),
);
