import { parseArgs } from "@std/cli/parse-args";
import { CodedError } from "../../edge/media/coded_error.ts";
import { parseCount } from "../../web/headless/cli.ts";
import type { Scenario } from "../sim/scenario.ts";
import { SCENARIOS } from "../sim/scenarios.ts";
import { type Scheduler, SCHEDULERS } from "../sim/world_options.ts";

export interface SimOptions {
  readonly scenario: Scenario;
  readonly peers: number;
  /** Counted, after the warm-up. */
  readonly seconds: number;
  readonly seed: number;
  readonly scheduler: Scheduler;
  /** Whether the edge may be asked for what partners do not bring. */
  readonly fallback: boolean;
  /** Runs of parity in every segment; `undefined`: as the edge does. */
  readonly parityRuns: number | undefined;
  /** In units of the stream's rate. */
  readonly uploadCap: number;
  /** Networks that the viewers are on; 1: all are equally far from each other. */
  readonly regions: number;
  /** The world is played in so many threads. */
  readonly threads: number;
  readonly json: boolean;
  /** Where the report goes; `undefined`: none is wanted. */
  readonly report: string | undefined;
}

export const USAGE =
  `Plays a swarm of many viewers on virtual time, with the real engine and the real edge/swarm.

deno task bench:sim [options]
  --scenario steady        ${[...SCENARIOS.keys()].join(", ")}
  --peers 200              how many watch at a time
  --seconds 120            counted, after the warm-up
  --seed 1                 the same seed, the same run
  --scheduler tributary    or donet: CoolStreaming as of 2005, in the same world
  --no-fallback            the edge only injects: mesh continuity is measured
  --parity 2               runs of parity in every segment, 0 … 24; the edge's own if not given
  --no-parity              the same as --parity 0
  --upload-cap 3           what a viewer gives at most, in units of the stream's rate
  --regions 1              networks that the viewers are on, far from each other
  --threads 1              of this machine, for one world; 2 from 4,000 peers on if not given
  --json                   one JSON line instead of a table
  --report                 many runs instead of one, as plots in one HTML page …
  --out data/sim.html      … in this file
  --help                   this text
`;

const MAX_PEERS = 20_000;
const MAX_SECONDS = 3_600;
const MAX_SEED = 999_999;
const MAX_UPLOAD_CAP = 100;
const MAX_REGIONS = 100;
const MAX_PARITY_RUNS = 24;
const MAX_THREADS = 64;
/** So many are a crowd, that takes so many threads. */
const CROWD_PEERS = 4_000;
const CROWD_THREADS = 2;

/** Reads the command line; `undefined`: help is wanted. Throws a `CodedError` for what it does not understand. */
export function parseSimOptions(args: readonly string[]): SimOptions | undefined {
  const flags: Record<string, unknown> = parseArgs([...args], {
    string: [
      "scenario",
      "peers",
      "seconds",
      "seed",
      "scheduler",
      "upload-cap",
      "parity",
      "regions",
      "threads",
      "out",
    ],
    boolean: ["fallback", "json", "report", "help"],
    negatable: ["fallback", "parity"],
    default: {
      scenario: "steady",
      peers: "200",
      seconds: "120",
      seed: "1",
      scheduler: "tributary",
      "upload-cap": "3",
      regions: "1",
      fallback: true,
      out: "data/sim.html",
    },
    unknown(argument: string) {
      throw new CodedError(
        "unknown-argument",
        `${argument} means nothing here.`,
        "deno task bench:sim --help lists what does.",
      );
    },
  });
  if (flags.help) return undefined;
  const scenario = parseScenario(String(flags.scenario));
  const seconds = parseCount("--seconds", flags.seconds, MAX_SECONDS);
  const least = scenario.leastSeconds ?? 1;
  if (seconds < least) {
    throw new CodedError(
      "too-short",
      `${scenario.name} tells nothing in ${seconds} s.`,
      `Give --seconds ${least} or more.`,
    );
  }
  if (scenario.needsFallback && !flags.fallback) {
    throw new CodedError(
      "needs-fallback",
      `${scenario.name} is played with the edge's fallback only.`,
      "Leave out --no-fallback.",
    );
  }
  const scheduler = parseScheduler(String(flags.scheduler));
  if (scenario.tributaryOnly && scheduler !== "tributary") {
    throw new CodedError(
      "no-such-scheduler",
      `${scenario.name} is nothing for ${scheduler}.`,
      "Leave out --scheduler.",
    );
  }
  const peers = parseCount("--peers", flags.peers, MAX_PEERS);
  return {
    scenario,
    peers,
    seconds,
    seed: parseCount("--seed", flags.seed, MAX_SEED),
    scheduler,
    fallback: flags.fallback === true,
    parityRuns: parseParity(flags.parity),
    uploadCap: parseUploadCap(String(flags["upload-cap"])),
    regions: parseCount("--regions", flags.regions, MAX_REGIONS),
    threads: parseThreads(flags.threads, peers, scenario.alone || scheduler !== "tributary"),
    json: flags.json === true,
    report: flags.report ? String(flags.out) : undefined,
  };
}

/** The default depends on the machine in nothing: the line of a seed is that of its threads. */
function parseThreads(given: unknown, peers: number, alone: boolean): number {
  if (given === undefined) return alone || peers < CROWD_PEERS ? 1 : CROWD_THREADS;
  const threads = parseCount("--threads", given, MAX_THREADS);
  if (threads === 1 || !alone) return threads;
  throw new CodedError(
    "one-thread",
    "This is played in one thread: some of what it tells needs all of its world.",
    "Leave out --threads.",
  );
}

function parseScenario(name: string): Scenario {
  const scenario = SCENARIOS.get(name);
  if (scenario) return scenario;
  const names = [...SCENARIOS.keys()].join(", ");
  throw new CodedError("no-scenario", `There is no scenario ${name}.`, `There are ${names}.`);
}

function parseScheduler(name: string): Scheduler {
  const scheduler = SCHEDULERS.find((one) => one === name);
  if (scheduler) return scheduler;
  const names = SCHEDULERS.join(" and ");
  throw new CodedError("no-scheduler", `There is no scheduler ${name}.`, `There are ${names}.`);
}

function parseParity(given: unknown): number | undefined {
  if (given === undefined) return undefined;
  if (given === false) return 0;
  const runs = /^\d+$/.test(String(given)) ? Number(given) : Infinity;
  if (runs <= MAX_PARITY_RUNS) return runs;
  throw new CodedError(
    "bad-parity",
    `--parity ${given} is no number of runs.`,
    `Give a whole number from 0 to ${MAX_PARITY_RUNS}.`,
  );
}

function parseUploadCap(text: string): number {
  const cap = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (cap > 0 && cap <= MAX_UPLOAD_CAP) return cap;
  throw new CodedError(
    "bad-upload-cap",
    `--upload-cap ${text} is no number above 0 and up to ${MAX_UPLOAD_CAP}.`,
    "Give it in units of the stream's rate, such as 1 or 2.5.",
  );
}
