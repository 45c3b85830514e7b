import { UpstreamError } from "./upstream_error.ts";

/** A segment that is not there, or is none, gets a second chance. */
const TRIES_IF_LASTING = 2;
/** One that cannot be fetched for another reason gets more, and then its successors are worth more. */
const TRIES = 4;

/** Decides how often a segment that fails is tried, so that one bad segment does not hold up all others. */
export function createSkipper() {
  let failing: { sequence: number; times: number } | undefined;
  return {
    /** Resolves to `false` when `take` has succeeded, to `true` when the segment is to be skipped; else throws. */
    async attempt(sequence: number, take: () => Promise<void>): Promise<boolean> {
      try {
        await take();
        failing = undefined;
        return false;
      } catch (error) {
        if (!(error instanceof UpstreamError) || error.code === "upstream-encrypted") throw error;
        const times = failing?.sequence === sequence ? failing.times + 1 : 1;
        failing = { sequence, times };
        if (times >= (LASTING.has(error.code) ? TRIES_IF_LASTING : TRIES)) return true;
        throw error;
      }
    },
  };
}

const LASTING = new Set<string>(
  ["upstream-not-found", "upstream-not-media", "upstream-too-large", "upstream-address"],
);
