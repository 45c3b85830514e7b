import { delay } from "@std/async/delay";
import { CodedError } from "../../edge/media/coded_error.ts";
import type { Bytes } from "../../edge/media/stream/bytes.ts";
import { type ChangeSignal, createChangeSignal } from "../../edge/media/stream/change_signal.ts";
import type { LedgerEntry } from "../../edge/protocol/ledger_entry.ts";
import { MARK } from "../net/edge_http.ts";
import type { SwarmSession } from "../net/swarm_session.ts";
import { settled } from "./settled.ts";

/** An edge that has not sent a whole unit by then is taken for away, ms. */
const FETCH_MS = 5_000;
/** A unit that neither partners nor the edge have given is asked for again after this long, … */
const RETRY_MS = 500;
/** … and no more after this long, ms: without an edge partners may still bring it. */
const PATIENCE_MS = 25_000;

/** Reads units of media out of the swarm: each reader is a demand of the engine, and none holds a copy. */
export interface UnitReader {
  /**
   * The unit in parts, in order, as they come and as they are taken. Partners have until `deadlineMs`;
   * what the engine cannot give comes whole from the edge, and is checked. Ends early by the signal.
   * Throws a `CodedError`, `segment-gone`, when nobody has it.
   */
  read(entry: LedgerEntry, deadlineMs: number, signal: AbortSignal): AsyncGenerator<Bytes, void>;
  /** For the session's callbacks of these names. */
  deliver(demand: number, payload: Bytes, last: boolean): void;
  decline(demand: number): void;
}

interface Demand {
  readonly pieces: Bytes[];
  readonly changes: ChangeSignal;
  outcome: "open" | "whole" | "declined";
}

export function createUnitReader(
  { base, session, past, now = () => performance.now() }: {
    /** Absolute URL of the channel's media, ending in a slash. */
    base: string;
    session: () => Pick<SwarmSession, "demand" | "abandon" | "hold">;
    /** Called with the bytes of what came from the edge past the engine. */
    past: (bytes: number) => void;
    now?: () => number;
  },
): UnitReader {
  const demands = new Map<number, Demand>();
  let lastDemand = 0;

  function begin(entry: LedgerEntry, deadlineMs: number): { id: number; demand: Demand } {
    const id = ++lastDemand;
    const demand: Demand = { pieces: [], changes: createChangeSignal(), outcome: "open" };
    demands.set(id, demand);
    session().demand(id, entry, deadlineMs);
    return { id, demand };
  }

  /** As the worker does with what the page cannot answer; `undefined` when it does not come or is not what it should be. */
  async function fetchWhole(entry: LedgerEntry, signal: AbortSignal): Promise<Bytes | undefined> {
    try {
      const response = await fetch(`${base}${entry.uri}?${MARK}`, {
        credentials: "omit",
        signal: AbortSignal.any([signal, AbortSignal.timeout(FETCH_MS)]),
      });
      const body = new Uint8Array(await response.arrayBuffer());
      if (!response.ok) return undefined;
      past(body.length);
      return await session().hold(entry, body) ? body : undefined;
    } catch {
      return undefined;
    }
  }

  return {
    async *read(entry, deadlineMs, signal) {
      const giveUpMs = Math.max(now(), deadlineMs) + PATIENCE_MS;
      /** Bytes that have been given. */
      let given = 0;
      while (now() < giveUpMs) {
        const { id, demand } = begin(entry, deadlineMs);
        let at = 0;
        try {
          while (!signal.aborted && (demand.pieces.length > 0 || demand.outcome === "open")) {
            const piece = demand.pieces.shift();
            if (!piece) {
              await settled(demand.changes.next(), signal);
              continue;
            }
            const fresh = piece.subarray(Math.max(0, given - at));
            at += piece.length;
            given = Math.max(given, at);
            if (fresh.length > 0) yield fresh;
          }
          if (signal.aborted || demand.outcome === "whole") return;
        } finally {
          demands.delete(id);
          session().abandon(id);
        }
        const whole = await fetchWhole(entry, signal);
        if (signal.aborted) return;
        if (whole) return yield whole.subarray(given);
        await delay(RETRY_MS, { signal }).catch(() => {});
        if (signal.aborted) return;
      }
      throw new CodedError(
        "segment-gone",
        `Neither partners nor the edge have ${entry.uri} any more.`,
        "Load the playlist again.",
      );
    },
    deliver(id, payload, last) {
      const demand = demands.get(id);
      if (!demand) return;
      demand.pieces.push(payload);
      if (last) demand.outcome = "whole";
      demand.changes.raise();
    },
    decline(id) {
      const demand = demands.get(id);
      if (!demand) return;
      demand.outcome = "declined";
      demand.changes.raise();
    },
  };
}
