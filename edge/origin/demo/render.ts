/**
 * Renders the demo channel's clip: `clip.mp4` and `poster.jpg`, next to this file.
 *
 *     deno run -A edge/origin/demo/render.ts
 *     deno run -A edge/origin/demo/render.ts --stills /some/folder 0 150 300 599
 *
 * Run it by hand, and only to change the clip: the two files it makes are checked in. It needs
 * Chromium or Chrome (found on PATH, or named by CHROME_PATH) and ffmpeg 5 or newer with libx264,
 * and takes a few minutes. The second form only writes some frames as PNG files, to look at.
 *
 * The clip is a loop of exactly 24 s: 600 video frames at 25 fps and 1125 AAC frames of 1024
 * samples at 48 kHz. Every motion in the picture and every sound has a period that divides 24 s, so
 * the last frame joins the first like any other pair, and the file may be repeated for ever.
 *
 * The file is fragmented: 12 fragments (moof + mdat) of 2 s of video, each starting with an IDR
 * frame, each with the audio frames that start within those 2 s (93 or 94). Track 1 is H.264
 * without B-frames, track 2 is AAC-LC. Both start at decode time 0 and neither has an edit list.
 *
 * Two things in the picture tell the frame number n (0..599), which is the time n / 25 s:
 *
 *  - for people: the clock in the lower right corner, "SS.cc" from 00.00 to 23.96, with a dial of
 *    24 ticks and a hand which goes round once per loop;
 *  - for machines: ten cells along the bottom edge, n in binary, most significant bit first. Cell
 *    i (0..9) is the square of 12 x 12 pixels with its top left corner at x = 16 + 14 * i,
 *    y = 340; #e8e8e8 is 1 and #101010 is 0. Read the luma at the cell's centre,
 *    (22 + 14 * i, 346), and call it 1 above 128.
 */
import { chromium } from "playwright-core";

const FPS = 25;
const FRAMES = 600;
const GOP = 50;
const RATE = 48000;
const SAMPLES = 24 * RATE;
const AAC_FRAME = 1024;
const AAC_FRAMES = SAMPLES / AAC_FRAME;
const VIDEO_KBITS = 540;
const AUDIO_KBITS = 64;
const POSTER_FRAME = 430;

// ---------------------------------------------------------------------------------------------
// The picture. This function runs in the page, so everything it uses must be inside it.

