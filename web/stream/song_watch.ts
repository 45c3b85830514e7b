import { createTitles } from "../../edge/media/stream/titles.ts";

const PATIENCE_MS = 2_000;

/** What plays, as the edge tells: the swarm does not carry titles. */
export interface SongWatch {
  /** Asks the edge, if it was not asked just now. */
  refresh(): Promise<void>;
  /** What plays in the unit with this number, as far as it is known; who reads on is kept up to date. */
  titleAt(sequence: number): string;
}

export function createSongWatch({ stats, everyMs, next, now }: {
  /** URL of the channel's stats. */
  stats: string;
  /** How often the edge is asked, while somebody wants to know, ms: titles change with songs. */
  everyMs: number;
  /** The number of the unit that comes next: what the edge tells plays there. */
  next: () => number;
  /** ms */
  now: () => number;
}): SongWatch {
  const titles = createTitles();
  let askedMs = -Infinity;

  async function refresh(): Promise<void> {
    if (now() - askedMs < everyMs) return;
    askedMs = now();
    try {
      const response = await fetch(stats, {
        credentials: "omit",
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      const { station }: { station?: { playing?: string } } = await response.json();
      const title = station?.playing ?? "";
      const newest = titles.newest();
      if (newest !== title) titles.set(newest === undefined ? 0 : next(), title);
    } catch {
      // The edge is away: what played plays on.
    }
  }

  return {
    refresh,
    titleAt(sequence) {
      refresh();
      return titles.at(sequence);
    },
  };
}
