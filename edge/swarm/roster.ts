import type { Member } from "./peer_book.ts";

/** Some members, each once, by peer id and by chance. */
export interface Roster {
  readonly size: number;
  get(peer: string): Member | undefined;
  add(member: Member): void;
  remove(member: Member): void;
  members(): IterableIterator<Member>;
  /** Everyone once, in random order; costs only as much as is read of it. */
  shuffled(random: () => number): IterableIterator<Member>;
}

export function createRoster(): Roster {
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
