import uPlot from "uplot";
import { formatRate } from "./format.ts";
import { type RatePoint, SPAN_MS } from "./history.ts";
import { rateTicks } from "./rate_ticks.ts";

export interface Chart {
  /** Draws the two minutes before `nowMs`, of the clock of the points. */
  draw(points: readonly RatePoint[], nowMs: number): void;
  destroy(): void;
}

const SPAN_S = SPAN_MS / 1000;
/** The least that the upright axis spans, bytes/s: 500 kbit/s. */
const LEAST_TOP = 62_500;
const FONT = "12px system-ui, -apple-system, 'Segoe UI', Roboto, Arial, sans-serif";

/**
 * Stacked areas of what came from peers, cache and edge, and a line of what was uploaded. Takes its
 * colours from the custom properties of `parent` and follows its size.
 */
export function createChart(parent: HTMLElement): Chart {
  const colour = (name: string) => () => getComputedStyle(parent).getPropertyValue(name).trim();
  const curve = uPlot.paths.spline?.();
  const smooth = curve ? { paths: curve } : {};
  const area = (name: string): uPlot.Series => ({
    ...smooth,
    fill: colour(name),
    // A seam in the ground's colour, so that areas are told apart without their hues.
    stroke: colour("--surface"),
    width: 1.5,
    points: { show: false },
  });
  const plot = new uPlot(
    {
      ...sizeOf(parent),
      padding: [8, 16, 0, 0],
      cursor: { show: false },
      legend: { show: false },
      scales: {
        x: { time: false, range: () => [-SPAN_S, 0] },
        y: { range: (_plot, _min, max) => [0, Math.max(LEAST_TOP, max * 1.08)] },
      },
      axes: [
        {
          splits: () => [-SPAN_S, -SPAN_S / 2, 0],
          values: (_plot, ticks) => ticks.map(secondsAgo),
          stroke: colour("--soft"),
          font: FONT,
          size: 24,
          gap: 4,
          grid: { show: false },
          ticks: { show: false },
        },
        {
          splits: (plot) => rateTicks(plot.scales["y"]?.max ?? LEAST_TOP),
          values: (_plot, ticks) => ticks.map((tick) => tick === 0 ? "" : formatRate(tick)),
          stroke: colour("--soft"),
          font: FONT,
          size: 72,
          gap: 6,
          grid: { stroke: colour("--line"), width: 1 },
          ticks: { show: false },
        },
      ],
      // The tallest stack first: each next one covers the lower part of it.
      series: [
        {},
        area("--edge"),
        area("--cache"),
        area("--peers"),
        {
          ...smooth,
          stroke: colour("--uploaded"),
          width: 2.5,
          dash: [4, 4],
          points: { show: false },
        },
      ],
    },
    [[], [], [], [], []],
    parent,
  );
  const resizes = new ResizeObserver(() => plot.setSize(sizeOf(parent)));
  resizes.observe(parent);
  return {
    draw(points, nowMs) {
      plot.setData([
        points.map((point) => (point.atMs - nowMs) / 1000),
        points.map((point) => point.peers + point.cache + point.edge),
        points.map((point) => point.peers + point.cache),
        points.map((point) => point.peers),
        points.map((point) => point.uploaded),
      ]);
    },
    destroy() {
      resizes.disconnect();
      plot.destroy();
    },
  };
}

function secondsAgo(x: number): string {
  return x === 0 ? "now" : `${-x / 60} min ago`;
}

function sizeOf(parent: HTMLElement): { width: number; height: number } {
  return { width: Math.max(1, parent.clientWidth), height: Math.max(1, parent.clientHeight) };
}
