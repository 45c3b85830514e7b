/** What partners do not bring in time comes from the edge, piece by piece and just in time. */
import { LAST_CALL_MS, mayHavePartners } from "../demands.ts";
import { fetchMissing } from "../fetching.ts";
import { isMissing, type Segment } from "../segment.ts";
import { holdersOf, holds } from "./holders.ts";
import type { VodState } from "./state.ts";
import { demanded, type Stretch } from "./window.ts";

/** What nobody shows is fetched so much sooner than that: there is nothing to wait for, ms, … */
const ORPHAN_MS = 1_000;
/** … and by the few who draw it up to this much sooner still: the others have it from them, ms. */
const ORPHAN_SPREAD_MS = 3_000;
/** Pieces that nobody was asked for and that are due so much later go with the first in one request, ms. */
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
  if (!mayHavePartners(core)) {
    // As plain HTTP would bring it: in one request, and no later.
    fetchMissing(core, segment, (index) => index >= pieces.from && index < pieces.to);
    return Infinity;
  }
  const holders = holdersOf(vod, segment);
  const wanted = new Set<number>();
  let wakeMs = Infinity;
  for (let index = pieces.from; index < pieces.to; index++) {
    if (!isMissing(segment, index)) continue;
    const shown = holders.some((one) => holds(one, index));
    const callMs = dueMs + (index - pieces.from) * stepMs - leadMs - (shown ? 0 : earlyMs);
    if (callMs <= core.nowMs) wanted.add(index);
    else if (wanted.size > 0 && callMs <= core.nowMs + TOGETHER_MS && !segment.asked.has(index)) {
      wanted.add(index);
    } else wakeMs = Math.min(wakeMs, callMs);
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
  return ORPHAN_MS + ORPHAN_SPREAD_MS * (1 - Math.max(0, wait));
}
