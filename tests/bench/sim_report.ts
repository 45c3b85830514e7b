import { quantile } from "../sim/measure.ts";
import { run } from "../sim/run.ts";
import type { Scenario } from "../sim/scenario.ts";
import { churnOf } from "../sim/scenarios/churn.ts";
import { flash } from "../sim/scenarios/flash.ts";
import { steady } from "../sim/scenarios/steady.ts";
import { DEFAULTS, type Scheduler, SCHEDULERS, type WorldOptions } from "../sim/world_options.ts";
import type { Plot, Point, Series } from "./line_plot.ts";
import type { SimOptions } from "./sim_options.ts";
import { reportPage } from "./sim_report_page.ts";

type Ended = ReturnType<typeof run>;

/** A run, and what becomes of it. */
interface Planned {
  readonly scenario: Scenario;
  readonly scheduler: Scheduler;
  readonly peers: number;
  readonly world?: Partial<WorldOptions>;
  note(ended: Ended): void;
}

const PARTNERS = [2, 3, 4, 6, 8, 10, 12];
const STAYS_S = [480, 240, 120, 60, 30];
/** Shares of `--peers`. */
const SIZES = [0.05, 0.1, 0.25, 0.5, 1];
/** As PlanetLab's, where DONet was measured. */
const WIDE_UPLINKS = { uplinks: [{ share: 1, rate: 10 }], uploadCap: 10 };
/** Of fewer pieces with so many hops a quantile says nothing. */
const FEW_PIECES = 20;

/** Plays many runs and answers the page that shows them. */
export function simReport(
  options: SimOptions,
  progress: (share: number, words: string) => void,
): string {
  const { peers, seconds, seed, uploadCap } = options;
  const plots: Plot[] = [];
  const planned: Planned[] = [
    ...byPartners(peers, plots),
    ...byChurn(peers, plots),
    ...bySize(peers, plots),
    ...overTime(peers, plots),
  ];
  planned.forEach(({ scenario, scheduler, peers, world, note }, index) => {
    const words = `${scenario.name}, ${peers} peers, ${scheduler}`;
    note(run(scenario, {
      peers,
      seconds: Math.max(seconds, scenario.leastSeconds ?? 0),
      seed,
      world: { uploadCap, ...world, scheduler },
      progress: (share) => progress((index + share) / planned.length, words),
    }));
  });
  const words = `${peers} viewers, ${seconds} s counted after the warm-up, seed ${seed}, upload ` +
    `cap ${uploadCap} × the rate, 6 s behind live. tributary is the engine of web/swarm with the ` +
    "swarm of edge/swarm; donet is CoolStreaming as of 2005 in the same world.";
  return reportPage("A swarm on virtual time", words, plots);
}

/** A line for each scheduler, to be filled by the runs. */
function newSeries() {
  const lines = SCHEDULERS.map((name) => ({ name, points: [] as Point[] }));
  return {
    lines,
    pointsOf: (scheduler: Scheduler) => lines[SCHEDULERS.indexOf(scheduler)]!.points,
  };
}

function byPartners(peers: number, plots: Plot[]): Planned[] {
  const { lines, pointsOf } = newSeries();
  const wide = { name: "donet where all uplinks are 10 × the rate", points: [] as Point[] };
  plots.push({
    title: "Continuity against partners",
    words:
      "Mesh continuity of an audience that stays, by how many partners a viewer has. DONet's " +
      "paper had uplinks far wider than the stream; here four of ten have as much as they watch.",
    xLabel: "partners, on average",
    yLabel: "mesh continuity",
    maxY: 1,
    series: [...lines, wide],
  });
  const planOf = (scheduler: Scheduler, points: Point[], world: Partial<WorldOptions>) =>
    PARTNERS.map((partners): Planned => ({
      scenario: steady,
      scheduler,
      peers,
      world: { ...world, fallback: false, partners },
      note: ({ line }) => void points.push({ x: line.partners, y: line.meshContinuity! }),
    }));
  return [
    ...SCHEDULERS.flatMap((scheduler) => planOf(scheduler, pointsOf(scheduler), {})),
    ...planOf("donet", wide.points, WIDE_UPLINKS),
  ];
}