function scene(): (frame: number, clean: boolean) => string {
  const W = 640, H = 360, SCALE = 2, TAU = Math.PI * 2;

  const make = (w: number, h: number, scale: number) => {
    const canvas = document.createElement("canvas");
    canvas.width = w * scale;
    canvas.height = h * scale;
    const g = canvas.getContext("2d")!;
    g.scale(scale, scale);
    return { canvas, g };
  };
  const big = make(W, H, SCALE);
  const soft = make(W, H, 1);
  const out = make(W, H, 1);

  // A small deterministic random number generator (mulberry32).
  let seed = 20;
  const random = () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let x = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
    return ((x ^ (x >>> 14)) >>> 0) / 4294967296;
  };
  const clamp = (x: number) => Math.min(1, Math.max(0, x));
  const mix = (a: number, b: number, t: number) => a + (b - a) * t;
  const smooth = (t: number) => {
    const x = clamp(t);
    return x * x * x * (x * (6 * x - 15) + 10);
  };
  type Rgb = readonly [number, number, number];
  const rgba = ([r, g, b]: Rgb, a: number) => `rgba(${r | 0},${g | 0},${b | 0},${a})`;
  const blend = (a: Rgb, b: Rgb, t: number): Rgb => [
    mix(a[0], b[0], t),
    mix(a[1], b[1], t),
    mix(a[2], b[2], t),
  ];

  const HORIZON = 142;
  const AMBER: Rgb = [255, 190, 112];
  const CORAL: Rgb = [246, 140, 112];
  const AQUA: Rgb = [112, 226, 212];
  const AZURE: Rgb = [96, 172, 240];
  const LILAC: Rgb = [168, 150, 232];
  const GOLD: Rgb = [255, 214, 132];
  const PALE: Rgb = [206, 244, 236];

  // The ground: u runs from the sources (0) to the lower edge (1); `near` is the perspective scale
  // there, and y the line of the picture.
  const FAR = 0.035;
  const near = (u: number) => Math.pow(FAR, 1 - u);
  const lineOf = (u: number) => HORIZON + (H - HORIZON) * near(u);

  // The river's centre line through these points (Catmull-Rom over u).
  const BENDS = [388, 372, 352, 368, 418, 402, 306, 268, 320, 400];
  const river = (u: number) => {
    const p = clamp(u / 1.1) * (BENDS.length - 3) + 1;
    const i = Math.min(BENDS.length - 3, Math.floor(p));
    const t = p - i;
    const [a, b, c, d] = [BENDS[i - 1]!, BENDS[i]!, BENDS[i + 1]!, BENDS[i + 2]!];
    return 0.5 *
      (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t +
        (3 * b - a - 3 * c + d) * t * t * t);
  };

  // Tributaries from the left bank to the right one: where each one rises (x, u), where it has
  // joined the river (u), its hue, and of how many strands it consists.
  const tributaries: [number, number, number, Rgb, number][] = [
    [-60, 0.56, 1.02, LILAC, 4],
    [-40, 0.34, 0.9, AZURE, 4],
    [70, 0.14, 0.76, AQUA, 4],
    [190, 0.06, 0.58, CORAL, 4],
    [292, 0.02, 0.4, AMBER, 3],
    [384, 0.0, 0.1, AMBER, 4],
    [470, 0.02, 0.46, CORAL, 3],
    [560, 0.07, 0.64, AMBER, 4],
    [650, 0.18, 0.8, AZURE, 4],
    [690, 0.38, 0.94, AQUA, 4],
    [710, 0.6, 1.04, LILAC, 4],
  ];

  const strands = tributaries.flatMap(([x, from, to, hue, count], k) =>
    Array.from({ length: count }, (_, j) => ({
      x,
      from,
      to: to + 0.02 * (random() - 0.5),
      hue,
      order: k + (j + 0.5) / count,
      lane: (j - (count - 1) / 2) * 1.5,
      wave: 1.6 + 1.6 * random(),
      phase: TAU * random(),
      turns: random() < 0.5 ? 1 : 2,
      size: 0.6 + 0.7 * random(),
      bright: 0.55 + 0.45 * random(),
    }))
  );
  type Strand = typeof strands[number];
  const BANKS = tributaries.length;
  const HALF_WIDTH = 128;

  const place = (s: Strand, u: number, t: number) => {
    const n = near(u);
    const own = smooth((u - s.from) / (s.to - s.from));
    const bank = (s.order / BANKS) * 2 - 1;
    const braid = 11 * Math.sin(TAU * (s.wave * u * 1.6) + s.phase - TAU * s.turns * t);
    const slot = river(u) + n * (bank * HALF_WIDTH + braid);
    const source = s.x + n * (s.lane * 9 + 0.6 * braid) +
      16 * Math.sin(TAU * 2.1 * (u - s.from) + s.x) * smooth((u - s.from) * 5);
    return mix(source, slot, own);
  };

  // Lights which travel down the strands, each a whole number of times per loop.
  const lights = strands.flatMap((s) =>
    Array.from({ length: 3 }, (_, j) => ({
      s,
      start: (j + 0.8 * random()) / 3,
      speed: s.turns + 1,
      size: 0.6 + 0.8 * random(),
    }))
  );

  const stars = Array.from({ length: 46 }, () => ({
    x: random() * W,
    y: 6 + 88 * Math.pow(random(), 1.3),
    r: 0.5 + 0.75 * random() * random(),
    a: 0.35 + 0.55 * random(),
    k: 2 + Math.floor(5 * random()),
    p: TAU * random(),
  }));

  const flies = Array.from({ length: 16 }, (_, i) => ({
    x: i % 2 ? 20 + 150 * random() : W - 20 - 180 * random(),
    y: 236 + 86 * random(),
    ax: 8 + 22 * random(),
    ay: 5 + 12 * random(),
    kx: 1 + Math.floor(2 * random()),
    ky: 1 + Math.floor(3 * random()),
    kb: 3 + Math.floor(4 * random()),
    p: TAU * random(),
    q: TAU * random(),
    r: 1 + 0.7 * random(),
  }));

  const mists = Array.from({ length: 14 }, (_, i) => ({
    x: W * (i * 0.382 % 1),
    y: HORIZON - 20 + 44 * random(),
    w: 120 + 130 * random(),
    h: 7 + 9 * random(),
    drift: 60 + 60 * random(),
    start: i * 0.618 % 1,
    a: 0.1 + 0.1 * random(),
  }));

  const clouds = Array.from({ length: 9 }, (_, i) => ({
    x: W * (0.1 + 0.9 * (i * 0.618 % 1)),
    y: 62 + 54 * (i * 0.382 % 1),
    w: 110 + 120 * random(),
    h: 3 + 4 * random(),
    drift: 40 + 30 * random(),
    start: i * 0.271 % 1,
  }));

  const hills = [
    { y: 118, a: 15, f: [0.9, 2.3, 5.1], p: 0.6, c: [150, 104, 104], c2: [226, 158, 112], m: 1 },
    { y: 127, a: 15, f: [1.3, 3.1, 6.7], p: 2.9, c: [86, 84, 104], c2: [190, 138, 116], m: 1.8 },
    { y: 136, a: 13, f: [1.1, 2.7, 7.3], p: 4.4, c: [36, 66, 84], c2: [108, 110, 112], m: 2.6 },
  ].map((h) => ({ ...h, c: h.c as unknown as Rgb, c2: h.c2 as unknown as Rgb }));

  const reeds = Array.from({ length: 54 }, (_, i) => {
    const left = i % 2 === 0;
    const e = Math.pow(random(), 1.5) * (left ? 128 : 150);
    return {
      x: left ? e - 6 : W + 6 - e,
      h: (34 + 84 * random()) * (1 - e / 190),
      lean: (left ? 1 : -1) * (4 + 12 * random()),
      w: 1 + 1.3 * random(),
      p: TAU * random(),
      k: random() < 0.6 ? 2 : 3,
      head: random() < 0.3,
    };
  });

  const blob = (
    g: CanvasRenderingContext2D,
    x: number,
    y: number,
    rx: number,
    ry: number,
    c: Rgb,
    a: number,
  ) => {
    if (a <= 0.002) return;
    g.save();
    g.translate(x, y);
    g.scale(rx, ry);
    const f = g.createRadialGradient(0, 0, 0, 0, 0, 1);
    for (let i = 0; i <= 8; i++) f.addColorStop(i / 8, rgba(c, a * Math.pow(1 - i / 8, 2)));
    g.fillStyle = f;
    g.fillRect(-1, -1, 2, 2);
    g.restore();
  };

  const sky = (g: CanvasRenderingContext2D, t: number, sway: number) => {
    const f = g.createLinearGradient(0, 0, 0, HORIZON);
    const stops: [number, Rgb][] = [
      [0, [6, 22, 42]],
      [0.3, [10, 44, 68]],
      [0.55, [34, 82, 100]],
      [0.74, [112, 112, 108]],
      [0.88, [206, 142, 100]],
      [1, [252, 190, 118]],
    ];
    for (const [at, c] of stops) f.addColorStop(at, rgba(c, 1));
    g.fillStyle = f;
    g.fillRect(0, 0, W, HORIZON + 2);
    const breath = 0.5 + 0.5 * Math.sin(TAU * t);
    g.globalCompositeOperation = "screen";
    blob(g, 388 + sway, HORIZON - 12, 330, 96, [255, 190, 110], 0.42 + 0.06 * breath);
    blob(g, 388 + sway, HORIZON - 14, 120, 52, [255, 226, 170], 0.5 + 0.08 * breath);
    g.globalCompositeOperation = "lighter";
    for (const s of stars) {
      const twinkle = 0.62 + 0.38 * Math.sin(TAU * s.k * t + s.p);
      const fade = 1 - smooth((s.y - 30) / 70);
      g.fillStyle = rgba([224, 238, 255], s.a * twinkle * fade);
      g.beginPath();
      g.arc(s.x, s.y, s.r, 0, TAU);
      g.fill();
    }
    // One shooting star per loop.
    const fall = (t - 0.63) * 24 / 1.1;
    if (fall > 0 && fall < 1) {
      const x = 312 - 150 * fall, y = 22 + 40 * fall, a = Math.pow(Math.sin(Math.PI * fall), 2);
      const tail = g.createLinearGradient(x, y, x + 56, y - 15);
      tail.addColorStop(0, rgba([240, 246, 255], 0.9 * a));
      tail.addColorStop(1, rgba([160, 200, 240], 0));
      g.strokeStyle = tail;
      g.lineWidth = 1.2;
      g.lineCap = "round";
      g.beginPath();
      g.moveTo(x, y);
      g.lineTo(x + 56, y - 15);
      g.stroke();
    }
    // A thin moon.
    blob(g, 128, 44, 46, 46, [190, 216, 236], 0.16);
    g.globalCompositeOperation = "source-over";
    g.fillStyle = rgba([240, 240, 226], 0.92);
    g.beginPath();
    g.arc(128, 44, 10, -0.62, Math.PI - 0.62);
    g.quadraticCurveTo(128 + 6.4, 44 + 9, 128 + 10 * Math.cos(0.62), 44 - 10 * Math.sin(0.62));
    g.fill();
    for (const c of clouds) {
      const p = (t + c.start) % 1;
      const a = Math.pow(Math.sin(Math.PI * p), 2);
      const x = c.x + (p - 0.5) * c.drift;
      const warm = smooth((c.y - 60) / 56);
      blob(g, x, c.y, c.w, c.h, blend([92, 128, 146], [255, 196, 140], warm), 0.5 * a);
    }
  };

  const ridge = (g: CanvasRenderingContext2D, h: typeof hills[number], sway: number) => {
    g.beginPath();
    g.moveTo(-20, HORIZON + 30);
    for (let x = -20; x <= W + 20; x += 4) {
      const q = (x + sway * h.m) / W * TAU;
      // The valley opens around x = 388: hills are higher towards the sides.
      const side = Math.pow(Math.min(1, Math.abs(x - 388) / 360), 1.4);
      const [f1, f2, f3] = [h.f[0]!, h.f[1]!, h.f[2]!];
      const wave = 0.55 * Math.sin(f1 * q + h.p) + 0.32 * Math.sin(f2 * q + 2 * h.p) +
        0.13 * Math.sin(f3 * q + 3 * h.p);
      g.lineTo(x, h.y - h.a * (wave * (0.35 + 0.65 * side) + side * 1.5 - 0.35));
    }
    g.lineTo(W + 20, HORIZON + 30);
    g.closePath();
    const f = g.createLinearGradient(0, h.y - h.a * 2.2, 0, HORIZON + 6);
    f.addColorStop(0, rgba(h.c, 1));
    f.addColorStop(1, rgba(h.c2, 1));
    g.fillStyle = f;
    g.fill();
  };

  const ground = (g: CanvasRenderingContext2D, sway: number) => {
    const f = g.createLinearGradient(0, HORIZON - 4, 0, H);
    const stops: [number, Rgb, number][] = [
      [0, [128, 116, 110], 0],
      [0.03, [112, 108, 106], 1],
      [0.12, [52, 82, 92], 1],
      [0.3, [20, 52, 66], 1],
      [0.62, [9, 32, 46], 1],
      [1, [5, 20, 32], 1],
    ];
    for (const [at, c, a] of stops) f.addColorStop(at, rgba(c, a));
    g.fillStyle = f;
    g.fillRect(0, HORIZON - 4, W, H - HORIZON + 4);
    g.globalCompositeOperation = "screen";
    blob(g, 388 + sway, HORIZON + 4, 300, 44, [255, 190, 120], 0.34);
    g.globalCompositeOperation = "source-over";
  };

  const STEPS = 72;
  const END = 1.03;
  const strokes = (t: number, sway: number) => {
    soft.g.globalCompositeOperation = "source-over";
    soft.g.fillStyle = "#000";
    soft.g.fillRect(0, 0, W, H);
    soft.g.globalCompositeOperation = "lighter";
    big.g.globalCompositeOperation = "lighter";
    const shift = (u: number) => sway * (1 + 7 * near(u));
    for (const s of strands) {
      const xs: number[] = [], ys: number[] = [], ws: number[] = [];
      for (let i = 0; i <= STEPS; i++) {
        const u = mix(s.from, END, i / STEPS);
        const grow = smooth((u - s.from) / 0.22);
        xs.push(place(s, u, t) + shift(u));
        ys.push(lineOf(u));
        ws.push((0.35 + 3.2 * near(u)) * s.size * (0.25 + 0.75 * grow));
      }
      // Ribbons have a width across their own direction, so that flat runs do not get thin.
      const ribbon = (g: CanvasRenderingContext2D, k: number, extra: number) => {
        const l: [number, number][] = [], r: [number, number][] = [];
        for (let i = 0; i <= STEPS; i++) {
          const a = Math.max(0, i - 1), b = Math.min(STEPS, i + 1);
          let dx = xs[b]! - xs[a]!, dy = ys[b]! - ys[a]!;
          const d = Math.hypot(dx, dy) || 1;
          dx /= d;
          dy /= d;
          const w = (ws[i]! * k + extra) / 2;
          // Seen at a flat angle, what runs across the view is foreshortened.
          const flat = 0.45 + 0.55 * Math.abs(dy);
          l.push([xs[i]! + dy * w * flat, ys[i]! - dx * w * flat]);
          r.push([xs[i]! - dy * w * flat, ys[i]! + dx * w * flat]);
        }
        g.beginPath();
        for (const [x, y] of l) g.lineTo(x, y);
        for (const [x, y] of r.reverse()) g.lineTo(x, y);
        g.closePath();
        g.fill();
      };
      const paint = (g: CanvasRenderingContext2D, a: number) => {
        const f = g.createLinearGradient(0, lineOf(s.from), 0, H);
        for (let i = 0; i <= 10; i++) {
          const y = mix(lineOf(s.from), H, i / 10);
          const n = clamp((y - HORIZON) / (H - HORIZON));
          const u = 1 - Math.log(Math.max(FAR, n)) / Math.log(FAR);
          const joined = smooth((u - s.from) / (s.to - s.from));
          const lit = blend(AMBER, s.hue, smooth(n / 0.16));
          const c = blend(lit, s.hue === AMBER ? GOLD : PALE, 0.3 * joined);
          const thick = 1 - (g === soft.g ? 0.3 : 0.36) * joined;
          f.addColorStop(i / 10, rgba(c, a * thick * s.bright * smooth((u - s.from) / 0.12)));
        }
        g.fillStyle = f;
      };
      paint(soft.g, 0.3);
      ribbon(soft.g, 5.5, 1);
      paint(big.g, 0.42);
      ribbon(big.g, 1, 0);
    }
    for (const l of lights) {
      const p = (l.start + l.speed * t) % 1;
      const u = mix(l.s.from, END + 0.03, p);
      const n = near(u);
      const x = place(l.s, u, t) + shift(u), y = lineOf(u);
      const ahead = u + 0.012;
      const dx = place(l.s, ahead, t) + shift(ahead) - x, dy = lineOf(ahead) - y;
      const a = smooth(p / 0.15) * l.s.bright;
      const c = blend(l.s.hue, [255, 244, 220], 0.55);
      for (const [g, k, b] of [[big.g, 1, 0.75], [soft.g, 2.2, 0.5]] as const) {
        g.save();
        g.translate(x, y);
        g.rotate(Math.atan2(dy, dx));
        blob(g, 0, 0, (2 + 24 * n) * l.size * k, (0.9 + 3.4 * n) * l.size * k, c, a * b);
        g.restore();
      }
    }
    for (const [k, [, from, , hue]] of tributaries.entries()) {
      const spring = strands.filter((s) => Math.floor(s.order) === k);
      const x = spring.reduce((sum, s) => sum + place(s, from, t), 0) / spring.length;
      const pulse = 0.75 + 0.25 * Math.sin(TAU * (2 * t + k * 0.382));
      const c = blend(AMBER, hue, smooth(near(from) / 0.16));
      const r = 9 + 60 * near(from);
      blob(soft.g, x + shift(from), lineOf(from), r * 2.4, r, c, 0.5 * pulse);
    }
    big.g.globalCompositeOperation = "screen";
    big.g.filter = "blur(10px)";
    big.g.drawImage(soft.canvas, 0, 0, W, H);
    big.g.filter = "blur(28px)";
    big.g.globalAlpha = 0.6;
    big.g.drawImage(soft.canvas, 0, 0, W, H);
    big.g.globalAlpha = 1;
    big.g.filter = "none";
    big.g.globalCompositeOperation = "source-over";
  };

  const foreground = (g: CanvasRenderingContext2D, t: number, sway: number) => {
    for (const side of [0, 1]) {
      g.save();
      g.translate(side ? W : 0, H);
      g.scale(side ? 210 : 190, 66);
      const f = g.createRadialGradient(0, 0, 0, 0, 0, 1);
      f.addColorStop(0, "rgba(3,12,20,0.95)");
      f.addColorStop(0.5, "rgba(3,12,20,0.7)");
      f.addColorStop(1, "rgba(3,12,20,0)");
      g.fillStyle = f;
      g.fillRect(-1, -1, 2, 1);
      g.restore();
    }
    g.strokeStyle = "#03101a";
    g.fillStyle = "#03101a";
    g.lineCap = "round";
    for (const r of reeds) {
      const x = r.x + sway * 11;
      const bend = r.lean + (2 + r.h * 0.05) * Math.sin(TAU * r.k * t + r.p);
      const tx = x + bend, ty = H + 4 - r.h;
      g.lineWidth = r.w;
      g.beginPath();
      g.moveTo(x, H + 4);
      g.quadraticCurveTo(x + bend * 0.15, H + 4 - r.h * 0.6, tx, ty);
      g.stroke();
      if (r.head) {
        g.save();
        g.translate(tx, ty);
        g.rotate(Math.atan2(bend * 0.85, r.h * 0.4));
        g.beginPath();
        g.ellipse(0, 4, 1.7, 6.5, 0, 0, TAU);
        g.fill();
        g.restore();
      }
    }
    g.globalCompositeOperation = "lighter";
    for (const f of flies) {
      const x = f.x + f.ax * Math.sin(TAU * f.kx * t + f.p) + sway * 9;
      const y = f.y + f.ay * Math.sin(TAU * f.ky * t + f.q);
      const glow = Math.pow(0.5 + 0.5 * Math.sin(TAU * f.kb * t + f.p + f.q), 2);
      blob(g, x, y, 11 * f.r, 11 * f.r, [255, 206, 112], 0.4 * glow);
      blob(g, x, y, 2.6 * f.r, 2.6 * f.r, [255, 240, 190], 0.95 * glow);
    }
    g.globalCompositeOperation = "source-over";
    const v = g.createRadialGradient(W / 2, H * 0.45, 190, W / 2, H * 0.45, 430);
    v.addColorStop(0, "rgba(2,8,16,0)");
    v.addColorStop(1, "rgba(2,8,16,0.5)");
    g.fillStyle = v;
    g.fillRect(0, 0, W, H);
  };

  const SANS = "'Liberation Sans', Arimo, Helvetica, Arial, sans-serif";

  const ident = (g: CanvasRenderingContext2D) => {
    g.save();
    g.translate(W - 112, 22);
    g.strokeStyle = "rgba(240,246,244,0.82)";
    g.lineWidth = 1.3;
    g.lineCap = "round";
    g.beginPath();
    for (const y of [-5, 0, 5]) {
      g.moveTo(0, y);
      g.bezierCurveTo(6, y, 7, 0, 13, 0);
    }
    g.lineTo(17, 0);
    g.stroke();
    g.font = `500 12px ${SANS}`;
    g.letterSpacing = "1.6px";
    g.textAlign = "left";
    g.textBaseline = "middle";
    g.fillStyle = "rgba(240,246,244,0.86)";
    g.fillText("Tributary", 24, 0.5);
    g.restore();
  };

  const clock = (g: CanvasRenderingContext2D, n: number) => {
    const x = W - 124, y = H - 50, w = 110, h = 38;
    g.lineCap = "butt";
    g.fillStyle = "rgba(4,16,26,0.62)";
    g.beginPath();
    g.roundRect(x, y, w, h, 19);
    g.fill();
    const cx = x + 20, cy = y + h / 2, t = n / 600;
    for (let i = 0; i < 24; i++) {
      const a = TAU * i / 24 - Math.PI / 2;
      const r = i % 6 === 0 ? 10 : 11.4;
      const passed = i <= t * 24;
      g.strokeStyle = passed ? "rgba(255,200,128,0.95)" : "rgba(214,232,232,0.4)";
      g.lineWidth = 1.2;
      g.beginPath();
      g.moveTo(cx + r * Math.cos(a), cy + r * Math.sin(a));
      g.lineTo(cx + 13.6 * Math.cos(a), cy + 13.6 * Math.sin(a));
      g.stroke();
    }
    const a = TAU * t - Math.PI / 2;
    g.strokeStyle = "#ffe2b4";
    g.lineWidth = 1.6;
    g.lineCap = "round";
    g.beginPath();
    g.moveTo(cx, cy);
    g.lineTo(cx + 8.4 * Math.cos(a), cy + 8.4 * Math.sin(a));
    g.stroke();
    g.fillStyle = "#ffe2b4";
    g.beginPath();
    g.arc(cx, cy, 1.7, 0, TAU);
    g.fill();
    // Every digit in a cell of its own, so that the figures stand still in any font.
    const cs = String(n % 25 * 4).padStart(2, "0");
    const text = String(Math.floor(n / 25)).padStart(2, "0") + "." + cs;
    g.font = `500 19px ${SANS}`;
    g.textAlign = "center";
    g.textBaseline = "alphabetic";
    const at = [48, 59.5, 68.5, 77.5, 89];
    for (let i = 0; i < 5; i++) {
      g.fillStyle = i < 2 ? "rgba(246,250,248,0.96)" : "rgba(190,222,222,0.92)";
      g.fillText(text[i]!, x + at[i]!, cy + 6.8);
    }
  };

  const cells = (g: CanvasRenderingContext2D, n: number) => {
    g.fillStyle = "#0a1218";
    g.beginPath();
    g.roundRect(12, 336, 146, 20, 4);
    g.fill();
    for (let i = 0; i < 10; i++) {
      g.fillStyle = (n >> (9 - i)) & 1 ? "#e8e8e8" : "#101010";
      g.fillRect(16 + 14 * i, 340, 12, 12);
    }
  };

  return (n, clean) => {
    const t = n / 600;
    const sway = Math.sin(TAU * t);
    const g = big.g;
    sky(g, t, sway);
    for (const [i, h] of hills.entries()) {
      ridge(g, h, sway);
      for (const [j, m] of mists.entries()) {
        if (j % 3 !== i) continue;
        const p = (t + m.start) % 1;
        const a = m.a * Math.pow(Math.sin(Math.PI * p), 2);
        const warm = 1 - Math.min(1, Math.abs(m.x - 388) / 330);
        const c = blend([140, 158, 166], [255, 208, 156], warm);
        blob(g, m.x + (p - 0.5) * m.drift + sway * 2, m.y, m.w, m.h, c, 2.4 * a);
      }
    }
    ground(g, sway);
    strokes(t, sway);
    foreground(g, t, sway);
    out.g.imageSmoothingQuality = "high";
    out.g.drawImage(big.canvas, 0, 0, W, H);
    ident(out.g);
    if (!clean) {
      clock(out.g, n);
      cells(out.g, n);
    }
    return out.canvas.toDataURL("image/png").slice("data:image/png;base64,".length);
  };
}

