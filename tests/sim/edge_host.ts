/** The edge of a world: the real swarm code, sockets with a delay, and an HTTP origin with a capped egress. */
import { encodeLedgerEntry, type LedgerEntry } from "../../edge/protocol/ledger_entry.ts";
import type { ClientMessage, ServerMessage } from "../../edge/protocol/messages.ts";
import { decodeLedgerFrame, type LedgerFrame } from "../../edge/protocol/ledger_frame.ts";
import { totalPieceCount } from "../../edge/protocol/parity.ts";
import { pieceSpan, type Span } from "../../edge/protocol/pieces.ts";
import { createSwarm } from "../../edge/swarm/swarm.ts";
import type { Clock } from "./clock.ts";
import { type Carrier, createHost, type Flow, type Host, openFlow } from "./hosts.ts";
import { type Meter, noteEdgeBytes } from "./measure.ts";

/** What the other end of a swarm socket hears. */
export type SocketEvent =
  | { readonly type: "message"; readonly message: ServerMessage }
  | { readonly type: "ledger"; readonly frame: LedgerFrame }
  | { readonly type: "closed" };

/** The other end of a swarm socket hears something at a time, ms. */
export type SocketEnd = (atMs: number, event: SocketEvent) => void;

export interface EdgeSocket {
  send(message: ClientMessage): void;
  /** The peer closed it; without a word if it vanished. */
  close(): void;
}

export type Purpose = keyof Meter["edgeBytes"];

/** Pieces of a unit by HTTP. */
export interface EdgeRequest {
  readonly entry: LedgerEntry;
  readonly pieces: Span;
  readonly purpose: Purpose;
}

/** The edge, as a viewer finds it: with the way there. */
export interface Edge {
  readonly away: boolean;
  /** `near` is equal for those of one network. */
  connect(
    near: string | undefined,
    delayMs: number,
    hear: (event: SocketEvent) => void,
  ): EdgeSocket;
  /** The pieces come in order. Answers how to cancel. */
  get(
    host: Host,
    delayMs: number,
    request: EdgeRequest,
    onPiece: (index: number) => void,
    onEnd: (result: "complete" | "failed") => void,
  ): () => void;
  publish(entry: LedgerEntry): void;
  /** What can be had by HTTP. */
  readonly units: readonly LedgerEntry[];
}

/** The edge itself. */
export interface EdgeHost extends Edge {
  /** Where its bytes leave from. */
  readonly host: Host;
  /** Caps what HTTP may send, bytes/ms. */
  setEgress(rate: number): void;
  /** A socket has come: answers its number. What goes out takes `delayMs`. */
  opened(near: string | undefined, delayMs: number, end: SocketEnd): number;
  /** What has come by a socket. */
  text(socket: number, text: string): void;
  closed(socket: number): void;
  /** Answers a request that has come; `arrive` as in `Carrier`. */
  serve(
    flow: Flow,
    request: EdgeRequest,
    arrive: (index: number, bytes: number, reachesMs: number) => void,
  ): void;
  /** Peers that have joined the swarm. */
  viewers(): number;
  /** It crashes: sockets close, requests fail, and who is here is forgotten. */
  goAway(): void;
  /** It starts again, and has from its source what is in the live window. */
  comeBack(): void;
}

/** How often the swarm is told that time has passed, ms. */
const TICK_MS = 250;
/** More pieces than any segment here has; nothing looks into their digests. */
const MAX_DIGESTS = 1_024;
/** Units that can be had by HTTP. */
const WINDOW_UNITS = 45;

export function keepInWindow(units: LedgerEntry[], entry: LedgerEntry): void {
  units.push(entry);
  if (units.length > WINDOW_UNITS) units.shift();
}

