import { haveMet, type Member } from "./peer_book.ts";

/** Of whom so many partners hear nothing, since the edge has, is gone: one alone may be cut off itself, or lie. */
const WITNESSES = 2;
/**
 * What a partner says of a member counts once in so long, ms. Members say something every ten seconds, so that
 * two liars keep one from injecting for a sixth of the time at most.
 */
const AGAIN_MS = 60_000;

/** Notes that `witness` hears nothing of `missed`. Who cannot have met it is not heard. */
export function miss(missed: Member, witness: Member, nowMs: number): void {
  if (!haveMet(missed, witness)) return;
  for (const [peer, atMs] of missed.missedBy) {
    if (nowMs - atMs >= AGAIN_MS) missed.missedBy.delete(peer);
  }
  if (!missed.missedBy.has(witness.peer)) missed.missedBy.set(witness.peer, nowMs);
}

/** Whether the member is taken for gone: until it says something. */
export function isMissed({ missedBy, heardMs }: Member): boolean {
  let witnesses = 0;
  for (const atMs of missedBy.values()) if (atMs > heardMs) witnesses++;
  return witnesses >= WITNESSES;
}
