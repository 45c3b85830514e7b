import { html } from "hono/html";
import type { Picture } from "./channels/picture.ts";

/** 16:9, in the units of the drawing. */
const WIDTH = 1280;
const HEIGHT = 720;
const LONGEST = 28;

/** A picture for a channel that has none: its title on a gradient that is always the same for a name. */
export function drawPoster({ name, title }: { name: string; title: string }): Picture {
  const hue = hueOf(name);
  const line = title.length > LONGEST ? `${title.slice(0, LONGEST - 1)}…` : title;
  const size = Math.round(Math.min(120, (WIDTH * 1.4) / Math.max(line.length, 8)));
  const svg = String(html`
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img">
      <title>${title}</title>
      <defs>
        <linearGradient id="sky" x1="0" y1="0" x2="1" y2="1">
          <stop offset="0" stop-color="hsl(${hue} 62% 38%)" />
          <stop offset="1" stop-color="hsl(${(hue + 55) % 360} 70% 16%)" />
        </linearGradient>
      </defs>
      <rect width="${WIDTH}" height="${HEIGHT}" fill="url(#sky)" />
      <g fill="none" stroke="#fff" stroke-opacity=".13" stroke-width="3">
        <path d="M-40 620C240 470 400 700 660 560S1080 380 1320 500" />
        <path d="M-40 560C260 400 420 640 680 490S1100 300 1320 420" />
        <path d="M-40 680C220 550 380 750 640 630S1060 460 1320 580" />
      </g>
      <text x="80" y="${HEIGHT / 2}" font-family="system-ui, sans-serif" font-size="${size}"
        font-weight="650" fill="#fff" dominant-baseline="middle">${line}</text>
    </svg>
  `);
  return { type: "image/svg+xml", bytes: new TextEncoder().encode(svg) };
}

/** FNV-1a over the name, as an angle. */
function hueOf(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return hash % 360;
}
