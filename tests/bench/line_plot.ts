/** Plots as SVG that takes its colours from the page: pure, from numbers to text. */

export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
  /** A bound, drawn beside what was measured. */
  readonly isBound?: boolean;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Plot {
  readonly title: string;
  readonly words: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly series: readonly Series[];
  /** Each step to the right is a factor. */
  readonly logX?: boolean;
  /** Top of the vertical axis; by default what the numbers need. */
  readonly maxY?: number;
}

const WIDTH = 640;
const HEIGHT = 340;
const MARGIN = { left: 76, right: 20, top: 14, bottom: 56 };
const WANTED_TICKS = 6;

/** A figure with the plot, its legend and the numbers behind it. */
export function linePlot(plot: Plot): string {
  const { title, words, xLabel, yLabel } = plot;
  const series = plot.series.map((one) => ({
    ...one,
    points: [...one.points].sort((a, b) => a.x - b.x),
  }));
  const points = series.flatMap((one) => one.points);
  const xs = points.map(({ x }) => x);
  // A logarithm has no zero.
  const minX = plot.logX ? Math.min(...xs) : Math.min(0, ...xs);
  const maxX = Math.max(...xs);
  const maxY = plot.maxY ?? Math.max(1e-9, ...points.map(({ y }) => y));
  const along = plot.logX ? Math.log : (x: number) => x;
  const spanX = along(maxX) - along(minX) || 1;
  const toX = (x: number) =>
    MARGIN.left + ((along(x) - along(minX)) / spanX) * (WIDTH - MARGIN.left - MARGIN.right);
  const toY = (y: number) =>
    HEIGHT - MARGIN.bottom - (y / maxY) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const xTicks = plot.logX ? [...new Set(xs)].sort((a, b) => a - b) : ticks(minX, maxX)
    .filter((tick) => Number.isInteger(tick) || !xs.every(Number.isInteger));
  const right = WIDTH - MARGIN.right;
  const bottom = HEIGHT - MARGIN.bottom;
  const grid = [
    ...ticks(0, maxY).map((y) =>
      `<path class="grid" d="M${MARGIN.left} ${at(toY(y))}H${right}"/>` +
      `<text x="${MARGIN.left - 8}" y="${
        at(toY(y))
      }" dominant-baseline="central" text-anchor="end">${label(y)}</text>`
    ),
    ...xTicks.map((x) =>
      `<text x="${at(toX(x))}" y="${bottom + 22}" text-anchor="middle">${label(x)}</text>`
    ),
    `<path class="axis" d="M${MARGIN.left} ${bottom}H${right}"/>`,
    `<text x="${(MARGIN.left + right) / 2}" y="${HEIGHT - 8}" text-anchor="middle">${
      text(xLabel)
    }</text>`,
    `<text transform="translate(18 ${(MARGIN.top + bottom) / 2}) rotate(-90)" ` +
    `text-anchor="middle">${text(yLabel)}</text>`,
  ];
  const lines = series.map(({ points, isBound, name }, index) => {
    const path = points.map(({ x, y }) => `${at(toX(x))} ${at(toY(y))}`).join("L");
    const line = `<path class="line" d="M${path}"/>`;
    const dots = isBound || points.length > MANY_POINTS
      ? ""
      : points.map(({ x, y }) =>
        `<circle cx="${at(toX(x))}" cy="${at(toY(y))}" r="3.5">` +
        `<title>${text(name)}: ${label(x)} → ${label(y)}</title></circle>`
      ).join("");
    return `<g class="${classOf(index, isBound)}">${line}${dots}</g>`;
  });
  const legend = series.map(({ name, isBound }, index) =>
    `<li class="${classOf(index, isBound)}">${text(name)}</li>`
  );
  return `<figure>
<figcaption><h2>${text(title)}</h2><p>${text(words)}</p></figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${text(title)}">
${[...grid, ...lines].join("\n")}
</svg>
<ul class="legend">${legend.join("")}</ul>
${table(plot)}
</figure>`;
}

/** A line of more points than this is drawn without dots. */
const MANY_POINTS = 40;

function classOf(index: number, isBound = false): string {
  return isBound ? "bound" : `series${index}`;
}

function table({ series, xLabel }: Plot): string {
  const xs = [...new Set(series.flatMap(({ points }) => points.map(({ x }) => x)))]
    .sort((a, b) => a - b);
  const head = [xLabel, ...series.map(({ name }) => name)].map((name) => `<th>${text(name)}</th>`);
  const rows = xs.map((x) => {
    const cells = series.map(({ points }) => {
      const point = points.find((one) => one.x === x);
      return `<td>${point ? label(point.y) : ""}</td>`;
    });
    return `<tr><td>${label(x)}</td>${cells.join("")}</tr>`;
  });
  return `<details><summary>The numbers</summary><table><tr>${head.join("")}</tr>
${rows.join("\n")}</table></details>`;
}

/** Round numbers between two values. */
export function ticks(from: number, to: number): number[] {
  if (!(to > from)) return [from];
  const rough = (to - from) / WANTED_TICKS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough)!;
  const first = Math.ceil(from / step);
  const count = Math.floor(to / step + 1e-9) - first + 1;
  return Array.from({ length: count }, (_, index) => (first + index) * step);
}

function label(value: number): string {
  return `${Number(value.toFixed(Math.abs(value) >= 100 ? 0 : 4))}`;
}

function at(value: number): string {
  return value.toFixed(1);
}

/** Text as it may stand in HTML. */
export function text(words: string): string {
  return words.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
