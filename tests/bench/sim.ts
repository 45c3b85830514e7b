/**
 * A swarm on virtual time: `deno task bench:sim --scenario steady --peers 1000 --seconds 120`.
 * `--help` lists the options; the words of the result are those of DESIGN.md.
 */
import { dirname } from "@std/path";
import { run, type RunOptions } from "../sim/run.ts";
import { runInThreads } from "../sim/threads.ts";
import { openProgressBar } from "../support/progress_bar.ts";
import { parseSimOptions, type SimOptions, USAGE } from "./sim_options.ts";
import { simReport } from "./sim_report.ts";
import { simTable } from "./sim_table.ts";
import { orExit } from "../support/or_exit.ts";

async function runOnce(
  { scenario, scheduler, fallback, uploadCap, regions, parityRuns, threads, ...options }:
    SimOptions,
): Promise<void> {
  const bar = openProgressBar();
  const played: RunOptions = {
    ...options,
    world: { scheduler, fallback, uploadCap, regions, parityRuns },
    progress: (share) => bar.show(share, `${scenario.name}, ${options.peers} peers`),
  };
  const line = threads === 1
    ? run(scenario, played).line
    : await runInThreads(scenario.name, played, threads);
  bar.clear();
  console.log(options.json ? JSON.stringify(line) : simTable(line));
}

async function report(options: SimOptions, file: string): Promise<void> {
  const bar = openProgressBar();
  const page = simReport(options, bar.show);
  bar.clear();
  await Deno.mkdir(dirname(file), { recursive: true });
  await Deno.writeTextFile(file, page);
  console.log(file);
}

const options = orExit(() => parseSimOptions(Deno.args));
if (!options) console.log(USAGE);
else if (options.report !== undefined) await report(options, options.report);
else await runOnce(options);
