import type { ByteReport, PeerStatus } from "../protocol/messages.ts";

/** Names a socket for as long as it is open; given by whoever holds the sockets. */
export type SocketId = number;

/** A peer that has joined. */
export interface Member {
  readonly peer: string;
  readonly socket: SocketId;
  readonly joinedMs: number;
  /** When it was last heard of, ms. */
  heardMs: number;
  /** What it has to say to take its own place over another socket. */
  readonly secret: string | undefined;
  /** Peers that it was introduced to, or that were introduced to it; the newest few. */
  readonly met: Set<string>;
  status: PeerStatus;
  /** Peers it was introduced to, or that were introduced to it, since its last status. */
  introduced: number;
  /** Who accused it of bad pieces, and when. */
  readonly accusers: Map<string, number>;
  /** Accused too often: neither introduced nor given anything to inject. */
  shunned: boolean;
  /** What it reported last. */
  reported: ByteReport;
  /** It was too slow to inject, and is given nothing before this time, ms. */
  restsUntilMs: number;
}

/** Enough for all that a peer has anything to say of or to. */
const MAX_MET = 64;

/** Notes that two members know of each other. */
export function meet(a: Member, b: Member): void {
  for (const [one, { peer }] of [[a, b], [b, a]] as const) {
    one.met.delete(peer);
    one.met.add(peer);
    if (one.met.size > MAX_MET) one.met.delete(one.met.values().next().value!);
  }
}

/** Whether two members were introduced; one of them may have joined anew since. */
export function haveMet(a: Member, b: Member): boolean {
  return a.met.has(b.peer) || b.met.has(a.peer);
}

export interface PeerBook {
  readonly size: number;
  get(peer: string): Member | undefined;
  add(member: Member): void;
  remove(member: Member): void;
  members(): IterableIterator<Member>;
  /** Everyone once, in random order; costs only as much as is read of it. */
  shuffled(random: () => number): IterableIterator<Member>;
}

/** Who is here, by peer id. */
export function createPeerBook(): PeerBook {
  const places = new Map<string, number>();
  const roster: Member[] = [];

  function put(member: Member, at: number): void {
    roster[at] = member;
    places.set(member.peer, at);
  }

  return {
    get size() {
      return roster.length;
    },
    get(peer) {
      const at = places.get(peer);
      return at === undefined ? undefined : roster[at];
    },
    add(member) {
      put(member, roster.length);
    },
    remove(member) {
      const at = places.get(member.peer);
      if (at === undefined || roster[at] !== member) return;
      places.delete(member.peer);
      const last = roster.pop()!;
      if (last !== member) put(last, at);
    },
    members: () => roster.values(),
    *shuffled(random) {
      // Fisher–Yates one step at a time, in place: the roster has no order to keep.
      for (let at = 0; at < roster.length; at++) {
        const other = at + Math.floor(random() * (roster.length - at));
        const chosen = roster[other]!;
        put(roster[at]!, other);
        put(chosen, at);
        yield chosen;
      }
    },
  };
}