/** Calls `use` with a function that gives one frame as a PNG file (`clean`: without the clocks). */
async function withScene(
  use: (frame: (n: number, clean?: boolean) => Promise<Uint8Array>) => Promise<void>,
) {
  const browser = await chromium.launch({ executablePath: findChrome(), args: ["--no-sandbox"] });
  try {
    const page = await browser.newPage();
    await page.evaluate(`globalThis.draw = (${scene.toString()})()`);
    await use(async (n, clean = false) => {
      const base64 = await page.evaluate(`draw(${n}, ${clean})`) as string;
      return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    });
  } finally {
    await browser.close();
  }
}

function findChrome(): string {
  const named = Deno.env.get("CHROME_PATH");
  if (named) return named;
  for (const name of ["chromium", "chromium-browser", "google-chrome", "chrome"]) {
    for (const dir of (Deno.env.get("PATH") ?? "").split(":")) {
      try {
        if (Deno.statSync(`${dir}/${name}`).isFile) return `${dir}/${name}`;
      } catch {
        // not in this folder
      }
    }
  }
  throw new Error("no Chromium found on PATH; set CHROME_PATH");
}

// ---------------------------------------------------------------------------------------------
// The sound: a pad of four chords, a drop every two seconds, and the water. One loop, stereo.

function sound(): [Float32Array, Float32Array] {
  const TAU = Math.PI * 2;
  const left = new Float32Array(SAMPLES), right = new Float32Array(SAMPLES);
  /** The nearest frequency with a whole number of periods in the loop. */
  const whole = (hz: number) => Math.round(hz * 24) / 24;
  const note = (midi: number) => 440 * Math.pow(2, (midi - 69) / 12);
  let seed = 7;
  const random = () => {
    seed = Math.imul(seed, 1664525) + 1013904223 | 0;
    return (seed >>> 0) / 4294967296;
  };

  // Dmaj9, Bm7, Gmaj9, A7sus4 - each swells over 12 s around its place, 6 s apart.
  const chords = [[38, 57, 61, 64, 66], [35, 54, 57, 62, 66], [31, 55, 59, 62, 69], [
    33,
    52,
    57,
    62,
    67,
  ]];
  for (const [c, chord] of chords.entries()) {
    for (const midi of chord) {
      for (const [partial, level] of [[1, 1], [2, 0.22], [3, 0.07]] as const) {
        const base = note(midi) * partial;
        for (
          const [bus, detune] of [[left, -2 / 24], [right, 2 / 24], [left, 0], [right, 0]] as const
        ) {
          const hz = whole(base) + detune * partial;
          const phase = TAU * random();
          const gain = level * 0.028 * (midi < 45 ? 1.25 : 1) * (detune ? 0.7 : 1);
          for (let i = 0; i < SAMPLES; i++) {
            // Distance from the chord's middle, in loops, around the circle.
            let d = i / SAMPLES - (c + 0.5) / 4;
            d -= Math.round(d);
            if (d < -0.25 || d > 0.25) continue;
            const swell = Math.cos(TAU * d);
            bus[i]! += gain * swell * swell * Math.sin(TAU * hz * i / RATE + phase);
          }
        }
      }
    }
  }

  // Bells, out of D major pentatonic; tails wrap around the end of the loop.
  const wetL = new Float32Array(SAMPLES), wetR = new Float32Array(SAMPLES);
  const tune = [78, 81, 74, 76, 83, 78, 71, 74, 81, 76, 69, 73 + 1];
  for (const [k, midi] of tune.entries()) {
    const hz = note(midi), pan = 0.5 + 0.32 * Math.sin(k * 2.4), start = k * 2 * RATE;
    for (let i = 0; i < 3 * RATE; i++) {
      const s = i / RATE;
      const attack = Math.min(1, s / 0.006);
      // The drop: a short glide upwards into the note.
      const glide = 1 - 0.12 * Math.exp(-s / 0.018);
      const body = Math.exp(-s / 0.55) * Math.sin(TAU * hz * s * glide) +
        0.18 * Math.exp(-s / 0.22) * Math.sin(TAU * hz * 2.76 * s) +
        0.1 * Math.exp(-s / 0.9) * Math.sin(TAU * hz * 2 * s);
      const v = 0.042 * attack * body * (1 - smoothEnd(s, 2.5, 3));
      const at = (start + i) % SAMPLES;
      wetL[at]! += v * (1 - pan);
      wetR[at]! += v * pan;
    }
  }

  // The water: noise, filtered twice around the loop so that the filters' state closes the circle.
  for (const bus of [left, right]) {
    const noise = Float32Array.from({ length: SAMPLES }, () => random() * 2 - 1);
    let a = 0, b = 0, low = 0;
    for (let pass = 0; pass < 2; pass++) {
      for (let i = 0; i < SAMPLES; i++) {
        a += (noise[i]! - a) * 0.055;
        b += (a - b) * 0.055;
        low += (b - low) * 0.02;
        const swell = 0.7 + 0.3 * Math.sin(TAU * (2 * i / SAMPLES + (bus === left ? 0 : 0.2)));
        if (pass === 1) bus[i]! += 0.05 * swell * (b - low);
      }
    }
  }

  // A small reverberation for the bells (and a little of the pad), three times around the loop.
  for (const [bus, wet, spread] of [[left, wetL, 0], [right, wetR, 211]] as const) {
    for (let i = 0; i < SAMPLES; i++) bus[i]! += 0.75 * wet[i]!;
    const input = Float32Array.from(wet, (v, i) => v + 0.12 * bus[i]!);
    for (const [delay, keep] of [[4799, 0.74], [5557, 0.72], [6491, 0.7], [7307, 0.68]] as const) {
      const line = new Float32Array(delay + spread);
      let damp = 0;
      for (let pass = 0; pass < 3; pass++) {
        for (let i = 0; i < SAMPLES; i++) {
          const slot = (pass * SAMPLES + i) % line.length;
          const echo = line[slot]!;
          damp += (echo - damp) * 0.35;
          line[slot] = input[i]! + damp * keep;
          if (pass === 2) bus[i]! += 0.3 * echo;
        }
      }
    }
  }

  const peak = [left, right].reduce(
    (m, bus) => bus.reduce((x, v) => Math.max(x, Math.abs(v)), m),
    0,
  );
  const gain = Math.pow(10, -9 / 20) / peak;
  return [left.map((v) => v * gain), right.map((v) => v * gain)];
}

