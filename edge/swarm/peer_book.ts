import type { ByteReport, PeerStatus } from "../protocol/messages.ts";
import { createRoster, type Roster } from "./roster.ts";

/** Names a socket for as long as it is open; given by whoever holds the sockets. */
export type SocketId = number;

/** A peer that has joined. */
export interface Member {
  readonly peer: string;
  readonly socket: SocketId;
  /** Equal for members of one network. */
  readonly near: string | undefined;
  readonly joinedMs: number;
  /** When it was last heard of, ms. */
  heardMs: number;
  /** Partners that said they hear nothing of it, and when, ms. */
  readonly missedBy: Map<string, number>;
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

/** Enough for all that a peer has anything to say of or to: 18 partners, and those it was sent to before. */
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

export interface PeerBook extends Roster {
  /** Those on one network with this member, itself too, in random order. */
  near(member: Member, random: () => number): Iterable<Member>;
}

/** Who is here, by peer id. */
export function createPeerBook(): PeerBook {
  const everyone = createRoster();
  const networks = new Map<string, Roster>();

  return {
    get size() {
      return everyone.size;
    },
    get: (peer) => everyone.get(peer),
    add(member) {
      everyone.add(member);
      if (member.near === undefined) return;
      const network = networks.get(member.near) ?? createRoster();
      networks.set(member.near, network);
      network.add(member);
    },
    remove(member) {
      everyone.remove(member);
      const network = member.near === undefined ? undefined : networks.get(member.near);
      if (!network) return;
      network.remove(member);
      if (network.size === 0) networks.delete(member.near!);
    },
    members: () => everyone.members(),
    shuffled: (random) => everyone.shuffled(random),
    near: ({ near }, random) => networks.get(near ?? "")?.shuffled(random) ?? [],
  };
}
