import { concat } from "@std/bytes/concat";
import type { Framer } from "../../../../edge/media/cutting/atom.ts";
import {
  createCutter,
  type Cut,
  CUTTER_LIMITS,
  type CutterLimits,
} from "../../../../edge/media/cutting/cutter.ts";

/** All cuts of a stream that comes in these parts. */
export function cutsOf(
  framer: Framer,
  parts: readonly Uint8Array[],
  limits: Partial<CutterLimits> = {},
): Cut[] {
  const cutter = createCutter(framer, { ...CUTTER_LIMITS, ...limits });
  return [...parts.flatMap((part) => [...cutter.push(part)]), ...cutter.end()];
}

/** In whole milliseconds, for segments; `init` for the others. */
export function shapeOf(cuts: readonly Cut[]): (number | "init")[] {
  return cuts.map((cut) => cut.type === "init" ? "init" : Math.round(cut.durationMs));
}

export function joined(cuts: readonly Cut[]): Uint8Array {
  return concat(cuts.map(({ bytes }) => bytes));
}

/** `bytes` in parts that end at these places, modulo its length. */
export function splitAt(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length];
  ends.sort((a, b) => a - b);
  return ends.map((end, at) => bytes.subarray(ends[at - 1] ?? 0, end));
}
