import type { Span } from "../../edge/protocol/pieces.ts";
import { isMissing, type Segment } from "./segment.ts";

/** How long before a deadline the edge is asked, at least and at most, ms. */
const MIN_LEAD_MS = 200;
const MAX_LEAD_MS = 1_500;
/** The lead is this many times the usual time of a fetch. */
const LEAD_FACTOR = 2;
const FIRST_FETCH_MS = 200;
const FETCH_TIME_GAIN = 1 / 4;
/** After a failed fetch the edge is left alone for this long, doubled each time, up to the maximum. */
const FIRST_PAUSE_MS = 250;
const MAX_PAUSE_MS = 2_000;
/** One failure may be chance; from an edge that has failed for this long nothing is expected, ms. */
const FAILING_MS = 1_000;

/** How quick and how healthy the edge is, as this peer sees it. */
export interface EdgeHealth {
  /** When, ahead of a deadline, the edge has to be asked, ms. */
  leadMs(): number;
  /** Before this time it is no use to ask, ms. */
  readonly pausedUntilMs: number;
  succeeded(tookMs: number): void;
  /** Answers whether it has failed for so long now that waiting for it is no use. */
  failed(nowMs: number): boolean;
  /** Whatever it was, it may be over. */
  forgive(): void;
}

export function createEdgeHealth(): EdgeHealth {
  let usualMs = FIRST_FETCH_MS;
  let failures = 0;
  let pausedUntilMs = 0;
  let soundUntilMs = 0;
  function forgive(): void {
    failures = 0;
    pausedUntilMs = 0;
  }
  return {
    leadMs: () => Math.min(MAX_LEAD_MS, Math.max(MIN_LEAD_MS, LEAD_FACTOR * usualMs)),
    get pausedUntilMs() {
      return pausedUntilMs;
    },
    succeeded(tookMs) {
      usualMs += (tookMs - usualMs) * FETCH_TIME_GAIN;
      forgive();
    },
    failed(nowMs) {
      if (failures === 0) soundUntilMs = nowMs;
      pausedUntilMs = nowMs + Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures++);
      return nowMs - soundUntilMs >= FAILING_MS;
    },
    forgive,
  };
}

/** The missing pieces that are `wanted` as few contiguous spans, each one range request. */
export function missingSpans(
  segment: Segment<unknown>,
  { from, to }: Span,
  wanted: (index: number) => boolean,
): Span[] {
  const spans: Span[] = [];
  for (let index = from; index < to; index++) {
    if (!isMissing(segment, index) || !wanted(index)) continue;
    const last = spans.at(-1);
    if (last?.to === index) spans[spans.length - 1] = { from: last.from, to: index + 1 };
    else spans.push({ from: index, to: index + 1 });
  }
  return spans;
}
