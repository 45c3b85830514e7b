import { meet, type Member, type PeerBook } from "./peer_book.ts";

/** Candidates that are looked at for each one that is introduced: the better half of a random few. */
const CHOICES = 4;
/** Members that are looked at in all: in a great swarm these few stand for everyone. */
const SAMPLE = 256;
/** Peers without room that someone is introduced to who would be alone otherwise. */
const LAST_RESORT = 2;

export interface IntroductionOptions {
  readonly want: number;
  /** Peer ids that are not asked for, besides the newcomer's own. */
  readonly known: ReadonlySet<string>;
  /** Partners from which on a peer has no room. */
  readonly partners: number;
  readonly random: () => number;
}

/**
 * Chooses whom `newcomer` meets: a few at random, those with few partners first, which keeps the
 * mesh even and well connected. Members without room are taken only when nobody has any and the
 * newcomer has no partner: they may make room for it, and a swarm that is full never locks it out.
 */
export function introduce(
  newcomer: Member,
  peers: PeerBook,
  options: IntroductionOptions,
): Member[] {
  const want = Math.min(options.want, options.partners - newcomer.status.partners);
  if (newcomer.shunned || !(want > 0)) return [];
  const roomy: Member[] = [];
  const full: Member[] = [];
  let looked = 0;
  for (const member of peers.shuffled(options.random)) {
    if (looked++ >= SAMPLE || roomy.length >= want * CHOICES) break;
    if (member === newcomer || member.shunned || options.known.has(member.peer)) continue;
    if (expectedPartners(member) < options.partners) roomy.push(member);
    else if (full.length < LAST_RESORT) full.push(member);
  }
  const alone = roomy.length === 0 && newcomer.status.partners === 0;
  const chosen = alone
    ? full.slice(0, want)
    : roomy.sort((a, b) => expectedPartners(a) - expectedPartners(b)).slice(0, want);
  for (const member of chosen) {
    member.introduced++;
    meet(member, newcomer);
  }
  newcomer.introduced += chosen.length;
  return chosen;
}

/** Partners as last reported, and those that may have come since. */
function expectedPartners(member: Member): number {
  return member.status.partners + member.introduced;
}
