import type { InitFile, Segment } from "../../../web/studio/segment_queue.ts";

export const INIT: InitFile = { name: "init-0.mp4", bytes: Uint8Array.of(0) };

/** A segment of 2 s; `at` is its number, its start in pairs of seconds, and its only byte. */
export function segment(at: number, more: Partial<Segment> = {}): Segment {
  return {
    init: INIT,
    bytes: Uint8Array.of(at),
    startMs: 2_000 * at,
    durationMs: 2_000,
    discontinuity: false,
    ...more,
  };
}
