import { root } from "../support/build.ts";
import { type CrowdTotals, sum } from "./crowd_totals.ts";

/** Viewers of one channel, in processes of their own. */
export interface Crowd extends AsyncDisposable {
  join(): void;
  /** So many, at random, are gone without a goodbye, and as many new ones join. */
  replace(count: number): void;
  report(): Promise<CrowdReport>;
}

export interface CrowdReport {
  /** Present just now, and the partners that they have in all. */
  readonly viewers: number;
  readonly partners: number;
  readonly totals: CrowdTotals;
  /** Those that became 20 s old since the report before. */
  readonly joins: readonly Joined[];
  /** Since the start, ms of one core. */
  readonly cpuMs: number;
  /** The longest that a process came late to its work since the report before, ms. */
  readonly lagMs: number;
}

/** What a viewer had in its first 20 s. */
export interface Joined {
  /** From the join to the first segment, ms; absent if none came. */
  readonly startMs?: number;
  /** Media bytes from the edge. */
  readonly edgeBytes: number;
}

/** JavaScript has one thread a process. */
const PROCESSES = 2;

/** Opens a crowd without anybody in it yet; `uploadCap` of each, bytes/s. */
export function openCrowd(url: string, uploadCap: number): Crowd {
  const processes = Array.from({ length: PROCESSES }, () => startProcess(url, uploadCap));
  let turn = 0;
  const inTurn = () => processes[turn++ % PROCESSES]!;
  return {
    join: () => inTurn().say("join"),
    replace(count) {
      for (let done = 0; done < count; done++) {
        const one = inTurn();
        one.say("vanish");
        one.say("join");
      }
    },
    async report() {
      return together(await Promise.all(processes.map((one) => one.report())));
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(processes.map((one) => one.end()));
    },
  };
}

function together(reports: readonly CrowdReport[]): CrowdReport {
  const add = (of: (report: CrowdReport) => number) =>
    reports.reduce((all, report) => all + of(report), 0);
  return {
    viewers: add(({ viewers }) => viewers),
    partners: add(({ partners }) => partners),
    totals: sum(reports.map(({ totals }) => totals)),
    joins: reports.flatMap(({ joins }) => joins),
    cpuMs: add(({ cpuMs }) => cpuMs),
    lagMs: Math.max(...reports.map(({ lagMs }) => lagMs)),
  };
}

interface CrowdProcess {
  say(word: "join" | "vanish" | "report"): void;
  report(): Promise<CrowdReport>;
  end(): Promise<void>;
}

function startProcess(url: string, uploadCap: number): CrowdProcess {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "tests/bench/crowd_program.ts", url, `${uploadCap}`],
    cwd: root,
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const stdin = child.stdin.getWriter();
  const lines = linesOf(child.stdout);
  const say = (word: string) => void stdin.write(new TextEncoder().encode(`${word}\n`));
  return {
    say,
    async report() {
      say("report");
      const { value } = await lines.next();
      if (value === undefined) throw new Error("a process of the crowd has ended");
      return JSON.parse(value);
    },
    async end() {
      child.kill("SIGKILL");
      await child.status;
    },
  };
}

async function* linesOf(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<string, undefined, undefined> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}
