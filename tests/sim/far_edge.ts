/** The edge of a world whose edge is in another thread, and that thread's part of it. */
import type { LedgerEntry } from "../../edge/protocol/ledger_entry.ts";
import type { Clock } from "./clock.ts";
import { type Edge, type EdgeHost, keepInWindow, type SocketEvent } from "./edge_host.ts";
import { type Carrier, createHost, type Flow, type Host, openFlow } from "./hosts.ts";
import type { AnswerNote, EdgeNote, Threads } from "./post.ts";

/** The edge is in the first thread. */
const EDGE_THREAD = 0;

export interface FarEdge extends Edge {
  take(note: AnswerNote): void;
}

/** The edge as those find it who are in another thread. It is never away: no scenario in threads has that. */
export function createFarEdge(
  { clock, carrier, threads }: { clock: Clock; carrier: Carrier; threads: Threads },
): FarEdge {
  const thread = threads.mine;
  const edgeHost = createHost(-1, Infinity, Infinity);
  const sockets = new Map<number, (event: SocketEvent) => void>();
  const requests = new Map<number, { flow: Flow; onPiece: (index: number) => void }>();
  const units: LedgerEntry[] = [];
  let lastId = 0;
  const post = (delayMs: number, note: EdgeNote) =>
    threads.post(EDGE_THREAD, clock.now() + delayMs, note);

  return {
    away: false,
    units,
    publish: (entry) => keepInWindow(units, entry),
    connect(near, delayMs, hear) {
      const id = ++lastId;
      sockets.set(id, hear);
      post(delayMs, { type: "open", thread, id, near, delayMs });
      return {
        send: (message) =>
          post(delayMs, { type: "text", thread, id, text: JSON.stringify(message) }),
        close: () => post(delayMs, { type: "close", thread, id }),
      };
    },
    get(host, delayMs, { entry: { unit }, pieces, purpose }, onPiece, onEnd) {
      const id = ++lastId;
      requests.set(id, {
        flow: openFlow(edgeHost, host, delayMs),
        onPiece: (index) => {
          onPiece(index);
          if (index < pieces.to - 1) return;
          requests.delete(id);
          onEnd("complete");
        },
      });
      post(delayMs, { type: "get", thread, id, delayMs, unit, pieces, purpose });
      return () => {
        if (requests.delete(id)) post(delayMs, { type: "cancel", thread, id });
      };
    },
    take(note) {
      if (note.type === "event") return sockets.get(note.id)?.(note.event);
      const { id, index, bytes } = note;
      const request = requests.get(id);
      if (!request) return;
      carrier.receive(request.flow, bytes, () => {
        if (requests.has(id)) request.onPiece(index);
      });
    },
  };
}

/** What the thread of the edge does for the others. */
export function createEdgeGate(
  { edge, threads, entryOf }: {
    edge: EdgeHost;
    threads: Threads;
    entryOf: (unit: LedgerEntry["unit"]) => LedgerEntry;
  },
): (note: EdgeNote) => void {
  const sockets = new Map<string, number>();
  const flows = new Map<string, Flow>();
  const far: Host = createHost(-2, Infinity, Infinity);

  return (note) => {
    const { thread, id } = note;
    const key = `${thread} ${id}`;
    switch (note.type) {
      case "open": {
        const tell = (atMs: number, event: SocketEvent) =>
          threads.post(thread, atMs, { type: "event", id, event });
        sockets.set(key, edge.opened(note.near, note.delayMs, tell));
        return;
      }
      case "text":
        return edge.text(sockets.get(key)!, note.text);
      case "close":
        return edge.closed(sockets.get(key)!);
      case "get": {
        const { delayMs, pieces, purpose } = note;
        const entry = entryOf(note.unit);
        const flow = openFlow(edge.host, far, delayMs, { first: purpose === "inject", far: true });
        flows.set(key, flow);
        return edge.serve(flow, { entry, pieces, purpose }, (index, bytes, reachesMs) => {
          if (index === pieces.to - 1) flows.delete(key);
          threads.post(thread, reachesMs, { type: "piece", id, index, bytes });
        });
      }
      case "cancel": {
        const flow = flows.get(key);
        if (flow) flow.open = false;
        flows.delete(key);
        return;
      }
    }
  };
}
