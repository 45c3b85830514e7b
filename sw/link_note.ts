import type { Clock } from "./clock.ts";
import type { Note } from "./note.ts";

/** What a page said that a stream may need, bits a second, and when, ms since 1970. */
export interface Measured {
  readonly bits: number;
  readonly atMs: number;
}

export const UNMEASURED: Measured = { bits: 0, atMs: 0 };

/** What a stream that begins may need, as pages told it; it outlives the worker, but not a day. */
export interface LinkNote {
  /** bits a second; 0 where nobody knows. */
  read(): Promise<number>;
  measured(bits: number): Promise<void>;
  /** The browser's word, where nothing was measured: it lowers what is known, and never raises it. */
  hinted(bits: number): Promise<void>;
}

/**
 * What was measured longer ago says nothing, ms: within a day people go from one link to another and
 * back, and who would begin above what the link gives now would stay there.
 */
const KEPT_MS = 24 * 60 * 60 * 1000;
/** The same again is not written more often than this, ms: pages say it over and over. */
const RENEWED_MS = 60 * 60 * 1000;

export function createLinkNote(kept: Note<Measured>, clock: Clock): LinkNote {
  async function read(): Promise<number> {
    const { bits, atMs } = await kept.read();
    return clock.now() - atMs < KEPT_MS ? bits : 0;
  }
  async function measured(bits: number): Promise<void> {
    const { bits: before, atMs } = kept.known() ?? UNMEASURED;
    const now = clock.now();
    if (bits !== before || now - atMs >= RENEWED_MS) await kept.note({ bits, atMs: now });
  }
  return {
    read,
    measured,
    async hinted(bits) {
      const before = await read();
      if (!before || bits < before) await measured(bits);
    },
  };
}