export function createEdgeHost({ clock, carrier, meter, random, partners }: {
  clock: Clock;
  carrier: Carrier;
  meter: Meter;
  random: () => number;
  /** From so many partners on nobody is introduced to a peer. */
  partners?: number | undefined;
}): EdgeHost {
  const host = createHost(-1, Infinity, Infinity);
  const units: LedgerEntry[] = [];
  const digests = new Uint8Array(MAX_DIGESTS * 16);
  const decoded = new WeakMap<Uint8Array, LedgerFrame>();
  const ends = new Map<number, { end: SocketEnd; delayMs: number }>();
  /** How to end the requests that are being answered. */
  const answering = new Set<() => void>();
  let sockets = 0;
  let away = false;
  let swarm = newSwarm();

  function newSwarm() {
    const channel = {
      name: "sim",
      title: "sim",
      base: "/live/sim/",
      targetDurationMs: 2_000,
      master: false,
      renditions: [],
    } as never;
    return createSwarm({
      channel,
      random,
      limits: {
        peers: 20_000,
        messagesPerSecond: 1_000,
        messageBurst: 10_000,
        ...(partners === undefined ? {} : { partners }),
      },
    });
  }

  function drain(): void {
    for (let output; (output = swarm.poll());) {
      switch (output.type) {
        case "message": {
          const { message } = output;
          const bytes = JSON.stringify(message).length;
          for (const to of output.to) tell(to, bytes, { type: "message", message });
          break;
        }
        case "ledger": {
          const frame = decoded.get(output.frame) ?? decodeLedgerFrame(output.frame)!;
          decoded.set(output.frame, frame);
          for (const to of output.to) tell(to, output.frame.length, { type: "ledger", frame });
          break;
        }
        case "close":
          tell(output.socket, 0, { type: "closed" });
          ends.delete(output.socket);
          break;
        case "event":
          break;
      }
    }
  }

  function tell(socket: number, bytes: number, event: SocketEvent): void {
    const to = ends.get(socket);
    if (!to) return;
    countControl(bytes);
    to.end(clock.now() + to.delayMs, event);
  }

  function countControl(bytes: number): void {
    if (!meter.on) return;
    meter.controlBytes += bytes;
    // TCP, IP and WebSocket headers are less than a data channel's, but of the same order.
    meter.controlWireBytes += bytes + 66;
  }

  function tellSwarm(entry: LedgerEntry): void {
    const event = {
      type: "published",
      channel: "sim",
      entry: encodeLedgerEntry(entry),
      digests: digests.subarray(0, totalPieceCount(entry) * 16),
    } as const;
    swarm.handle({ type: "origin", event }, clock.now());
    drain();
  }

  const edge: EdgeHost = {
    get away() {
      return away;
    },
    host,
    units,
    setEgress: (rate) => host.uplink = rate,
    viewers: () => swarm.stats(clock.now()).joined,
    opened(near, delayMs, end) {
      const socket = ++sockets;
      ends.set(socket, { end, delayMs });
      swarm.handle({ type: "opened", socket, iceServers: [], near }, clock.now());
      return socket;
    },
    text(socket, text) {
      countControl(text.length);
      if (!ends.has(socket) || away) return;
      swarm.handle({ type: "text", socket, text }, clock.now());
      drain();
    },
    closed(socket) {
      if (!ends.has(socket) || away) return;
      swarm.handle({ type: "closed", socket }, clock.now());
      ends.delete(socket);
      drain();
    },
    serve(flow, { entry, pieces, purpose }, arrive) {
      for (let index = pieces.from; index < pieces.to; index++) {
        const { from, to } = pieceSpan(entry, index);
        const bytes = to - from;
        const left = () => noteEdgeBytes(meter, purpose, bytes, clock.now());
        carrier.send(flow, bytes, (reachesMs) => arrive(index, bytes, reachesMs), left);
      }
    },
    connect(near, delayMs, hear) {
      const socket = edge.opened(near, delayMs, (atMs, event) => clock.at(atMs, () => hear(event)));
      return {
        send(message) {
          const text = JSON.stringify(message);
          clock.after(delayMs, () => edge.text(socket, text));
        },
        close: () => clock.after(delayMs, () => edge.closed(socket)),
      };
    },
    get(to, delayMs, request, onPiece, onEnd) {
      let over = false;
      const flow = openFlow(host, to, delayMs, { first: request.purpose === "inject" });
      const end = () => {
        over = true;
        answering.delete(fail);
      };
      const fail = () => {
        end();
        flow.open = false;
        clock.after(delayMs, () => onEnd("failed"));
      };
      clock.after(delayMs, () => {
        if (over) return;
        if (away) return fail();
        answering.add(fail);
        edge.serve(flow, request, (index) => {
          if (over) return;
          onPiece(index);
          if (index < request.pieces.to - 1) return;
          end();
          onEnd("complete");
        });
      });
      return () => {
        end();
        // What has not left yet does not leave; the news takes its time to get there.
        clock.after(delayMs, () => flow.open = false);
      };
    },
    publish(entry) {
      keepInWindow(units, entry);
      if (meter.on) meter.publishedBytes += entry.length;
      if (!away) tellSwarm(entry);
    },
    goAway() {
      away = true;
      for (const { end, delayMs } of ends.values()) end(clock.now() + delayMs, { type: "closed" });
      ends.clear();
      for (const fail of answering) fail();
    },
    comeBack() {
      away = false;
      swarm = newSwarm();
      for (const entry of units) tellSwarm(entry);
    },
  };
  const tick = () => {
    if (!away) {
      swarm.handle({ type: "tick" }, clock.now());
      drain();
    }
    clock.after(TICK_MS, tick);
  };
  tick();
  return edge;
}
