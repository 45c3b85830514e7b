/**
 * The trials by which constants are judged, in one process: a line of JSON. Run by `constants.ts` on
 * a copy of the tree in which one constant has another value.
 */
import { run } from "../sim/run.ts";
import type { ReportLine } from "../sim/report_line.ts";
import { SCENARIOS } from "../sim/scenarios.ts";

const PEERS = 80;
const SECONDS = 30;
const SEEDS = [1, 2];

/** Means over the seeds. */
export interface Verdict {
  /** Viewers coming and going, without the edge's fallback. */
  readonly churnMesh: number;
  readonly churnDuplicates: number;
  /** Too little uplink for everyone, with the fallback. */
  readonly poorContinuity: number;
  readonly poorOffload: number;
  /** Half of the viewers gone at once, with the fallback. */
  readonly vanishContinuity: number;
}

function trials(scenario: string, fallback: boolean): ReportLine[] {
  return SEEDS.map((seed) =>
    run(SCENARIOS.get(scenario)!, { peers: PEERS, seconds: SECONDS, seed, world: { fallback } })
      .line
  );
}

function mean(lines: readonly ReportLine[], value: (line: ReportLine) => number | null): number {
  return lines.reduce((sum, line) => sum + value(line)!, 0) / lines.length;
}

if (import.meta.main) {
  const churn = trials("churn", false);
  const poor = trials("poor", true);
  const vanish = trials("vanish", true);
  const verdict: Verdict = {
    churnMesh: mean(churn, (line) => line.meshContinuity),
    churnDuplicates: mean(churn, (line) => line.duplicateShare),
    poorContinuity: mean(poor, (line) => line.continuity),
    poorOffload: mean(poor, (line) => line.offload),
    vanishContinuity: mean(vanish, (line) => line.continuity),
  };
  console.log(JSON.stringify(verdict));
}
