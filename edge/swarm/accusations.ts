import { haveMet, type Member } from "./peer_book.ts";

/**
 * Accusers that it takes, and how close together, ms: one alone may be the liar, and two may be
 * friends. A liar with a dozen partners has many more.
 */
const ACCUSERS = 3;
const WITHIN_MS = 60_000;

/**
 * Notes that `accuser` got bad pieces from `accused`; from several accusers on it is shunned. Who
 * cannot have met it is not heard.
 */
export function accuse(accused: Member, accuser: Member, nowMs: number): void {
  if (accused === accuser || !haveMet(accused, accuser)) return;
  for (const [peer, atMs] of accused.accusers) {
    if (nowMs - atMs > WITHIN_MS) accused.accusers.delete(peer);
  }
  accused.accusers.set(accuser.peer, nowMs);
  if (accused.accusers.size >= ACCUSERS) accused.shunned = true;
}
