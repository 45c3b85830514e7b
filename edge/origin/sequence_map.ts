/**
 * Our numbers for someone else's segments. Ours never go back; the upstream's do when its encoder
 * starts again. Pure.
 */
export interface Numbering {
  readonly epoch: number;
  /** Our number − the upstream's number. */
  readonly offset: number;
  /** Our highest number so far; −1 before the first. */
  readonly newest: number;
}

export const FIRST_NUMBERING: Numbering = { epoch: 1, offset: 0, newest: -1 };

/** What a playlist lists, by the upstream's numbers; `last` is `first − 1` in an empty one. */
export interface Listed {
  readonly first: number;
  readonly last: number;
}

export type Judgement =
  /** The numbers go on, or nothing is new. */
  | "goes-on"
  /** Older than what came before: an old copy from a cache, most likely. */
  | "behind"
  /** The upstream counts from a new beginning. */
  | "restarted";

/** After this many target durations an old copy is none. */
const PATIENCE = 3;

/** What to think of a playlist that has been behind for `behindMs`, 0 if it has not been. */
export function judge(
  numbering: Numbering,
  listed: Listed,
  behindMs: number,
  targetDurationMs: number,
): Judgement {
  if (numbering.newest < 0) return "goes-on";
  const newest = upstreamNewest(numbering);
  if (listed.last >= newest) return "goes-on";
  // A cache is behind by some segments, not by a whole window.
  const windowLength = Math.max(1, listed.last - listed.first + 1);
  if (listed.last < newest - windowLength) return "restarted";
  return behindMs > PATIENCE * targetDurationMs ? "restarted" : "behind";
}

/** The highest of the upstream's numbers that we have dealt with. */
export function upstreamNewest(numbering: Numbering): number {
  return numbering.newest - numbering.offset;
}

/** The next epoch, in which the upstream's number `first` follows on our newest. */
export function restart(numbering: Numbering, first: number): Numbering {
  return {
    epoch: numbering.epoch + 1,
    offset: numbering.newest + 1 - first,
    newest: numbering.newest,
  };
}

/** After the upstream's segment `sequence`. */
export function advance(numbering: Numbering, sequence: number): Numbering {
  return { ...numbering, newest: Math.max(numbering.newest, sequence + numbering.offset) };
}
