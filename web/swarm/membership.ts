/**
 * Who else is there, as partners tell: the mCache of CoolStreaming (Zhang et al., INFOCOM 2005,
 * §III-A), with the age of what is known in place of sequence numbers, and for each member the
 * partners by way of whom it can be reached.
 */
import type { MemberNews } from "../../edge/protocol/peer_frames.ts";

/** What a member said of itself is of use for so long, ms: within it a third of an audience that stays 150 s has gone. */
export const MEMBER_MS = 60_000;
/** Members that are kept; the one that was heard of longest ago goes. A peer with 16 partners hears of 64 in 20 s. */
const KEPT = 128;
/** To whom no link came about it is not tried again for so long, ms: pairs that cannot connect never can. */
const TRIED_MS = 120_000;
/** Members that are looked at for each one that is chosen, as the edge does. */
const CHOICES = 4;

interface Member {
  room: number;
  /** When it said so, ms. */
  saidMs: number;
  /** Partners that named it, and when, ms; the last one is the latest. */
  readonly relays: Map<string, number>;
}

export interface Reachable {
  readonly peer: string;
  /** The partner by way of whom. */
  readonly relay: string;
}

export interface Membership {
  /** How many members are known. */
  readonly size: number;
  /** The partner `relay` names some of its own. */
  hear(relay: string, members: readonly MemberNews[], nowMs: number): void;
  /** The partner is one no more: nobody can be reached by way of it. */
  forgetRelay(relay: string): void;
  /** A link to `peer` is being set up, or it has gone: it is not tried for a while. */
  tried(peer: string, nowMs: number): void;
  /** A link to `peer` has come about: it may be tried again when that is lost. */
  connected(peer: string): void;
  /** By way of whom `peer` can be reached now. */
  relayTo(peer: string, nowMs: number): string | undefined;
  /** One by chance that is `fit`: of a few that with most room. */
  pick(
    options: { fit: (peer: string) => boolean; random: () => number; nowMs: number },
  ): Reachable | undefined;
}

export function createMembership(): Membership {
  const members = new Map<string, Member>();
  const triedMs = new Map<string, number>();

  function dropOld(nowMs: number): void {
    for (const [peer, { saidMs }] of members) {
      if (nowMs - saidMs > MEMBER_MS) members.delete(peer);
    }
    for (const [peer, atMs] of triedMs) {
      if (nowMs - atMs <= TRIED_MS) break;
      triedMs.delete(peer);
    }
  }

  function relayOf({ relays }: Member, nowMs: number): string | undefined {
    const [relay, namedMs] = [...relays].at(-1) ?? [];
    return namedMs !== undefined && nowMs - namedMs <= MEMBER_MS ? relay : undefined;
  }

  return {
    get size() {
      return members.size;
    },
    hear(relay, news, nowMs) {
      dropOld(nowMs);
      for (const { peer, room, age } of news) {
        const saidMs = nowMs - age * 1000;
        if (nowMs - saidMs > MEMBER_MS) continue;
        const known = members.get(peer);
        const member = known ?? { room, saidMs, relays: new Map() };
        if (saidMs >= member.saidMs) Object.assign(member, { room, saidMs });
        member.relays.delete(relay);
        member.relays.set(relay, nowMs);
        // Those that were heard of last stand last.
        members.delete(peer);
        members.set(peer, member);
        if (members.size > KEPT) members.delete(members.keys().next().value!);
      }
    },
    forgetRelay(relay) {
      for (const [peer, { relays }] of members) {
        if (relays.delete(relay) && relays.size === 0) members.delete(peer);
      }
    },
    tried(peer, nowMs) {
      triedMs.delete(peer);
      triedMs.set(peer, nowMs);
      if (triedMs.size > KEPT) triedMs.delete(triedMs.keys().next().value!);
    },
    connected: (peer) => void triedMs.delete(peer),
    relayTo(peer, nowMs) {
      const member = members.get(peer);
      return member && relayOf(member, nowMs);
    },
    pick({ fit, random, nowMs }) {
      dropOld(nowMs);
      const all = [...members].flatMap(([peer, member]) => {
        const relay = relayOf(member, nowMs);
        const may = relay !== undefined && !triedMs.has(peer) && fit(peer);
        return may ? [{ peer, relay, room: member.room }] : [];
      });
      let best: typeof all[number] | undefined;
      for (let look = 0; look < CHOICES && all.length > 0; look++) {
        const [one] = all.splice(Math.floor(random() * all.length), 1);
        if (!best || one!.room > best.room) best = one;
      }
      return best && { peer: best.peer, relay: best.relay };
    },
  };
}