function smoothEnd(x: number, from: number, to: number): number {
  const t = Math.min(1, Math.max(0, (x - from) / (to - from)));
  return t * t * (3 - 2 * t);
}

/** The loop as a WAV file, `times` times over. */
function wav([left, right]: [Float32Array, Float32Array], times: number): Uint8Array {
  const size = SAMPLES * times * 4;
  const bytes = new Uint8Array(44 + size);
  const view = new DataView(bytes.buffer);
  const text = (at: number, s: string) => bytes.set(new TextEncoder().encode(s), at);
  text(0, "RIFF");
  view.setUint32(4, 36 + size, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 2, true);
  view.setUint32(24, RATE, true);
  view.setUint32(28, RATE * 4, true);
  view.setUint16(32, 4, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, size, true);
  for (let i = 0; i < SAMPLES * times; i++) {
    view.setInt16(44 + i * 4, Math.round(left[i % SAMPLES]! * 32767), true);
    view.setInt16(46 + i * 4, Math.round(right[i % SAMPLES]! * 32767), true);
  }
  return bytes;
}

/**
 * One loop's worth of AAC frames out of an ADTS stream of four loops. The encoder puts one frame of
 * priming first, so frame k of the stream holds the sound of frame k - 1; taking the second loop
 * leaves the priming out, and each frame was encoded with the loop's real past before it.
 */
