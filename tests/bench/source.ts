/**
 * What a broadcast costs the one who makes it, and the edge:
 * `deno task bench:source [--viewers 50] [--browsers 4] [--seconds 48] [--json]`. ffmpeg sends the
 * demo's clip by HTTP PUT; of the viewers some are Chromium, the others relays that play. Counted
 * once all have joined, against one copy of the media: 1.0 is the least that either can send.
 */
import { delay } from "@std/async/delay";
import { parseArgs } from "@std/cli/parse-args";
import { fromFileUrl } from "@std/path";
import { CodedError } from "../../edge/media/coded_error.ts";
import { parseCount } from "../../web/headless/cli.ts";
import { openBrowser } from "../support/browser.ts";
import { startChild } from "../support/child.ts";
import { startCountingProxy } from "../support/counting_proxy.ts";
import { startEdge } from "../support/edge_process.ts";
import { requireFfmpeg } from "../support/ffmpeg.ts";
import { freePort } from "../support/free_port.ts";
import { orExit } from "../support/or_exit.ts";
import { openProgressBar } from "../support/progress_bar.ts";
import { startTcpCounter } from "../support/tcp_counter.ts";
import { waitUntil } from "../support/wait.ts";
import { openAudience } from "./audience.ts";
import { openCrowd } from "./crowd_process.ts";

const CHANNEL = "cam";
const KEY = "key-of-the-bench";
const CLIP = fromFileUrl(new URL("../../edge/origin/demo/clip.mp4", import.meta.url));
/** Bytes/s that a viewer gives at most: three times the clip's rate. */
const UPLOAD_CAP = 230_000;
const JOIN_EVERY_MS = 300;
/** From the last join to the count. */
const SETTLING_MS = 15_000;
const MEDIA = ["segment", "range", "init"] as const;

interface Options {
  readonly viewers: number;
  readonly browsers: number;
  readonly seconds: number;
  readonly json: boolean;
}

function parseOptions(): Options {
  const flags: Record<string, unknown> = parseArgs(Deno.args, {
    string: ["viewers", "browsers", "seconds"],
    boolean: ["json"],
    default: { viewers: "50", browsers: "4", seconds: "48" },
    unknown(argument: string) {
      throw new CodedError(
        "unknown-argument",
        `${argument} means nothing here.`,
        "deno task bench:source --viewers 50 --browsers 4 --seconds 48 --json",
      );
    },
  });
  const viewers = parseCount("--viewers", flags.viewers, 500);
  const browsers = parseCount("--browsers", flags.browsers, Math.min(viewers - 1, 16));
  const seconds = parseCount("--seconds", flags.seconds, 3_600);
  return { viewers, browsers, seconds, json: flags.json === true };
}

/** Bytes of the segments that the window lists, by their names. */
async function sizes(edge: string, known: Map<string, number>): Promise<void> {
  const base = `${edge}/live/${CHANNEL}/`;
  const text = await (await fetch(`${base}index.m3u8`)).text();
  for (const name of text.split("\n").filter((line) => line && !line.startsWith("#"))) {
    if (known.has(name)) continue;
    const { headers, body } = await fetch(new URL(name, base), { method: "HEAD" });
    await body?.cancel();
    known.set(name, Number(headers.get("content-length")));
  }
}

async function broadcast({ viewers, browsers, seconds }: Options) {
  const ffmpeg = await requireFfmpeg();
  const port = freePort();
  await using edge = await startEdge([
    "--no-demo",
    "--ingest",
    `${CHANNEL}=${KEY}`,
    "--ingest-port",
    `${port}`,
  ]);
  await using counter = startTcpCounter(port);
  const target = `http://127.0.0.1:${counter.port}/ingest/${CHANNEL}/${KEY}/live.m3u8`;
  await using _source = startChild(
    ffmpeg,
    ["-v", "error", "-nostdin", "-re", "-stream_loop", "-1", "-i", CLIP, "-c", "copy"].concat(
      ["-f", "hls", "-hls_time", "2", "-hls_segment_type", "fmp4", "-method", "PUT", target],
    ),
  );
  await waitUntil(
    "the channel on air",
    async () => (await edge.stats(CHANNEL)).window.newest !== undefined,
    20_000,
  );
  await using proxy = startCountingProxy(edge.url);
  const url = `${proxy.url}/watch/${CHANNEL}`;
  await using browser = await openBrowser();
  await using audience = openAudience(browser, url);
  await using relays = openCrowd(url, UPLOAD_CAP);
  for (let joined = 0; joined < viewers; joined++) {
    bar.show(0, `${joined} of ${viewers} have joined`);
    if (joined < browsers) await audience.join();
    else relays.join();
    await delay(JOIN_EVERY_MS);
  }
  await delay(SETTLING_MS);

  const segments = new Map<string, number>();
  await sizes(edge.url, segments);
  const before = new Set(segments.keys());
  const look = async () => ({
    atMs: performance.now(),
    sent: counter.sent,
    edge: proxy.bytes(MEDIA),
    relays: await relays.report(),
    seen: await audience.look(),
  });
  const begun = await look();
  for (let second = 1; second <= seconds; second++) {
    bar.show(second / seconds, `${viewers} viewers`);
    await delay(begun.atMs + second * 1_000 - performance.now());
    await sizes(edge.url, segments);
  }
  const ended = await look();
  bar.clear();

  let media = 0;
  for (const [name, bytes] of segments) if (!before.has(name)) media += bytes;
  const { totals: were } = begun.relays;
  const { totals: are, partners } = ended.relays;
  const starved = ended.seen.map((one, at) => one.starvedMs - begun.seen[at]!.starvedMs);
  const round = (value: number) => Math.round(value * 1e4) / 1e4;
  return {
    viewers,
    browsers,
    seconds: Math.round((ended.atMs - begun.atMs) / 1_000),
    bitsPerSecond: Math.round((media * 8_000) / (ended.atMs - begun.atMs)),
    /** Against one copy of the media. */
    sourceSends: round((ended.sent - begun.sent) / media),
    edgeSends: round((ended.edge - begun.edge) / media),
    continuityOfRelays: round((are.there - were.there) / (are.due - were.due)),
    starvedMsOfBrowsers: starved.map(Math.round),
    partners: round(partners / (viewers - browsers)),
    /** Used by the processes of the relays, and the longest that one of them came late to its work. */
    cores: round((ended.relays.cpuMs - begun.relays.cpuMs) / (ended.atMs - begun.atMs)),
    lagMs: Math.round(ended.relays.lagMs),
  };
}

const options = orExit(parseOptions);
const bar = openProgressBar();
const line = await broadcast(options);
console.log(options.json ? JSON.stringify(line) : JSON.stringify(line, null, 2));
// Sockets whose other end was killed would keep the process for some seconds.
Deno.exit(0);
