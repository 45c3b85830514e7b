/** Engines for files in one process on virtual time: links with a delay, one edge, media as opaque handles. */
import {
  blockCount,
  blockEntry,
  cutFile,
  type FileEntry,
  type FileIndex,
} from "../../../../edge/protocol/file_index.ts";
import type { LedgerEntry } from "../../../../edge/protocol/ledger_entry.ts";
import type { PeerFrame } from "../../../../edge/protocol/peer_frames.ts";
import { pieceSpan, type Span } from "../../../../edge/protocol/pieces.ts";
import { unitKey } from "../../../../edge/protocol/unit.ts";
import type { Conduct, EngineOutput } from "../../../../web/swarm/io.ts";
import { createVodEngine, type VodEngine } from "../../../../web/swarm/vod/engine.ts";
import type { VodInput } from "../../../../web/swarm/vod/io.ts";
import { drive } from "../../../sim/driver.ts";
import { mulberry32 } from "../../../sim/random.ts";
import { createWires, type Handle } from "../wires.ts";

export const WATCHES: Conduct = { prefetch: "played", inject: false, upload: true, uploadCap: 1e6 };
/** bytes/s: a piece plays for 128 ms, a block for 8.2 s. */
export const RATE = 128_000;
export const STEP_MS = 128;
const LINK_MS = 20;
const EDGE_MS = 30;
const GOOD = 1;

export interface FileNode {
  readonly id: string;
  readonly engine: VodEngine<Handle>;
  /** Every output that was performed, in order, and when. */
  readonly log: (EngineOutput<Handle> & { atMs: number })[];
  readonly delivered: { demand: number; index: number; payload: Handle; atMs: number }[];
  readonly declined: { demand: number; reason: string }[];
  /** Sends bad pieces, or bad digest lists, in place of good ones. */
  liar: boolean;
  falseLists: boolean;
}

/** A film of so many blocks of 64 pieces of 16 KiB. */
export function filmOf(blocks: number, epoch = 1): FileIndex {
  const length = blocks * 1024 * 1024;
  const durationMs = (length * 1000) / RATE;
  const root = new Uint8Array(16);
  const file: FileEntry = {
    epoch,
    rendition: 0,
    uri: "film.mp4",
    length,
    durationMs,
    root,
    ...cutFile(length),
  };
  return { file, roots: new Uint8Array(blockCount(file) * 16) };
}

export function entryOf({ file }: FileIndex, block: number): LedgerEntry {
  return blockEntry(file, block, new Uint8Array(16));
}

/** A good digest list. */
export function listOf(pieces = 64): Uint8Array {
  return new Uint8Array(pieces * 16).fill(GOOD);
}

