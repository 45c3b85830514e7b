/** What partners do not bring in time comes from the edge, piece by piece and just in time. */
import { fetchMissing } from "../fetching.ts";
import { isMissing, type Segment } from "../segment.ts";
import { LAST_CALL_MS } from "./asking.ts";
import { holdersOf, holds } from "./holders.ts";
import type { VodState } from "./state.ts";
import { demanded, type Stretch } from "./window.ts";

/**
 * What nobody shows is fetched so much sooner by the few who draw it: the others, who play the same
 * place, have it from them.
 */
const ORPHAN_SPREAD_MS = 4_000;
/** Pieces that are due within so long of the first go with it in one request, ms. */
const TOGETHER_MS = 500;

/** Asks the edge for what the element waits for and is nearly due. Answers when to look again, ms. */
export function meetRanges<P>(vod: VodState<P>): number {
  const { core } = vod;
  if (core.edge.pausedUntilMs > core.nowMs) {
    return core.demands.size > 0 ? core.edge.pausedUntilMs : Infinity;
  }
  let wakeMs = Infinity;
  for (const stretch of demanded(vod)) wakeMs = Math.min(wakeMs, meet(vod, stretch));
  return wakeMs;
}

function meet<P>(vod: VodState<P>, { segment, pieces, dueMs, stepMs }: Stretch<P>): number {
  const { core } = vod;
  const leadMs = Math.min(LAST_CALL_MS, core.edge.leadMs());
  const earlyMs = earlinessMs(vod, segment);
  const holders = holdersOf(vod, segment);
  const wanted = new Set<number>();
  let wakeMs = Infinity;
  for (let index = pieces.from; index < pieces.to; index++) {
    if (!isMissing(segment, index)) continue;
    const shown = holders.some((one) => holds(one, index));
    const callMs = dueMs + (index - pieces.from) * stepMs - leadMs - (shown ? 0 : earlyMs);
    if (callMs <= core.nowMs) wanted.add(index);
    else if (!shown && wanted.size > 0 && callMs <= core.nowMs + TOGETHER_MS) wanted.add(index);
    else wakeMs = Math.min(wakeMs, callMs);
  }
  if (wanted.size > 0) fetchMissing(core, segment, (index) => wanted.has(index));
  return wakeMs;
}

/**
 * How much sooner than need be this peer fetches what nobody has: of N peers few draw a long time, and
 * the others hear of it before theirs (exponentially distributed timers, Nonnenmacher and Biersack,
 * INFOCOM 1998).
 */
function earlinessMs<P>({ core }: VodState<P>, { turn }: Segment<P>): number {
  const wait = 1 + Math.log(Math.max(turn, 1e-9)) / Math.log(Math.max(2, core.audience));
  return ORPHAN_SPREAD_MS * (1 - Math.max(0, wait));
}
