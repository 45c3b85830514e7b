import type { MemberMessage } from "./io.ts";

/** Members that a node keeps; the one that was heard of longest ago goes. */
const CACHED_MEMBERS = 60;

/** A node's partial list of who is there: mCache of section III-A of the paper. */
export interface MemberCache {
  /** Notes a message. Answers whether it brings news. */
  hear(message: MemberMessage): boolean;
  forget(peer: string): void;
  /** One by chance, not of `but`. */
  pick(random: () => number, but: (peer: string) => boolean): string | undefined;
}

export function createMemberCache(self: string): MemberCache {
  const heard = new Map<string, number>();
  /** Of those who are known to have gone: the last that was heard of them. */
  const left = new Map<string, number>();
  return {
    hear({ peer, sequence, partners }) {
      if (peer === self || sequence <= (heard.get(peer) ?? left.get(peer) ?? -1)) return false;
      heard.delete(peer);
      if (partners < 0) {
        left.set(peer, sequence);
        return true;
      }
      heard.set(peer, sequence);
      if (heard.size > CACHED_MEMBERS) heard.delete(heard.keys().next().value!);
      return true;
    },
    forget: (peer) => void heard.delete(peer),
    pick(random, but) {
      const fit = [...heard.keys()].filter((peer) => !but(peer));
      return fit[Math.floor(random() * fit.length)];
    },
  };
}
