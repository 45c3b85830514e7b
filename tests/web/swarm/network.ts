/** Engines in one process on virtual time: links with a delay, one edge, media as opaque handles. */
import type { LedgerEntry } from "../../../edge/protocol/ledger_entry.ts";
import type { PeerFrame, Standing } from "../../../edge/protocol/peer_frames.ts";
import { pieceLength } from "../../../edge/protocol/parity.ts";
import { cut, pieceSpan } from "../../../edge/protocol/pieces.ts";
import { type Unit, unitKey, WHOLE } from "../../../edge/protocol/unit.ts";
import { PROTOCOL_VERSION } from "../../../edge/protocol/version.ts";
import { createEngine, type Engine } from "../../../web/swarm/engine.ts";
import type { Conduct, EngineInput, EngineOutput } from "../../../web/swarm/io.ts";
import { mulberry32 } from "../../sim/random.ts";

/** Stands for the bytes of one piece. */
export interface Handle {
  readonly key: string;
  readonly index: number;
  readonly good: boolean;
}

export const ACTIVE: Conduct = { prefetch: "all", inject: true, upload: true, uploadCap: 1e6 };
export const SEGMENT_MS = 2_000;
const LINK_MS = 20;
const EDGE_MS = 30;
const GOOD_LIST = new Uint8Array([1]);
const BAD_LIST = new Uint8Array([0]);
/** The standing of a peer that has nothing. */
export const NOTHING: Standing = {
  rendition: 0,
  homes: 0,
  uplink: 0,
  spare: Array.from({ length: 32 }, (_, run) => run),
  lags: new Uint8Array(),
};

export interface Node {
  readonly id: string;
  readonly engine: Engine<Handle>;
  /** Every output that was performed, in order. */
  readonly log: EngineOutput<Handle>[];
  readonly delivered: { demand: number; index: number; payload: Handle; atMs: number }[];
  readonly declined: { demand: number; reason: string }[];
  /** Sends bad pieces in place of good ones. */
  liar: boolean;
  /** Codes what no digest list names. */
  miscodes: boolean;
  alive: boolean;
}

/** `uri` of segment n is `r0/n.m4s`; it starts at n × 2 s of media time. */
export function entryOf(sequence: number, length = 120_000, parityRuns = 0): LedgerEntry {
  return {
    ...cut(length),
    unit: { epoch: 1, rendition: 0, sequence, part: WHOLE },
    uri: `r0/${sequence}.m4s`,
    startMs: sequence * SEGMENT_MS,
    durationMs: SEGMENT_MS,
    discontinuity: false,
    parityRuns,
    root: new Uint8Array(16),
  };
}

