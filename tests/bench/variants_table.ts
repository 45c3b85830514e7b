import type { AudienceLine } from "./audience_line.ts";
import type { VariantLine } from "./turns.ts";

const COLUMNS = [
  "",
  "served",
  "of plain",
  "offload",
  "bound",
  "partners'",
  "links",
  "start",
  "starved",
  "worst",
  "behind",
  "errors",
];

/** Variants for people, without churn and with it. */
export function variantsTable(lines: readonly VariantLine[]): string {
  const { viewers, churnSeconds, calm } = lines[0]!;
  const title = `${viewers} viewers, counted for ${calm.seconds} s`;
  const churned = lines.flatMap(({ variant, churn }) => churn ? [row(variant, churn)] : []);
  return [
    `${title} after all have joined`,
    table([COLUMNS, ...lines.map((line) => row(line.variant, line.calm))]),
    ...(churned.length > 0
      ? [`${title}, one replaced every ${churnSeconds} s`, table([COLUMNS, ...churned])]
      : []),
    "  served: media bytes of the edge; of plain: the same, by what was played;",
    "  partners': share of what pages received; links: partners of a viewer; start: half of those who came;",
    "  starved: without media after the start, all viewers together; worst: of one; behind: live, half of them",
  ].join("\n");
}

function row(name: string, line: AudienceLine): readonly string[] {
  return [
    name,
    `${(line.edgeBytes / 1e6).toFixed(1)} MB`,
    (line.edgeBytes / line.playedBytes).toFixed(3),
    line.offload.toFixed(3),
    line.bound.toFixed(3),
    line.fromPartners.toFixed(3),
    line.partners.toFixed(1),
    `${line.startMsP50} ms`,
    `${line.starvedMs} ms`,
    `${line.starvedMsMax} ms`,
    `${(line.behindMsP50 / 1000).toFixed(1)} s`,
    `${line.errors}`,
  ];
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    "  " + row.map((cell, at) => at === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[at]!))
      .join("  ")
  ).join("\n");
}
