import type { Platform } from "../platform/platform.ts";
import type { Rendition } from "../protocol/channel.ts";
import { FIRST_NUMBERING, type Numbering } from "./sequence_map.ts";

/** What outlasts a restart of the edge for one rendition. */
export interface Remembered extends Numbering {
  /** Of the init segment in use, hexadecimal. */
  readonly initDigest?: string;
  readonly lastDiscontinuity?: Rendition["lastDiscontinuity"];
}

/** How far the stored number may lie behind, ms. */
const WRITE_INTERVAL_MS = 5_000;
/** More than the segments that can be published between two writes. */
const UNWRITTEN_SEGMENTS = 100;

/** Keeps the numbering of one rendition in the store. */
export interface NumberingMemory {
  /** What was stored last: some segments more may have been given out since. */
  load(): Promise<Remembered>;
  /** Resolves when a change is stored; a higher number alone may be stored later. */
  save(state: Remembered): Promise<void>;
}

export function createNumberingMemory(
  { platform, channel, rendition }: { platform: Platform; channel: string; rendition: number },
): NumberingMemory {
  const key = ["channels", channel, "numbering", String(rendition)];
  let stored: Remembered | undefined;
  let writtenMs = -Infinity;

  return {
    async load() {
      stored = await platform.store.get<Remembered>(key);
      return stored ?? FIRST_NUMBERING;
    },
    async save(state) {
      const changed = state.epoch !== stored?.epoch || state.offset !== stored.offset ||
        state.initDigest !== stored.initDigest ||
        state.lastDiscontinuity?.sequence !== stored.lastDiscontinuity?.sequence;
      if (!changed && platform.now() - writtenMs < WRITE_INTERVAL_MS) return;
      stored = state;
      writtenMs = platform.now();
      await platform.store.set(key, state);
    },
  };
}

/** The numbering with room for numbers that were given out and not stored. */
export function withUnwritten<T extends Numbering>(numbering: T): T {
  return { ...numbering, newest: numbering.newest + UNWRITTEN_SEGMENTS };
}
