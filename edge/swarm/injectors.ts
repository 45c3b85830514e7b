import { unitKey } from "../protocol/unit.ts";
import type { PublishedUnit } from "./ledger_log.ts";
import type { Member, PeerBook } from "./peer_book.ts";

/** A run that is not with a partner after this many segment durations has come too late. */
const WATCHED_DURATIONS = 2;
/** Injected copies are averaged over this long. */
const AVERAGED_MS = 90_000;

/** What one member is to inject of one unit: all its runs, those it was told of before too. */
export interface Injection {
  readonly unit: PublishedUnit;
  readonly member: Member;
  readonly runs: readonly number[];
}

export interface Injectors {
  /** Finds an injector for every run of a unit. Nobody eligible: no injections. */
  assign(unit: PublishedUnit, peers: PeerBook, nowMs: number): Injection[];
  /** Gives the runs of a member that is gone to others while they still matter. */
  replace(gone: Member, peers: PeerBook, nowMs: number): Injection[];
  /** Runs given out since the start, second choices too. */
  readonly runs: number;
  /** Copies of a unit that the edge sends into the swarm, by plan: average of the last 90 s; 0 without units. */
  copies(nowMs: number): number;
}

interface Assignment {
  readonly unit: PublishedUnit;
  readonly atMs: number;
  /** Run → who was told last to inject it. */
  readonly injectors: Map<number, Member>;
  /** Runs given out, second choices too. */
  given: number;
}

/** Whether a member has the media in its hands and someone to pass it to. */
export function isEligible({ status, shunned }: Member): boolean {
  return status.playing && status.uploads && status.partners > 0 && !shunned;
}

/**
 * Names the injectors. Runs go around: to the member whose last turn is longest ago, whoever has
 * not had one first, so that the load is even; hidden members get one only when no visible one can.
 */
export function createInjectors({ random }: { readonly random: () => number }): Injectors {
  const assignments = new Map<string, Assignment>();
  let turn = 0;
  let runs = 0;

  function forget(nowMs: number): void {
    for (const [key, assignment] of assignments) {
      if (nowMs - assignment.atMs <= AVERAGED_MS) break;
      assignments.delete(key);
    }
  }

  function give(assignment: Assignment, wanted: readonly number[], peers: PeerBook): Injection[] {
    const { rendition } = assignment.unit.entry.unit;
    const queue = inTurn(peers, rendition, wanted.length, random);
    if (queue.length === 0) return [];
    wanted.forEach((run, at) => {
      const member = queue[at % queue.length]!;
      assignment.injectors.set(run, member);
      member.injectedTurn = ++turn;
    });
    assignment.given += wanted.length;
    runs += wanted.length;
    return queue.slice(0, wanted.length).map((member) => ({
      unit: assignment.unit,
      member,
      runs: runsOf(assignment, member),
    }));
  }

  return {
    get runs() {
      return runs;
    },
    assign(unit, peers, nowMs) {
      forget(nowMs);
      const assignment: Assignment = { unit, atMs: nowMs, injectors: new Map(), given: 0 };
      const key = unitKey(unit.entry.unit);
      assignments.delete(key);
      assignments.set(key, assignment);
      return give(assignment, Array.from({ length: unit.entry.runs }, (_, run) => run), peers);
    },
    replace(gone, peers, nowMs) {
      const injections: Injection[] = [];
      for (const assignment of assignments.values()) {
        const watchedMs = WATCHED_DURATIONS * assignment.unit.entry.durationMs;
        if (nowMs - assignment.atMs > watchedMs) continue;
        const orphans = runsOf(assignment, gone);
        if (orphans.length > 0) injections.push(...give(assignment, orphans, peers));
      }
      return injections;
    },
    copies(nowMs) {
      forget(nowMs);
      let given = 0;
      let whole = 0;
      for (const assignment of assignments.values()) {
        given += assignment.given;
        whole += assignment.unit.entry.runs;
      }
      return whole === 0 ? 0 : given / whole;
    },
  };
}

function runsOf(assignment: Assignment, member: Member): number[] {
  return [...assignment.injectors].filter(([, injector]) => injector === member)
    .map(([run]) => run);
}

/** The `want` members of a rendition whose turn it is: longest without one first, at random among equals. */
function inTurn(
  peers: PeerBook,
  rendition: number,
  want: number,
  random: () => number,
): Member[] {
  const visible: Member[] = [];
  const hidden: Member[] = [];
  for (const member of peers.shuffled(random)) {
    if (isEligible(member) && member.status.renditions.includes(rendition)) {
      (member.status.visible ? visible : hidden).push(member);
    }
  }
  return (visible.length > 0 ? visible : hidden)
    .sort((a, b) => a.injectedTurn - b.injectedTurn)
    .slice(0, want);
}
