import type { Rendition } from "../protocol/channel.ts";

/**
 * EXT-X-DISCONTINUITY-SEQUENCE of a media playlist that begins with the first of `segments`, RFC 8216
 * §4.3.3.3: how many discontinuities the rendition has had in the channel's life before it. They are
 * counted back from the last one, so that all who know it come to the same number, since whenever
 * they watch.
 *
 * `segments` go on, by ascending numbers, at least to the one before the last discontinuity.
 */
export function discontinuitySequence(
  last: Rendition["lastDiscontinuity"],
  segments: readonly { readonly sequence: number; readonly discontinuity: boolean }[],
): number {
  const [first] = segments;
  if (!last || !first) return 0;
  if (first.sequence > last.sequence) return last.before + 1;
  const between = segments.filter((one) => one.discontinuity && one.sequence < last.sequence);
  return last.before - between.length;
}
