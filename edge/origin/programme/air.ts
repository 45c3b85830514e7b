/**
 * What is on air when: a function of the schedule, the lengths of its files and the time, and of
 * nothing else, so that everybody sees the same, on every edge and after every restart. Pure.
 */
import type { Item, Schedule } from "./schedule.ts";

/** A stretch of time; `endMs` is the first moment after it. Times are ms since 1970. */
export type Slot =
  | {
    readonly type: "item";
    readonly item: Item;
    /** When the file began, which plays from its beginning. */
    readonly startMs: number;
    /** Earlier than the file's end where something else begins. */
    readonly endMs: number;
    /** Whether it only fills a gap. */
    readonly fills: boolean;
  }
  | {
    readonly type: "nothing";
    readonly startMs: number;
    /** `Infinity` where nothing follows. */
    readonly endMs: number;
  };

/** How long a file is, ms; 0 for one that cannot be played, or of which that is not known. */
export type LengthOf = (item: Item) => number;

/** The slot that `atMs` is in. */
export function onAir(schedule: Schedule, lengthOf: LengthOf, atMs: number): Slot {
  const { loop, epochMs, items } = schedule;
  if (loop) {
    const roundMs = items.reduce((sum, item) => sum + lengthOf(item), 0);
    if (atMs < epochMs || roundMs === 0) {
      const endMs = atMs < epochMs ? epochMs : Infinity;
      return gap(schedule, lengthOf, atMs, { startMs: -Infinity, endMs });
    }
    const round = Math.floor((atMs - epochMs) / roundMs);
    return inBlock(lengthOf, atMs, items, epochMs + round * roundMs, Infinity).found!;
  }
  const { startMs, endMs, block } = blockAt(schedule, atMs);
  const { found, lastEndMs } = inBlock(lengthOf, atMs, block, startMs, endMs);
  return found ?? gap(schedule, lengthOf, atMs, { startMs: lastEndMs, endMs });
}

/** The first item that begins after the slot, fillers left out; `undefined` where nothing does. */
export function upNext(schedule: Schedule, lengthOf: LengthOf, slot: Slot): Slot | undefined {
  let atMs = slot.endMs;
  while (atMs !== Infinity) {
    const next = onAir(schedule, lengthOf, atMs);
    if (next.type === "item" && !next.fills) return next;
    atMs = next.type === "nothing" ? next.endMs : gapEnd(schedule, atMs);
  }
  return undefined;
}

/** The items whose lengths decide what is on air at `atMs`, and what comes next. */
export function deciding(schedule: Schedule, atMs: number): readonly Item[] {
  const { loop, items, filler } = schedule;
  const { block, endMs } = loop ? { block: items, endMs: Infinity } : blockAt(schedule, atMs);
  const following = endMs === Infinity ? [] : blockAt(schedule, endMs).block;
  return [...block, ...following, ...(filler ? [filler] : [])];
}

/** The items from one that has a start up to the next that has one. */
function blockAt({ items, epochMs }: Schedule, atMs: number) {
  let from = 0;
  let startMs = -Infinity;
  for (const [at, item] of items.entries()) {
    const beginsMs = item.startMs ?? (at === 0 ? epochMs : undefined);
    if (beginsMs === undefined) continue;
    if (beginsMs > atMs) {
      const block = startMs === -Infinity ? [] : items.slice(from, at);
      return { startMs, endMs: beginsMs, block };
    }
    [from, startMs] = [at, beginsMs];
  }
  return { startMs, endMs: Infinity, block: items.slice(from) };
}

function gapEnd(schedule: Schedule, atMs: number): number {
  if (!schedule.loop) return blockAt(schedule, atMs).endMs;
  // One that has begun has a gap only where it has nothing to play.
  return atMs < schedule.epochMs ? schedule.epochMs : Infinity;
}

function inBlock(
  lengthOf: LengthOf,
  atMs: number,
  items: readonly Item[],
  blockStartMs: number,
  blockEndMs: number,
): { found?: Slot; lastEndMs: number } {
  let startMs = blockStartMs;
  for (const item of items) {
    const endMs = Math.min(startMs + lengthOf(item), blockEndMs);
    if (startMs <= atMs && atMs < endMs) {
      return { found: { type: "item", item, startMs, endMs, fills: false }, lastEndMs: endMs };
    }
    startMs = endMs;
  }
  return { lastEndMs: startMs };
}

function gap(
  { filler }: Schedule,
  lengthOf: LengthOf,
  atMs: number,
  { startMs, endMs }: { startMs: number; endMs: number },
): Slot {
  const lengthMs = filler ? lengthOf(filler) : 0;
  if (!filler || lengthMs === 0) return { type: "nothing", startMs, endMs };
  // A gap without a beginning is counted from 1970.
  const fromMs = startMs === -Infinity ? 0 : startMs;
  const beginMs = fromMs + Math.floor((atMs - fromMs) / lengthMs) * lengthMs;
  return {
    type: "item",
    item: filler,
    startMs: beginMs,
    endMs: Math.min(beginMs + lengthMs, endMs),
    fills: true,
  };
}
