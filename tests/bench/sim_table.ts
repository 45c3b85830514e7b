import type { ReportLine } from "../sim/report_line.ts";

const MEGABYTE = 1e6;

/** A run for people: what was measured, and in a few words what it is. */
export function simTable(line: ReportLine): string {
  const rows: [string, string, string][] = [
    ["continuity", ratio(line.continuity), "pieces there when due, with the edge's fallback"],
    ["mesh continuity", ratio(line.meshContinuity), "the same without it"],
    ["stalled segments", `${line.stalledSegments}`, "something of them was not there in time"],
    ["offload", percent(line.offload), "of what was played did not come from the edge"],
    ["edge", `${megabytes(line.edgeBytes)}`, `${line.edgeCopies} copies of what was published`],
    ["injected copies", `${line.injectedCopies}`, "of them, given to peers to spread"],
    ["fallback", percent(line.fallbackShare), "of what was played, in place of partners"],
    [
      "control",
      percent(line.controlOverhead),
      `of the media; ${percent(line.wireOverhead)} on the wire`,
    ],
    ["duplicates", percent(line.duplicateShare), "of what partners sent"],
    [
      "start",
      milliseconds(line.startupMsP50),
      `half of those who came; 95 %: ${milliseconds(line.startupMsP95)}`,
    ],
    ["edge for a join", known(line.edgeSegmentsPerJoin), "segments, in the first 20 s"],
    [
      "pieces",
      milliseconds(line.pieceDelayMsP50),
      `half of them, after publication; 95 %: ${milliseconds(line.pieceDelayMsP95)}`,
    ],
    ["supply / demand", `${line.supplyOverDemand}`, "uplinks below their cap, by what is watched"],
    ["partners", `${line.partners}`, "of a viewer at the end"],
    ["bad pieces", `${line.badPlayed}`, `played; ${line.badPassedOn} passed on`],
    ...Object.entries(line.other).map(([name, value]): [string, string, string] => [
      name,
      `${value}`,
      `in ${line.scenario}`,
    ]),
  ];
  const { scenario, scheduler, peers, seconds, seed, wallSeconds } = line;
  const title =
    `${scenario}: ${peers} peers, ${seconds} s, seed ${seed}, ${scheduler} (took ${wallSeconds} s)`;
  const width = Math.max(...rows.map(([name]) => name.length));
  const body = rows.map(([name, value, words]) =>
    `  ${name.padEnd(width)}  ${value.padStart(10)}  ${words}`
  );
  return [title, ...body].join("\n");
}

function ratio(value: number | null): string {
  return value === null ? "–" : value.toFixed(5);
}

function percent(value: number): string {
  return `${(value * 100).toFixed(2)} %`;
}

function megabytes(bytes: number): string {
  return `${(bytes / MEGABYTE).toFixed(1)} MB`;
}

function milliseconds(value: number | null): string {
  return value === null ? "–" : `${value} ms`;
}

function known(value: number | null): string {
  return value === null ? "–" : `${value}`;
}
