import { meet, type Member, type PeerBook } from "./peer_book.ts";

/** Candidates that are looked at for each one that is introduced: the better half of a random few. */
const CHOICES = 4;
/** Members that are looked at in all: in a great swarm these few stand for everyone. */
const SAMPLE = 256;
/** Share of those on the newcomer's own network, where there are so many. */
const NEAR = 1 / 2;
/** So long a silence counts as one partner more, ms: a status comes every 10 s. */
const SILENCE_MS = 1_000;
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
 * Chooses whom `newcomer` meets: half of them on its own network where there are such, which spares
 * the ways between networks, and the others at random, which keeps the mesh well connected: a few
 * links across are enough (Watts and Strogatz, 1998). Of either kind those with few partners come
 * first, which keeps it even. Members without room are taken only when nobody has any and the
 * newcomer has no partner: they may make room for it, and a swarm that is full never locks it out.
 */
export function introduce(
  newcomer: Member,
  peers: PeerBook,
  options: IntroductionOptions,
): Member[] {
  const want = Math.min(options.want, options.partners - newcomer.status.partners);
  if (newcomer.shunned || !(want > 0)) return [];
  const chosen = new Set<Member>();
  const mayMeet = (member: Member) =>
    member !== newcomer && !member.shunned && !options.known.has(member.peer) &&
    !chosen.has(member);
  const choose = (from: Iterable<Member>, count: number) => {
    const { roomy, full } = look(from, count, options, mayMeet);
    for (const member of emptiest(roomy, count)) chosen.add(member);
    return full;
  };
  choose(peers.near(newcomer, options.random), Math.floor(want * NEAR));
  const full = choose(peers.shuffled(options.random), want - chosen.size);
  if (chosen.size === 0 && newcomer.status.partners === 0) {
    for (const member of full.slice(0, want)) chosen.add(member);
  }
  for (const member of chosen) {
    member.introduced++;
    meet(member, newcomer);
  }
  newcomer.introduced += chosen.size;
  return [...chosen];
}

/** Some that may be met: more than are wanted of those with room, and a few of those without. */
function look(
  from: Iterable<Member>,
  count: number,
  { partners }: IntroductionOptions,
  mayMeet: (member: Member) => boolean,
): { roomy: Member[]; full: Member[] } {
  const roomy: Member[] = [];
  const full: Member[] = [];
  let looked = 0;
  for (const member of from) {
    if (looked++ >= SAMPLE || roomy.length >= count * CHOICES) break;
    if (!mayMeet(member)) continue;
    if (expectedPartners(member) < partners) roomy.push(member);
    else if (full.length < LAST_RESORT) full.push(member);
  }
  return { roomy, full };
}

/**
 * Those with few partners first, and of whom something was heard lately: when many vanish at once,
 * sockets tell of it much later, but those who are left speak up soon.
 */
function emptiest(members: Member[], count: number): Member[] {
  const cost = (member: Member) => expectedPartners(member) - member.heardMs / SILENCE_MS;
  return members.sort((a, b) => cost(a) - cost(b)).slice(0, count);
}

/** Partners as last reported, and those that may have come since. */
function expectedPartners(member: Member): number {
  return member.status.partners + member.introduced;
}
