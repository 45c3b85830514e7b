/** Pieces of one link ahead of what has left; more only makes what comes after them late. */
const MAX_SENDING_PIECES = 2;
/** Pieces that one partner may have asked for and wait for; the rest is refused at once so that it asks others. */
const MAX_WAITING = 64;
/** A wish that would wait longer than this for its turn is refused at once, s. */
const MAX_WAIT_S = 0.5;
/** What the cap may be exceeded by in a burst, s of the cap, and never less than one piece. */
const BURST_S = 0.25;

/** A piece that a partner wants. */
export interface Wish {
  readonly key: string;
  readonly index: number;
  readonly bytes: number;
  /** Pushed: nobody waits for an answer. */
  readonly push: boolean;
  /** What has a higher one is sent first. */
  readonly rank: number;
}

/**
 * Who is sent what next: what has the highest rank, partners in turn among equals, and all of it
 * below the cap (a token bucket that may go into debt by one piece, so the mean never exceeds the cap).
 */
export interface UploadQueue {
  /** Answers false when the wish is refused. `rate`: what the queue is worked off at, bytes/s. */
  add(peer: string, wish: Wish, rate: number): boolean;
  cancel(peer: string, key: string, index: number): void;
  /** Takes out the pushes to a partner that are no longer wanted. */
  keepPushes(peer: string, wanted: (key: string, index: number) => boolean): void;
  forget(peer: string): void;
  /** Takes out every wish and answers them. */
  clear(): { peer: string; wish: Wish }[];
  /** The next piece to send now, if cap and links allow one. */
  next(nowMs: number, cap: number, sending: (peer: string) => number):
    | { peer: string; wish: Wish }
    | undefined;
  /** When `next` may answer again after it did not because of the cap, ms; `Infinity` if nothing waits. */
  readyAtMs(nowMs: number, cap: number): number;
}

export function createUploadQueue(): UploadQueue {
  const waiting = new Map<string, Wish[]>();
  let tokens = 0;
  let filledAtMs = 0;

  function refill(nowMs: number, cap: number): void {
    const seconds = (nowMs - filledAtMs) / 1000;
    filledAtMs = nowMs;
    // A cap that is no number, or infinite, must not spoil the count for those after it.
    tokens = Math.min(cap * BURST_S, tokens + seconds * cap) || 0;
  }

  return {
    add(peer, wish, rate) {
      const mine = waiting.get(peer) ?? [];
      if (mine.some((one) => one.key === wish.key && one.index === wish.index)) return true;
      if (!wish.push && mine.length >= MAX_WAITING) return false;
      if (!wish.push) {
        // Partners take turns: of each other one no more goes ahead than this one has waiting itself.
        let ahead = wish.bytes - tokens;
        for (const wishes of waiting.values()) {
          for (let at = 0; at <= mine.length && at < wishes.length; at++) {
            ahead += wishes[at]!.bytes;
          }
        }
        if (!(ahead <= rate * MAX_WAIT_S)) return false;
      }
      const after = mine.findLastIndex((one) => one.rank >= wish.rank);
      mine.splice(after + 1, 0, wish);
      waiting.set(peer, mine);
      return true;
    },
    cancel(peer, key, index) {
      const mine = waiting.get(peer);
      const at = mine?.findIndex((one) => one.key === key && one.index === index) ?? -1;
      if (at >= 0) mine!.splice(at, 1);
    },
    keepPushes(peer, wanted) {
      const mine = waiting.get(peer);
      const kept = mine?.filter((one) => !one.push || wanted(one.key, one.index));
      if (kept && kept.length < mine!.length) waiting.set(peer, kept);
    },
    forget(peer) {
      waiting.delete(peer);
    },
    clear() {
      const all = [...waiting].flatMap(([peer, wishes]) => wishes.map((wish) => ({ peer, wish })));
      waiting.clear();
      return all;
    },
    next(nowMs, cap, sending) {
      refill(nowMs, cap);
      if (tokens < 0 || cap <= 0) return undefined;
      let first: string | undefined;
      let highest = -Infinity;
      for (const [peer, wishes] of waiting) {
        if (wishes.length === 0) {
          waiting.delete(peer);
          continue;
        }
        const { bytes, rank } = wishes[0]!;
        if (rank <= highest || sending(peer) >= MAX_SENDING_PIECES * bytes) continue;
        [first, highest] = [peer, rank];
      }
      if (first === undefined) return undefined;
      const wishes = waiting.get(first)!;
      const wish = wishes.shift()!;
      tokens -= wish.bytes;
      // To the end of the row.
      waiting.delete(first);
      if (wishes.length > 0) waiting.set(first, wishes);
      return { peer: first, wish };
    },
    readyAtMs(nowMs, cap) {
      if (waiting.size === 0 || cap <= 0 || tokens >= 0) return Infinity;
      return nowMs + Math.max(1, Math.ceil((-tokens / cap) * 1000));
    },
  };
}
