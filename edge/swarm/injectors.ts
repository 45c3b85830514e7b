import { unitKey } from "../protocol/unit.ts";
import { isHome } from "../protocol/homes.ts";
import type { PublishedUnit } from "./ledger_log.ts";
import { isMissed } from "./missing.ts";
import type { Member, PeerBook } from "./peer_book.ts";

/** A run that is not with a partner after this many segment durations has come too late: parents have as long to push. */
const WATCHED_DURATIONS = 2;
/**
 * An injector that has not got its run after so many times what it takes as a rule is slow, and
 * somebody else is told to; no sooner than this, ms, and no later than after so many durations.
 */
const PATIENCE = 3;
const LEAST_PATIENCE_MS = 500;
const PATIENCE_DURATIONS = 0.5;
/** How much the time that an injection took counts in the running mean: that of two segments of eight runs. */
const USUAL_GAIN = 1 / 16;
/** A slow one is given nothing for this long, ms. */
const REST_MS = 30_000;
/** An injector is replaced by one with so many times its uplink. */
const FAR_STRONGER = 2;
/** Injected copies are averaged over this long, ms: as the ledger log goes back. */
const AVERAGED_MS = 90_000;
/**
 * When so many injectors of a unit are late at once, and others are not, many members may have vanished: …
 */
const TOGETHER = 2;
/**
 * … for so long, ms, each run that is given out has so many deputies besides, since the trees grow again from
 * more places then. With two 150 survivors of 300 stood still for 6.6 s in all, with one for 4.5 (bench:sim,
 * vanish, means of five seeds).
 */
const SHAKEN_MS = 3_000;
const DEPUTIES = 1;
/** Members that are looked at for an injector: in a great swarm these stand for everyone. */
const SAMPLE = 128;

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
  /** A member has these runs now, and passes them on. */
  done(member: Member, unit: string, runs: readonly number[], nowMs: number): void;
  /** Gives the runs of those who are slow to others. */
  hurry(peers: PeerBook, nowMs: number): Injection[];
  /** Runs given out since the start, second choices too. */
  readonly runs: number;
  /** Copies of a unit that the edge sends into the swarm, by plan: average of the last 90 s; 0 without units. */
  copies(nowMs: number): number;
}

interface Assignment {
  readonly unit: PublishedUnit;
  readonly atMs: number;
  /** Run → who was told last to inject it, and when; `undefined` once it has it. */
  readonly injectors: Map<number, { member: Member; sinceMs: number | undefined }>;
  /** Who injects runs besides, and which. */
  readonly deputies: Map<Member, Set<number>>;
  /** Runs given out, second choices too. */
  given: number;
}

/** Whether a member has the media in its hands and someone to pass it to. */
export function isEligible({ status, shunned }: Member): boolean {
  return status.playing && status.uploads && status.partners > 0 && !shunned;
}

/**
 * Names the injectors. A run keeps its injector from segment to segment, for those who have its
 * substream have arranged themselves around it; a new one is whoever has most uplink for each run
 * it is given, of the members that are visible if there are any. No one is given more runs than its
 * share while others have none.
 */