export function createNetwork(seed = 1) {
  let nowMs = 0;
  let order = 0;
  const events: { atMs: number; order: number; run: () => void }[] = [];
  const nodes = new Map<string, Node>();
  const links = new Set<string>();
  const published = new Map<string, LedgerEntry>();
  const edge = {
    bytes: 0,
    requests: 0,
    away: false,
    slowMs: 0,
    gone: new Set<string>(),
    /** Sends entries without their digest lists. */
    bare: false,
    /** Has no digest lists, or false ones. */
    listless: false,
    falseList: false,
  };
  /** Peers that read nothing: what is sent to them waits for ever. */
  const stalled = new Set<string>();
  /** Puppets that say nothing any more. */
  const silent = new Set<string>();
  const random = mulberry32(seed);
  const wakes = new Map<string, number>();

  function later(ms: number, run: () => void): void {
    events.push({ atMs: nowMs + ms, order: order++, run });
  }

  function handle(node: Node, input: EngineInput<Handle>): void {
    if (!node.alive) return;
    node.engine.handle(input, nowMs);
    for (let output; (output = node.engine.poll());) {
      node.log.push(output);
      perform(node, output);
    }
    const wakeMs = node.engine.wakeMs();
    if (wakeMs === Infinity || wakes.get(node.id) === wakeMs) return;
    wakes.set(node.id, wakeMs);
    later(Math.max(0, wakeMs - nowMs), () => {
      if (wakes.get(node.id) !== wakeMs) return;
      wakes.delete(node.id);
      handle(node, { type: "wake" });
    });
  }

  function perform(node: Node, output: EngineOutput<Handle>): void {
    switch (output.type) {
      case "send":
        return send(node, output.peer, output.frame);
      case "fetch":
        return fetch(node, output);
      case "fetchDigests":
        return later(EDGE_MS, () => {
          const digests = edge.away ? undefined : listOf();
          handle(node, { type: "fetchedDigests", unit: output.entry.unit, digests });
        });
      case "checkPiece": {
        const { unit, index, payload } = output;
        const ok = payload.good && payload.key === unitKey(unit) && payload.index === index;
        return later(1, () => handle(node, { type: "checkedPiece", unit, index, payload, ok }));
      }
      case "checkDigests": {
        const { unit, digests } = output;
        const ok = digests[0] === 1;
        return later(1, () => handle(node, { type: "checkedDigests", unit, digests, ok }));
      }
      case "code": {
        const { entry: { unit }, index, pieces } = output;
        const good = !node.miscodes && pieces.every(({ payload }) => payload.good);
        const payload = { key: unitKey(unit), index, good };
        return later(1, () => handle(node, { type: "coded", unit, index, payload }));
      }
      case "deliver":
        node.delivered.push({ ...output, atMs: nowMs });
        return;
      case "decline":
        node.declined.push(output);
        return;
      case "drop":
        return unlink(node.id, output.peer);
      case "cancelFetch":
      case "accuse":
      case "injected":
      case "seek":
      case "connect":
      case "signal":
      case "signalled":
        return;
    }
  }

  /** What the edge says is the digest list of a unit. */
  function listOf(): Uint8Array | undefined {
    if (edge.listless) return undefined;
    return edge.falseList ? BAD_LIST : GOOD_LIST;
  }

  function send(from: Node, to: string, sent: PeerFrame<Handle>): void {
    const frame = from.liar && sent.type === "piece"
      ? { ...sent, payload: { ...sent.payload, good: false } }
      : sent;
    later(LINK_MS, () => {
      // What has not left when its link ends is not told of.
      if (stalled.has(to) || !links.has(linkOf(from.id, to))) return;
      const node = nodes.get(to);
      if (node) handle(node, { type: "frame", peer: from.id, frame });
      if (frame.type !== "piece") return;
      const bytes = pieceLength(published.get(unitKey(frame.unit))!, frame.index);
      handle(from, { type: "sent", peer: to, bytes });
    });
  }

  function fetch(
    node: Node,
    { fetch, entry, pieces }: Extract<EngineOutput<Handle>, { type: "fetch" }>,
  ): void {
    edge.requests++;
    later(EDGE_MS + edge.slowMs, () => {
      const key = unitKey(entry.unit);
      if (edge.away || edge.gone.has(key)) {
        const result = edge.away ? "failed" : "gone";
        return handle(node, { type: "fetchEnded", fetch, result });
      }
      for (let index = pieces.from; index < pieces.to; index++) {
        const span = pieceSpan(entry, index);
        edge.bytes += span.to - span.from;
        handle(node, { type: "fetchedPiece", fetch, index, payload: { key, index, good: true } });
      }
      handle(node, { type: "fetchEnded", fetch, result: "complete" });
    });
  }

  function unlink(a: string, b: string): void {
    if (!links.delete(linkOf(a, b))) return;
    for (const [one, other] of [[a, b], [b, a]] as const) {
      const node = nodes.get(one);
      if (node) later(0, () => handle(node, { type: "linkClosed", peer: other }));
    }
  }

  return {
    edge,
    stalled,
    now: () => nowMs,
    add(id: string, conduct: Conduct = ACTIVE): Node {
      const node: Node = {
        id,
        engine: createEngine<Handle>({ self: id, random, conduct }),
        log: [],
        delivered: [],
        declined: [],
        liar: false,
        miscodes: false,
        alive: true,
      };
      nodes.set(id, node);
      return node;
    },
    link(a: Node, b: Node): void {
      links.add(linkOf(a.id, b.id));
      handle(a, { type: "linkOpen", peer: b.id });
      handle(b, { type: "linkOpen", peer: a.id });
    },
    unlink: (a: Node, b: Node) => unlink(a.id, b.id),
    /** A partner of `node` that says only what the test makes it say, and that it is there. */
    puppet(node: Node, peer: string): void {
      handle(node, { type: "linkOpen", peer });
      handle(node, {
        type: "frame",
        peer,
        frame: { type: "hello", version: PROTOCOL_VERSION, peer },
      });
      const alive = () => {
        if (!links.has(linkOf(node.id, peer)) || silent.has(peer)) return;
        handle(node, { type: "frame", peer, frame: { type: "have", standing: NOTHING, maps: [] } });
        later(1_000, alive);
      };
      links.add(linkOf(node.id, peer));
      alive();
    },
    silence: (peer: string) => void silent.add(peer),
    handle,
    /** The edge publishes: everyone hears of it, and `runs[id]` are given to that peer. */
    publish(entry: LedgerEntry, runs: Record<string, number[]> = {}): void {
      published.set(unitKey(entry.unit), entry);
      for (const node of nodes.values()) {
        const inject = runs[node.id] ?? [];
        const digests = edge.bare ? undefined : listOf();
        handle(node, {
          type: "ledger",
          entry,
          live: true,
          inject,
          ...(digests ? { digests } : {}),
        });
      }
    },
    demand(node: Node, demand: number, unit: Unit, inMs: number): void {
      handle(node, { type: "demand", demand, unit, deadlineMs: nowMs + inMs });
    },
    /** Runs everything that is due within `ms`. */
    run(ms: number): void {
      const untilMs = nowMs + ms;
      for (;;) {
        events.sort((a, b) => a.atMs - b.atMs || a.order - b.order);
        if (!events[0] || events[0].atMs > untilMs) break;
        const event = events.shift()!;
        nowMs = event.atMs;
        event.run();
      }
      nowMs = untilMs;
    },
  };
}

export type Network = ReturnType<typeof createNetwork>;

function linkOf(a: string, b: string): string {
  return [a, b].sort().join("~");
}

export function outputsOf<T extends EngineOutput<Handle>["type"]>(node: Node, type: T) {
  return node.log.filter((one): one is Extract<EngineOutput<Handle>, { type: T }> =>
    one.type === type
  );
}
