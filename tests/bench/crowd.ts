/**
 * A swarm of real WebRTC peers against one edge, all on this machine:
 * `deno task bench:crowd [--relays 50] [--seconds 120] [--churn 0] [--uplink 3M] [--json]`. Every
 * relay also plays, on a virtual element. They join over 20 s; 10 s later the count begins and lasts
 * `seconds`. `--churn P`: P of them vanish every 10 s without a goodbye and P new ones join.
 * `--uplink`: the upload cap of each, bits per second.
 */
import { delay } from "@std/async/delay";
import { parseArgs } from "@std/cli/parse-args";
import { CodedError } from "../../edge/media/coded_error.ts";
import { parseCount, parseRate } from "../../web/headless/cli.ts";
import { startCountingProxy } from "../support/counting_proxy.ts";
import { startEdge } from "../support/edge_process.ts";
import { openProgressBar } from "../support/progress_bar.ts";
import { startUpstream } from "../support/upstream.ts";
import { type CrowdCount, crowdLine } from "./crowd_line.ts";
import { openCrowd } from "./crowd_process.ts";
import { between } from "./crowd_totals.ts";
import { orExit } from "../support/or_exit.ts";

const CHANNEL = "crowd";
/** bits/s; with the sound's 64 kbit/s and the container, 1 Mbit/s. */
const VIDEO_RATE = 920_000;
const SEGMENT_SECONDS = 2;
const JOINING_MS = 20_000;
const SETTLING_MS = 10_000;
const CHURN_EVERY_MS = 10_000;

interface Options {
  readonly relays: number;
  readonly seconds: number;
  readonly churn: number;
  /** bytes/s */
  readonly uploadCap: number;
  readonly json: boolean;
}

function parseOptions(): Options {
  const flags: Record<string, unknown> = parseArgs(Deno.args, {
    string: ["relays", "seconds", "churn", "uplink"],
    boolean: ["json"],
    default: { relays: "50", seconds: "120", churn: "0", uplink: "3M" },
    unknown(argument: string) {
      throw new CodedError(
        "unknown-argument",
        `${argument} means nothing here.`,
        "deno task bench:crowd --relays 50 --seconds 120 --churn 5 --uplink 2M --json",
      );
    },
  });
  return {
    relays: parseCount("--relays", flags.relays, 500),
    seconds: parseCount("--seconds", flags.seconds, 3_600),
    churn: flags.churn === "0" ? 0 : parseCount("--churn", flags.churn, 100),
    uploadCap: parseRate("--uplink", flags.uplink) / 8,
    json: flags.json === true,
  };
}

async function runCrowd(options: Options): Promise<CrowdCount> {
  const { relays, seconds, churn, uploadCap } = options;
  const startedMs = performance.now();
  await using upstream = await startUpstream({
    segmentSeconds: SEGMENT_SECONDS,
    variants: [VIDEO_RATE],
  });
  await using edge = await startEdge(["--no-demo", "--pull", `${CHANNEL}=${upstream.url}`]);
  await using proxy = startCountingProxy(edge.url);
  await using crowd = openCrowd(`${proxy.url}/watch/${CHANNEL}`, uploadCap);
  const look = async () => ({
    ...await crowd.report(),
    atMs: performance.now(),
    rangeBytes: proxy.bytes(["range"]),
    wholeBytes: proxy.bytes(["segment"]),
    socketBytes: proxy.bytes(["socket"]),
  });

  for (let joined = 1; joined <= relays; joined++) {
    crowd.join();
    bar.show(0, `${joined} of ${relays} have joined`);
    await delay(JOINING_MS / relays);
  }
  const replacing = setInterval(() => crowd.replace(churn), CHURN_EVERY_MS);
  await delay(SETTLING_MS);
  const before = await look();
  for (let second = 1; second <= seconds; second++) {
    await delay(before.atMs + second * 1_000 - performance.now());
    bar.show(second / seconds, `${relays} viewers`);
  }
  clearInterval(replacing);
  const after = await look();
  bar.clear();

  const countedS = (after.atMs - before.atMs) / 1000;
  return {
    relays,
    seconds: countedS,
    churn,
    viewers: between(before.totals, after.totals),
    // Where nobody comes in the counted time, all who came are looked at.
    joins: churn > 0 ? after.joins : [...before.joins, ...after.joins],
    rangeBytes: after.rangeBytes - before.rangeBytes,
    wholeBytes: after.wholeBytes - before.wholeBytes,
    socketBytes: after.socketBytes - before.socketBytes,
    injectedCopies: (await edge.stats(CHANNEL)).injectedCopies,
    partners: after.partners / after.viewers,
    cores: (after.cpuMs - before.cpuMs) / 1000 / countedS,
    lagMs: after.lagMs,
    wallSeconds: (performance.now() - startedMs) / 1000,
  };
}

const options = orExit(parseOptions);
const bar = openProgressBar();
const line = crowdLine(await runCrowd(options));
console.log(options.json ? JSON.stringify(line) : JSON.stringify(line, null, 2));
// Sockets whose other end was killed would keep the process for some seconds.
Deno.exit(0);