export function createInjectors({ random }: { readonly random: () => number }): Injectors {
  const assignments = new Map<string, Assignment>();
  /** By rendition and run. */
  const holders = new Map<string, Member>();
  let runs = 0;
  let shakenUntilMs = -Infinity;
  /** From telling an injector to its having the run, ms. */
  let usualMs = Infinity;

  function forget(nowMs: number): void {
    for (const [key, assignment] of assignments) {
      if (nowMs - assignment.atMs <= AVERAGED_MS) break;
      assignments.delete(key);
    }
  }

  function give(
    assignment: Assignment,
    wanted: readonly number[],
    peers: PeerBook,
    nowMs: number,
    heardSinceMs = -Infinity,
  ): Injection[] {
    const { entry } = assignment.unit;
    const { rendition } = entry.unit;
    const able = candidates(peers, rendition, { nowMs, heardSinceMs, random });
    if (able.length === 0) return [];
    const share = Math.ceil(wanted.length / able.length);
    const load = new Map<Member, number>();
    const told = new Set<Member>();
    const isAble = (member: Member) =>
      peers.get(member.peer) === member && canInject(member, rendition) &&
      (!rests(member, nowMs) || able.every((one) => rests(one, nowMs))) &&
      (load.get(member) ?? 0) < share &&
      (member.status.visible || !able.some((one) => one.status.visible));
    for (const run of wanted) {
      const key = `${rendition}.${run}`;
      const before = holders.get(key);
      const free = able.filter(isAble);
      const atHome = free.filter(({ peer }) => isHome(peer, run, entry.runs, 1));
      const best = strongest(atHome.length > 0 ? atHome : free, load);
      const stays = before && isAble(before) &&
        !(best && strength(best, load) > FAR_STRONGER * strength(before, load));
      const member = stays ? before : best;
      if (!member) continue;
      holders.set(key, member);
      load.set(member, (load.get(member) ?? 0) + 1);
      assignment.injectors.set(run, { member, sinceMs: nowMs });
      assignment.given++;
      runs++;
      told.add(member);
    }
    if (nowMs < shakenUntilMs) {
      for (const member of appointDeputies(assignment, wanted, able, load)) told.add(member);
    }
    return [...told].map((member) => ({
      unit: assignment.unit,
      member,
      runs: runsOf(assignment, member),
    }));
  }

  /** Gives each run to some more members. Answers to whom. */
  function appointDeputies(
    assignment: Assignment,
    wanted: readonly number[],
    able: readonly Member[],
    load: Map<Member, number>,
  ): Member[] {
    const told: Member[] = [];
    for (let deputy = 0; deputy < DEPUTIES; deputy++) {
      for (const run of wanted) {
        const free = able.filter((one) => !runsOf(assignment, one).includes(run));
        const member = strongest(free, load);
        if (!member) continue;
        load.set(member, (load.get(member) ?? 0) + 1);
        const theirs = assignment.deputies.get(member) ?? new Set();
        assignment.deputies.set(member, theirs.add(run));
        assignment.given++;
        runs++;
        told.push(member);
      }
    }
    return told;
  }

  /** Assignments that still matter. */
  function* watched(nowMs: number): Iterable<Assignment> {
    for (const assignment of assignments.values()) {
      const watchedMs = WATCHED_DURATIONS * assignment.unit.entry.durationMs;
      if (nowMs - assignment.atMs <= watchedMs) yield assignment;
    }
  }

  return {
    get runs() {
      return runs;
    },
    assign(unit, peers, nowMs) {
      forget(nowMs);
      const [injectors, deputies] = [new Map(), new Map()];
      const assignment: Assignment = { unit, atMs: nowMs, injectors, deputies, given: 0 };
      const key = unitKey(unit.entry.unit);
      assignments.delete(key);
      assignments.set(key, assignment);
      const all = Array.from({ length: unit.entry.runs }, (_, run) => run);
      return give(assignment, all, peers, nowMs);
    },
    replace(gone, peers, nowMs) {
      const injections: Injection[] = [];
      for (const assignment of watched(nowMs)) {
        // Where it was a deputy the injector has the run, or is late for itself.
        assignment.deputies.delete(gone);
        const orphans = runsOf(assignment, gone);
        if (orphans.length > 0) injections.push(...give(assignment, orphans, peers, nowMs));
      }
      return injections;
    },
    done(member, unit, runs, nowMs) {
      const assignment = assignments.get(unit);
      for (const run of runs) {
        const injector = assignment?.injectors.get(run);
        const told = injector?.member === member || assignment?.deputies.get(member)?.has(run);
        if (!injector || !told || injector.sinceMs === undefined) continue;
        const tookMs = nowMs - injector.sinceMs;
        usualMs = usualMs === Infinity ? tookMs : usualMs + (tookMs - usualMs) * USUAL_GAIN;
        injector.sinceMs = undefined;
      }
    },
    hurry(peers, nowMs) {
      const injections: Injection[] = [];
      for (const assignment of watched(nowMs)) {
        const late: number[] = [];
        const lateOnes = new Set<Member>();
        const missed = new Set<Member>();
        let inTime = false;
        const mostMs = PATIENCE_DURATIONS * assignment.unit.entry.durationMs;
        const patienceMs = Math.min(mostMs, Math.max(LEAST_PATIENCE_MS, PATIENCE * usualMs));
        for (const [run, { member, sinceMs }] of assignment.injectors) {
          inTime ||= sinceMs === undefined;
          if (isMissed(member)) missed.add(member);
          if (sinceMs === undefined) continue;
          const isLate = nowMs - sinceMs >= patienceMs;
          if (isLate) {
            member.restsUntilMs = nowMs + REST_MS;
            lateOnes.add(member);
          }
          if (isLate || missed.has(member)) late.push(run);
        }
        // Where all are late, it is the edge that is slow, and more copies would make it slower.
        const isShaken = missed.size >= TOGETHER || (inTime && lateOnes.size >= TOGETHER);
        if (isShaken) shakenUntilMs = nowMs + SHAKEN_MS;
        // Where one has vanished, others may have too: who has said something since is there.
        if (late.length > 0) {
          injections.push(...give(assignment, late, peers, nowMs, assignment.atMs));
        }
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

function runsOf({ injectors, deputies }: Assignment, member: Member): number[] {
  const runs = [...injectors].filter(([, injector]) => injector.member === member)
    .map(([run]) => run);
  return [...new Set([...runs, ...deputies.get(member) ?? []])];
}

/** Whether it was slow lately, or is missed. */
function rests(member: Member, nowMs: number): boolean {
  return member.restsUntilMs > nowMs || isMissed(member);
}

function canInject(member: Member, rendition: number): boolean {
  return isEligible(member) && member.status.renditions.includes(rendition);
}

/**
 * Some of those who can inject; those who rest, or of whom nothing was heard since then, only if there
 * is nobody else. When half of 300 viewers had vanished, runs were nobody's for 2.5 s, since one
 * after the other was given to the dead (bench:sim, vanish).
 */
function candidates(
  peers: PeerBook,
  rendition: number,
  { nowMs, heardSinceMs, random }: { nowMs: number; heardSinceMs: number; random: () => number },
): Member[] {
  const awake: Member[] = [];
  const resting: Member[] = [];
  for (const member of peers.shuffled(random)) {
    if (!canInject(member, rendition) || member.heardMs < heardSinceMs) continue;
    (rests(member, nowMs) ? resting : awake).push(member);
    if (awake.length >= SAMPLE) break;
  }
  if (awake.length === 0 && heardSinceMs > -Infinity) {
    return candidates(peers, rendition, { nowMs, heardSinceMs: -Infinity, random });
  }
  const able = awake.length > 0 ? awake : resting;
  const visible = able.filter(({ status }) => status.visible);
  return visible.length > 0 ? visible : able;
}

/** Who has most uplink for each run, counting the one that it would be given. */
function strongest(able: readonly Member[], load: ReadonlyMap<Member, number>): Member | undefined {
  return able.reduce<Member | undefined>(
    (best, one) => best && strength(best, load) >= strength(one, load) ? best : one,
    undefined,
  );
}

/** Uplink for each run, bytes/s. */
function strength(member: Member, load: ReadonlyMap<Member, number>): number {
  return member.status.uplink / (1 + (load.get(member) ?? 0));
}
