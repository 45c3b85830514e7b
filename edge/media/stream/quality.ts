import type { Rendition } from "../../protocol/channel.ts";
import { attribute, readAttributes } from "../playlist_attributes.ts";

type Described = Pick<Rendition, "kind" | "attributes">;

/**
 * The renditions that a stream may be of, the one to be tried first first: the best that needs at most
 * `bandwidth` bits a second, and then the others from the least on. Without a bandwidth the first one
 * that is described, as a player of the playlist would begin.
 */
export function qualities<T extends Described>(
  { renditions }: { readonly renditions: readonly T[] },
  bandwidth: number | undefined,
): readonly T[] {
  const main = renditions.filter(({ kind }) => kind === "main");
  if (bandwidth === undefined) return main;
  const rising = main.toSorted((a, b) => needOf(a) - needOf(b));
  const enough = rising.filter((one) => needOf(one) <= bandwidth);
  const best = enough.find((one) => needOf(one) === needOf(enough.at(-1)!));
  return best ? [best, ...rising.filter((one) => one !== best)] : rising;
}

/** Bits a second at most, with the sound that goes with it (RFC 8216bis §4.4.6.2); 0 where it does not say. */
function needOf({ attributes }: Described): number {
  return Number(attribute(readAttributes(attributes) ?? [], "BANDWIDTH") ?? 0);
}
