/** Segments that wait for the uplink. Bounded: what has waited longest is given up. Pure. */

/** A file that segments need before them. */
export interface InitFile {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A piece of what is broadcast, beginning with a key frame. */
export interface Segment {
  readonly init: InitFile;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** ms since 1970 */
  readonly startMs: number;
  readonly durationMs: number;
  /** Its timeline does not go on from the segment before. */
  readonly discontinuity: boolean;
}

export interface SegmentQueue {
  push(segment: Segment): void;
  /** The oldest, to be sent. */
  take(): Segment | undefined;
  /** It could not be sent: it is the oldest again, or given up if too many have come after it. */
  giveBack(segment: Segment): void;
  clear(): void;
  /** Media in it, ms. */
  waitingMs(): number;
  /** Media that was given up so far, ms. */
  lostMs(): number;
}

export function createSegmentQueue(limitMs: number): SegmentQueue {
  let segments: Segment[] = [];
  let lost = 0;
  const waitingMs = () => segments.reduce((sum, { durationMs }) => sum + durationMs, 0);

  function trim(): void {
    while (waitingMs() > limitMs && segments.length > 1) {
      const [oldest, next, ...others] = segments as [Segment, Segment, ...Segment[]];
      lost += oldest.durationMs;
      segments = [{ ...next, discontinuity: true }, ...others];
    }
  }

  return {
    push(segment) {
      segments.push(segment);
      trim();
    },
    take: () => segments.shift(),
    giveBack(segment) {
      segments.unshift(segment);
      trim();
    },
    clear: () => void (segments = []),
    waitingMs,
    lostMs: () => lost,
  };
}
