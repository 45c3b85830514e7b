import { linePlot, type Plot, text } from "./line_plot.ts";

/** One HTML page that needs nothing else: no script, no font, no network. */
export function reportPage(title: string, words: string, plots: readonly Plot[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${text(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<header><h1>${text(title)}</h1><p>${text(words)}</p></header>
<main>
${plots.map(linePlot).join("\n")}
</main>
</body>
</html>
`;
}

const STYLE = `
:root {
  --paper: #f6f8f8; --card: #ffffff; --ink: #14232b; --soft: #5a6b74; --rule: #dfe6e8;
  --first: #0069a8; --second: #c2510a; --third: #00805c;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #0b1418; --card: #121f25; --ink: #e6eef0; --soft: #93a5ad; --rule: #24353d;
    --first: #5bb5f0; --second: #f2a25c; --third: #52d1a4;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 84rem; padding: 2rem 1.25rem 4rem; background: var(--paper);
  color: var(--ink); font: 16px/1.5 system-ui, sans-serif;
}
h1 { margin: 0; font-size: 1.7rem; letter-spacing: -0.01em; }
header p { margin: 0.35rem 0 1.75rem; color: var(--soft); max-width: 60rem; }
main { display: grid; gap: 1.25rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 30rem), 1fr)); }
figure {
  margin: 0; padding: 1.25rem; background: var(--card); border: 1px solid var(--rule);
  border-radius: 12px;
}
h2 { margin: 0; font-size: 1.1rem; }
figcaption p { margin: 0.25rem 0 0.75rem; color: var(--soft); font-size: 0.92rem; }
svg { display: block; width: 100%; height: auto; }
svg text { fill: var(--soft); font-size: 13px; font-variant-numeric: tabular-nums; }
@media (max-width: 34rem) {
  svg text { font-size: 20px; }
  figure { padding: 1rem 0.75rem; }
}
.grid { stroke: var(--rule); }
.axis { stroke: var(--soft); }
.line { fill: none; stroke: currentColor; stroke-width: 2.25; stroke-linejoin: round; }
circle { fill: currentColor; stroke: var(--card); stroke-width: 1.5; }
.series0 { color: var(--first); }
.series1 { color: var(--second); }
.series2 { color: var(--third); }
.bound { color: var(--soft); }
.bound .line { stroke-dasharray: 5 5; stroke-width: 1.5; }
.legend { display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; margin: 0.5rem 0 0; padding: 0; list-style: none; font-size: 0.9rem; }
.legend li::before {
  content: ""; display: inline-block; width: 1.4em; margin-right: 0.5em; vertical-align: middle;
  border-top: 3px solid currentColor;
}
.legend .bound::before { border-top-style: dashed; }
details { margin-top: 0.75rem; font-size: 0.9rem; }
summary { cursor: pointer; color: var(--soft); }
table { width: 100%; margin-top: 0.5rem; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 0.2rem 0.4rem; border-bottom: 1px solid var(--rule); text-align: right; }
th { color: var(--soft); font-weight: 600; }
`;
