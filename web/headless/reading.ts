import type { SwarmSession } from "../net/swarm_session.ts";

/** What some relays of one channel have done up to a time, together. */
export interface Reading {
  readonly atMs: number;
  readonly relays: number;
  /** Relays whose swarm socket is up. */
  readonly online: number;
  /** Everyone in the swarm, as the edge counts. */
  readonly viewers: number;
  readonly partners: number;
  /** Media bytes since the start. */
  readonly bytes: { readonly peers: number; readonly edge: number; readonly uploaded: number };
  /** Segments held whole. */
  readonly complete: number;
  /** Partners that sent what they should not. */
  readonly banned: number;
}

export function readRelays(sessions: readonly SwarmSession[], atMs: number): Reading {
  const totals = sessions.map((session) => session.totals());
  const views = sessions.map((session) => session.view());
  const sum = (values: readonly number[]) => values.reduce((all, one) => all + one, 0);
  return {
    atMs,
    relays: sessions.length,
    online: views.filter((view) => view.online).length,
    viewers: Math.max(...views.map((view) => view.viewers)),
    partners: sum(totals.map((one) => one.partners)),
    bytes: {
      peers: sum(totals.map((one) => one.received.peers)),
      edge: sum(totals.map((one) => one.received.edge)),
      uploaded: sum(totals.map((one) => one.uploaded)),
    },
    complete: sum(totals.map((one) => one.complete)),
    banned: sum(totals.map((one) => one.banned)),
  };
}

/** What went in and out between two readings, bytes/s. */
export interface Rates {
  readonly down: number;
  readonly up: number;
}

/** Segments come in bursts: rates are taken over this long at least, ms. */
const RATE_MS = 8_000;

/** Follows readings in order of time; answers for each the rates up to it. */
export function createRates(): (reading: Reading) => Rates {
  const recent: Reading[] = [];
  return (reading) => {
    recent.push(reading);
    while (recent.length > 2 && reading.atMs - recent[1]!.atMs >= RATE_MS) recent.shift();
    return ratesBetween(recent[0]!, reading);
  };
}

function ratesBetween(before: Reading, after: Reading): Rates {
  const seconds = (after.atMs - before.atMs) / 1000;
  if (seconds <= 0) return { down: 0, up: 0 };
  const received = ({ bytes }: Reading) => bytes.peers + bytes.edge;
  return {
    down: Math.round((received(after) - received(before)) / seconds),
    up: Math.round((after.bytes.uploaded - before.bytes.uploaded) / seconds),
  };
}

/** 1 − edge bytes / bytes received; 0 before the first byte. */
export function offload({ bytes: { peers, edge } }: Reading): number {
  return peers + edge === 0 ? 0 : peers / (peers + edge);
}
