/** Engines in one process on virtual time: links with a delay, one edge, media as opaque handles. */
import type { LedgerEntry } from "../../../edge/protocol/ledger_entry.ts";
import type { PeerFrame } from "../../../edge/protocol/peer_frames.ts";
import { pieceLength } from "../../../edge/protocol/parity.ts";
import { cut, MAX_PIECES, pieceSpan } from "../../../edge/protocol/pieces.ts";
import { type Unit, unitKey, WHOLE } from "../../../edge/protocol/unit.ts";
import { createEngine, type Engine } from "../../../web/swarm/engine.ts";
import type { Conduct, EngineInput, EngineOutput } from "../../../web/swarm/io.ts";
import { drive } from "../../sim/driver.ts";
import { mulberry32 } from "../../sim/random.ts";
import { createWires, type Handle, NOTHING } from "./wires.ts";

export { type Handle, NOTHING };

export const ACTIVE: Conduct = { prefetch: "all", inject: true, upload: true, uploadCap: 1e6 };
export const SEGMENT_MS = 2_000;
const LINK_MS = 20;
/** Whether a want only asks whether the partner is there. */
export const isProbe = ({ pieces }: { pieces: readonly number[] }) => pieces.includes(MAX_PIECES);
const EDGE_MS = 30;
const GOOD_LIST = new Uint8Array([1]);
const BAD_LIST = new Uint8Array([0]);
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
  const feeds = new Map<Node, (input: EngineInput<Handle>) => void>();
  const handle = (node: Node, input: EngineInput<Handle>) => feeds.get(node)!(input);
  const wires = createWires<Node>(handle);
  const { clock, nodes, isLinked } = wires;
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
  const random = mulberry32(seed);

  function perform(node: Node, output: EngineOutput<Handle>): void {
    node.log.push(output);
    switch (output.type) {
      case "send":
        return send(node, output.peer, output.frame);
      case "fetch":
        return fetch(node, output);
      case "fetchDigests":
        return clock.after(EDGE_MS, () => {
          const digests = edge.away ? undefined : listOf();
          handle(node, { type: "fetchedDigests", unit: output.entry.unit, digests });
        });
      case "checkPiece": {
        const { unit, index, payload } = output;
        const ok = payload.good && payload.key === unitKey(unit) && payload.index === index;
        return clock.after(
          1,
          () => handle(node, { type: "checkedPiece", unit, index, payload, ok }),
        );
      }
      case "checkDigests": {
        const { unit, digests } = output;
        const ok = digests[0] === 1;
        return clock.after(1, () => handle(node, { type: "checkedDigests", unit, digests, ok }));
      }
      case "code": {
        const { entry: { unit }, index, pieces } = output;
        const good = !node.miscodes && pieces.every(({ payload }) => payload.good);
        const payload = { key: unitKey(unit), index, good };
        return clock.after(1, () => handle(node, { type: "coded", unit, index, payload }));
      }
      case "deliver":
        node.delivered.push({ ...output, atMs: clock.now() });
        return;
      case "decline":
        node.declined.push(output);
        return;
      case "drop":
        return wires.unlink(node.id, output.peer);
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
    clock.after(LINK_MS, () => {
      // What has not left when its link ends is not told of.
      if (stalled.has(to) || !isLinked(from.id, to)) return;
      const node = nodes.get(to);
      if (node) handle(node, { type: "frame", peer: from.id, frame });
      if (frame.type === "want" && isProbe(frame) && wires.refuses(to)) {
        handle(from, { type: "frame", peer: to, frame: { ...frame, type: "refuse" } });
      }
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
    clock.after(EDGE_MS + edge.slowMs, () => {
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

  return {
    edge,
    stalled,
    now: clock.now,
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
      const { engine } = node;
      const alive = () => node.alive;
      const feed = drive({ clock, engine, alive, perform: (output) => perform(node, output) });
      feeds.set(node, feed);
      return node;
    },
    link: wires.link,
    unlink: (a: Node, b: Node) => wires.unlink(a.id, b.id),
    puppet: wires.puppet,
    silence: wires.silence,
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
      handle(node, { type: "demand", demand, unit, deadlineMs: clock.now() + inMs });
    },
    run: wires.run,
  };
}

export type Network = ReturnType<typeof createNetwork>;

export function outputsOf<T extends EngineOutput<Handle>["type"]>(node: Node, type: T) {
  return node.log.filter((one): one is Extract<EngineOutput<Handle>, { type: T }> =>
    one.type === type
  );
}