function middleLoop(adts: Uint8Array): Uint8Array {
  const starts: number[] = [];
  for (let at = 0; at + 7 <= adts.length;) {
    if (adts[at] !== 0xff || (adts[at + 1]! & 0xf6) !== 0xf0) throw new Error("not an ADTS frame");
    starts.push(at);
    at += ((adts[at + 3]! & 3) << 11) | (adts[at + 4]! << 3) | (adts[at + 5]! >> 5);
  }
  const first = 1 + AAC_FRAMES;
  return adts.slice(starts[first]!, starts[first + AAC_FRAMES]!);
}

// ---------------------------------------------------------------------------------------------

async function ffmpeg(args: string[], input?: AsyncIterable<Uint8Array>): Promise<void> {
  const child = new Deno.Command("ffmpeg", {
    args: ["-hide_banner", "-loglevel", "error", "-nostdin", "-y", ...args],
    stdin: input ? "piped" : "null",
    stdout: "null",
    stderr: "inherit",
  }).spawn();
  if (input) {
    const writer = child.stdin.getWriter();
    for await (const chunk of input) await writer.write(chunk);
    await writer.close();
  }
  if (!(await child.status).success) throw new Error(`ffmpeg failed: ${args.join(" ")}`);
}

async function render(): Promise<void> {
  const here = (name: string) => decodeURIComponent(new URL(name, import.meta.url).pathname);
  const temp = await Deno.makeTempDir({ prefix: "tributary-demo-" });
  try {
    console.log("sound");
    await Deno.writeFile(`${temp}/loop.wav`, wav(sound(), 4));
    // deno-fmt-ignore
    await ffmpeg(["-i", `${temp}/loop.wav`, "-c:a", "aac", "-b:a", `${AUDIO_KBITS}k`, "-f", "adts",
      `${temp}/loops.aac`]);
    await Deno.writeFile(`${temp}/loop.aac`, middleLoop(await Deno.readFile(`${temp}/loops.aac`)));

    console.log("picture");
    await withScene(async (frame) => {
      // deno-fmt-ignore
      await ffmpeg(["-f", "image2pipe", "-c:v", "png", "-framerate", `${FPS}`, "-i", "-",
        "-c:v", "ffv1", "-pix_fmt", "bgr0", `${temp}/picture.mkv`],
        (async function* () {
          for (let n = 0; n < FRAMES; n++) {
            yield await frame(n);
            if (n % 50 === 49) console.log(`  ${n + 1} of ${FRAMES}`);
          }
        })());
      await Deno.writeFile(`${temp}/poster.png`, await frame(POSTER_FRAME, true));
    });

    // Three loops, of which only the middle one is kept, so that the rate control has settled and
    // the first frames get the same quality as the others.
    console.log("video");
    for (const pass of ["1", "2"]) {
      // deno-fmt-ignore
      await ffmpeg(["-stream_loop", "2", "-i", `${temp}/picture.mkv`, "-an",
        "-vf", "scale=out_color_matrix=bt709:out_range=tv:flags=accurate_rnd+full_chroma_int," +
          "format=yuv420p",
        "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709",
        "-c:v", "libx264", "-profile:v", "high", "-preset", "veryslow", "-tune", "animation",
        "-b:v", `${VIDEO_KBITS}k`, "-maxrate", "1000k", "-bufsize", "1500k",
        "-bf", "0", "-g", `${GOP}`, "-keyint_min", `${GOP}`, "-sc_threshold", "0",
        "-x264-params", "open-gop=0:aq-mode=3:aq-strength=1.0:rc-lookahead=50:ipratio=1.1",
        "-threads", "2", "-pass", pass, "-passlogfile", `${temp}/pass`,
        "-bsf:v", "filter_units=remove_types=6", "-video_track_timescale", "12800",
        ...(pass === "1" ? ["-f", "null", "-"] : [`${temp}/video.mp4`])]);
    }

    // The header is written before any packet, so the audio needs its own (in an MP4 file) first.
    console.log("file");
    // deno-fmt-ignore
    await ffmpeg(["-i", `${temp}/loop.aac`, "-c", "copy", "-use_editlist", "0",
      `${temp}/audio.mp4`]);
    // deno-fmt-ignore
    await ffmpeg(["-ss", "24", "-t", "24", "-i", `${temp}/video.mp4`, "-i", `${temp}/audio.mp4`,
      "-map", "0:v", "-map", "1:a",
      "-c", "copy", "-fflags", "+bitexact", "-map_metadata", "-1",
      "-video_track_timescale", "12800", "-use_editlist", "0", "-avoid_negative_ts", "disabled",
      "-movflags", "+frag_keyframe+empty_moov+default_base_moof+skip_trailer",
      "-brand", "iso6", here("clip.mp4")]);
    await ffmpeg(["-i", `${temp}/poster.png`, "-q:v", "4", here("poster.jpg")]);
    for (const name of ["clip.mp4", "poster.jpg"]) {
      console.log(`${name}: ${(await Deno.stat(here(name))).size} bytes`);
    }
  } finally {
    await Deno.remove(temp, { recursive: true });
  }
}

async function stills(folder: string, frames: number[]): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  await withScene(async (frame) => {
    for (const n of frames) await Deno.writeFile(`${folder}/${n}.png`, await frame(n));
  });
}

if (import.meta.main) {
  const [flag, folder, ...frames] = Deno.args;
  if (flag === "--stills" && folder) await stills(folder, frames.map(Number));
  else await render();
}
