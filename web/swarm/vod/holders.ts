import { type Bitmap, hasBit } from "../../../edge/protocol/bitmap.ts";
import { isQuiet, type Partner } from "../partner_book.ts";
import type { Segment } from "../segment.ts";
import type { VodState } from "./state.ts";

/** A partner that has something of a block. */
export interface Holder {
  readonly partner: Partner;
  /** What it has; `undefined`: all of it. */
  readonly map: Bitmap | undefined;
}

/** Who is there and has something of the block. */
export function holdersOf<P>(
  { core, shelves }: VodState<P>,
  segment: Segment<P>,
  among: Iterable<Partner> = core.partners.values(),
): Holder[] {
  const holders: Holder[] = [];
  for (const partner of among) {
    if (isQuiet(partner, core.nowMs)) continue;
    const whole = shelves.has(partner, segment.entry.unit);
    const map = whole ? undefined : partner.maps.get(segment.key);
    if (whole || map) holders.push({ partner, map });
  }
  return holders;
}

export function holds({ map }: Holder, index: number): boolean {
  return map === undefined || hasBit(map, index);
}
