/** Plots as SVG. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { linePlot, type Plot, ticks } from "./line_plot.ts";

const plot = (change: Partial<Plot> = {}): Plot => ({
  title: "A < B",
  words: "words",
  xLabel: "x",
  yLabel: "y",
  maxY: 1,
  series: [{ name: "one", points: [{ x: 10, y: 1 }, { x: 0, y: 0 }, { x: 5, y: 0.5 }] }],
  ...change,
});

Deno.test("ticks are round numbers within the range", () => {
  assertEquals(ticks(0, 1).map((tick) => Number(tick.toFixed(9))), [0, 0.2, 0.4, 0.6, 0.8, 1]);
  assertEquals(ticks(0, 300), [0, 50, 100, 150, 200, 250, 300]);
  assertEquals(ticks(3, 3), [3]);
});

Deno.test("a line goes from left to right, whatever the order of its points, and upward with y", () => {
  const path = /class="line" d="M([^"]+)"/.exec(linePlot(plot()))![1]!;
  const points = path.split("L").map((point) => point.split(" ").map(Number));
  const [xs, ys] = [points.map(([x]) => x!), points.map(([, y]) => y!)];
  assertEquals(points.length, 3);
  assertEquals(xs, [...xs].sort((a, b) => a - b));
  assertEquals(ys, [...ys].sort((a, b) => b - a));
});

Deno.test("each step of a logarithmic axis is a factor", () => {
  const points = [1, 10, 100].map((x) => ({ x, y: 1 }));
  const html = linePlot(plot({ logX: true, series: [{ name: "one", points }] }));
  const xs = [...html.matchAll(/<circle cx="([\d.]+)"/g)].map((match) => Number(match[1]));
  assert(Math.abs((xs[1]! - xs[0]!) - (xs[2]! - xs[1]!)) < 0.2, `${xs}`);
});

Deno.test("words are text, and the numbers stand below", () => {
  const html = linePlot(plot());
  assertStringIncludes(html, "<h2>A &lt; B</h2>");
  assertStringIncludes(html, "<tr><td>5</td><td>0.5</td></tr>");
});

Deno.test("the axes begin at zero, and what is counted has no tick between whole numbers", () => {
  const points = [1, 2, 3, 4].map((x) => ({ x, y: x }));
  const html = linePlot(plot({ maxY: 4, series: [{ name: "hops", points }] }));
  const ticks = [...html.matchAll(/text-anchor="middle">([\d.]+)<\/text>/g)].map((match) =>
    match[1]
  );
  assertEquals(ticks, ["0", "1", "2", "3", "4"]);
});
