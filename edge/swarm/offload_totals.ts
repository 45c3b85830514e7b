import type { ByteReport } from "../protocol/messages.ts";
import type { Member } from "./peer_book.ts";

/** Nobody moves media faster for long (200 Mbit/s), beside what a burst at the start may bring, bytes: what a peer cache holds. */
const MOST_BYTES_PER_MS = 25_000;
const MOST_BYTES_AT_ONCE = 64 * 1024 * 1024;

const FIELDS = ["peers", "edge", "cache", "uploaded"] as const;

export interface OffloadTotals {
  /** Bytes of media that all members reported, those who left too. Never falls. */
  readonly bytes: Readonly<ByteReport>;
  /** Takes what `member` counted since it joined. What is less than before, or more than anyone can move, does not count. */
  report(member: Member, counted: ByteReport, nowMs: number): void;
}

export function createOffloadTotals(): OffloadTotals {
  const bytes = { peers: 0, edge: 0, cache: 0, uploaded: 0 };
  return {
    bytes,
    report(member, counted, nowMs) {
      const here = Math.max(0, nowMs - member.joinedMs);
      const most = MOST_BYTES_AT_ONCE + here * MOST_BYTES_PER_MS;
      const sane = { ...member.reported };
      for (const field of FIELDS) {
        sane[field] = Math.max(sane[field], Math.floor(Math.min(counted[field], most)));
        bytes[field] += sane[field] - member.reported[field];
      }
      member.reported = sane;
    },
  };
}