export function createFileNetwork(film: FileIndex, seed = 1) {
  const feeds = new Map<FileNode, (input: VodInput<Handle>) => void>();
  const handle = (node: FileNode, input: VodInput<Handle>) => feeds.get(node)!(input);
  const wires = createWires<FileNode>(handle);
  const { clock, nodes, isLinked } = wires;
  const random = mulberry32(seed);
  const edge = { bytes: 0, requests: 0, lists: 0, away: false, slowMs: 0, cancelled: 0 };
  const cancelled = new Set<string>();

  function perform(node: FileNode, output: EngineOutput<Handle>): void {
    node.log.push({ ...output, atMs: clock.now() });
    switch (output.type) {
      case "send":
        return send(node, output.peer, output.frame);
      case "fetch":
        return fetch(node, output);
      case "cancelFetch":
        edge.cancelled++;
        cancelled.add(`${node.id} ${output.fetch}`);
        return;
      case "fetchDigests":
        edge.lists++;
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
        const ok = digests[0] === GOOD;
        return clock.after(1, () => handle(node, { type: "checkedDigests", unit, digests, ok }));
      }
      case "deliver":
        node.delivered.push({ ...output, atMs: clock.now() });
        return;
      case "decline":
        node.declined.push(output);
        return;
      case "drop":
        return wires.unlink(node.id, output.peer);
      case "accuse":
      case "injected":
      case "whole":
      case "seek":
      case "connect":
      case "signal":
      case "signalled":
        return;
    }
  }

  function send(from: FileNode, to: string, sent: PeerFrame<Handle>): void {
    let frame = sent;
    if (from.liar && sent.type === "piece") {
      frame = { ...sent, payload: { ...sent.payload, good: false } };
    }
    if (from.falseLists && sent.type === "digests") {
      frame = { ...sent, digests: new Uint8Array(sent.digests.length) };
    }
    clock.after(LINK_MS, () => {
      if (!isLinked(from.id, to)) return;
      const node = nodes.get(to);
      if (node) handle(node, { type: "frame", peer: from.id, frame });
      if (frame.type !== "piece") return;
      const span = pieceSpan(entryOf(film, frame.unit.sequence), frame.index);
      handle(from, { type: "sent", peer: to, bytes: span.to - span.from });
    });
  }

  function fetch(
    node: FileNode,
    { fetch, entry, pieces }: Extract<EngineOutput<Handle>, { type: "fetch" }>,
  ): void {
    edge.requests++;
    clock.after(EDGE_MS + edge.slowMs, () => {
      if (cancelled.has(`${node.id} ${fetch}`)) return;
      if (edge.away) return handle(node, { type: "fetchEnded", fetch, result: "failed" });
      const key = unitKey(entry.unit);
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
    now: clock.now,
    handle,
    /** One who knows the film and nothing of it, and hears of an audience. */
    add(id: string, conduct: Conduct = WATCHES, libraryBytes?: number): FileNode {
      const bytes = libraryBytes === undefined ? {} : { libraryBytes };
      const node: FileNode = {
        id,
        engine: createVodEngine<Handle>({ self: id, random, conduct, ...bytes }),
        log: [],
        delivered: [],
        declined: [],
        liar: false,
        falseLists: false,
      };
      nodes.set(id, node);
      const { engine } = node;
      const alive = () => true;
      const feed = drive({ clock, engine, alive, perform: (output) => perform(node, output) });
      feeds.set(node, feed);
      handle(node, { type: "file", index: film, from: 0 });
      return node;
    },
    /** The node has these blocks. */
    stock(node: FileNode, blocks: readonly number[]): void {
      for (const block of blocks) {
        const { unit } = entryOf(film, block);
        const key = unitKey(unit);
        const payloads = Array.from({ length: 64 }, (_, index) => ({ key, index, good: true }));
        handle(node, { type: "held", unit, digests: listOf(), payloads });
      }
    },
    link: wires.link,
    unlink: (a: FileNode, b: FileNode) => wires.unlink(a.id, b.id),
    puppet: wires.puppet,
    say(node: FileNode, peer: string, frame: PeerFrame<Handle>): void {
      handle(node, { type: "frame", peer, frame });
    },
    ask(node: FileNode, demand: number, block: number, pieces: Span, inMs: number): void {
      const { unit } = entryOf(film, block);
      handle(node, { type: "range", demand, unit, pieces, deadlineMs: clock.now() + inMs });
    },
    /** The element plays a piece of a block, or stands there. */
    play(node: FileNode, block: number, index: number, rate = RATE): void {
      const offset = (block * 64 + index) * film.file.pieceBytes;
      handle(node, { type: "position", rendition: 0, offset, rate });
    },
    run: wires.run,
  };
}

/** The frames of a type that were sent to a peer. */
export function framesTo<T extends PeerFrame["type"]>(node: FileNode, peer: string, type: T) {
  return node.log.flatMap((one) =>
    one.type === "send" && one.peer === peer && one.frame.type === type
      ? [one.frame as Extract<PeerFrame<Handle>, { type: T }>]
      : []
  );
}

export function fetchesOf(node: FileNode) {
  return node.log.filter((one): one is Extract<typeof one, { type: "fetch" }> =>
    one.type === "fetch"
  );
}