function byChurn(peers: number, plots: Plot[]): Planned[] {
  const { lines, pointsOf } = newSeries();
  plots.push({
    title: "Continuity against churn",
    words: "Mesh continuity while viewers come and go; half of those who leave vanish.",
    xLabel: "of the audience replaced in a minute, %",
    yLabel: "mesh continuity",
    maxY: 1,
    series: lines,
  });
  return SCHEDULERS.flatMap((scheduler) =>
    [Infinity, ...STAYS_S].map((staySeconds): Planned => ({
      scenario: staySeconds === Infinity ? steady : churnOf(staySeconds * 1000),
      scheduler,
      peers,
      world: { fallback: false },
      note: ({ line }) =>
        void pointsOf(scheduler).push({ x: (100 * 60) / staySeconds, y: line.meshContinuity! }),
    }))
  );
}

function bySize(peers: number, plots: Plot[]): Planned[] {
  const { lines, pointsOf } = newSeries();
  const sizes = [...new Set(SIZES.map((share) => Math.max(4, Math.round(peers * share))))];
  const bound: Series = {
    name: "bound: 1 − 1/N",
    isBound: true,
    points: sizes.map((x) => ({ x, y: 1 - 1 / x })),
  };
  plots.push({
    title: "Offload against the audience",
    words: "With the edge's fallback. At 0 stands also what cost the edge more than plain HTTP.",
    xLabel: "viewers",
    yLabel: "offload",
    logX: true,
    maxY: 1,
    series: [...lines, bound],
  });
  return SCHEDULERS.flatMap((scheduler) =>
    sizes.map((size): Planned => ({
      scenario: steady,
      scheduler,
      peers: size,
      note: ({ line }) => void pointsOf(scheduler).push({ x: size, y: Math.max(0, line.offload) }),
    }))
  );
}

/** A crowd that comes at once: what it costs the edge, and how long pieces take. */
function overTime(peers: number, plots: Plot[]): Planned[] {
  const edge = newSeries();
  const hops: { name: string; points: Point[] }[] = [
    { name: "half of them", points: [] },
    { name: "95 % of them", points: [] },
  ];
  plots.push({
    title: "Latency of pieces by hop",
    words:
      "From publication until a piece is checked, by how many peers handed it on since the edge: 0 " +
      "is who injects it. tributary, an audience that stays, no fallback.",
    xLabel: "hops since the edge",
    yLabel: "s after publication",
    series: hops,
  }, {
    title: "Edge bytes over time",
    words:
      "What the edge sends. Nine of ten come within the first five seconds; their first pictures " +
      "are plain HTTP.",
    xLabel: "s since the crowd began to come",
    yLabel: "× the stream's rate",
    series: edge.lines,
  });
  return [
    {
      scenario: steady,
      scheduler: "tributary",
      peers,
      world: { fallback: false },
      note({ world }) {
        world.meter.pieceDelaysMs.forEach((delaysMs, x) => {
          if (delaysMs.length < FEW_PIECES) return;
          hops[0]!.points.push({ x, y: quantile(delaysMs, 0.5) / 1000 });
          hops[1]!.points.push({ x, y: quantile(delaysMs, 0.95) / 1000 });
        });
      },
    },
    ...SCHEDULERS.map((scheduler): Planned => ({
      scenario: flash,
      scheduler,
      peers,
      note({ world: { meter } }) {
        Array.from(meter.edgeBySecond, (bytes = 0, x) => {
          edge.pointsOf(scheduler).push({ x, y: bytes / (DEFAULTS.rate * 1000) });
        });
      },
    })),
  ];
}
