/** Bytes handed to one link ahead of what has left; more only makes cancelling useless. */
const MAX_SENDING_BYTES = 128 * 1024;
/** Pieces that one partner may have waiting; the rest is refused at once so that it asks others. */
const MAX_WAITING = 64;
/** A wish that would wait longer than this for the cap is refused at once, s. */
const MAX_WAIT_S = 2;
/** What the cap may be exceeded by in a burst, s of the cap, and never less than one piece. */
const BURST_S = 0.25;

/** A piece that a partner wants. */
export interface Wish {
  readonly key: string;
  readonly index: number;
  readonly bytes: number;
}

/**
 * Who is sent what next: partners take turns, and all of them together stay below the cap (a token
 * bucket that may go into debt by one piece, so the mean never exceeds the cap).
 */
export interface UploadQueue {
  /** Answers false when the wish is refused. */
  add(peer: string, wish: Wish, cap: number): boolean;
  cancel(peer: string, key: string, index: number): void;
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
    add(peer, wish, cap) {
      const mine = waiting.get(peer) ?? [];
      if (mine.some((one) => one.key === wish.key && one.index === wish.index)) return true;
      if (mine.length >= MAX_WAITING) return false;
      // Partners take turns: of each other one no more goes ahead than this one has waiting itself.
      let ahead = wish.bytes - tokens;
      for (const wishes of waiting.values()) {
        for (const one of wishes.slice(0, mine.length + 1)) ahead += one.bytes;
      }
      if (!(ahead <= cap * MAX_WAIT_S)) return false;
      mine.push(wish);
      waiting.set(peer, mine);
      return true;
    },
    cancel(peer, key, index) {
      const mine = waiting.get(peer);
      const at = mine?.findIndex((one) => one.key === key && one.index === index) ?? -1;
      if (at >= 0) mine!.splice(at, 1);
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
      for (const [peer, wishes] of waiting) {
        if (wishes.length === 0) waiting.delete(peer);
        else if (sending(peer) < MAX_SENDING_BYTES) {
          const wish = wishes.shift()!;
          tokens -= wish.bytes;
          // To the end of the row.
          waiting.delete(peer);
          if (wishes.length > 0) waiting.set(peer, wishes);
          return { peer, wish };
        }
      }
      return undefined;
    },
    readyAtMs(nowMs, cap) {
      if (waiting.size === 0 || cap <= 0 || tokens >= 0) return Infinity;
      return nowMs + Math.max(1, Math.ceil((-tokens / cap) * 1000));
    },
  };
}
