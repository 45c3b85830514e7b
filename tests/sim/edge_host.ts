/** The edge of a world: the real swarm code, sockets with a delay, and an HTTP origin with a capped egress. */
import { encodeLedgerEntry, type LedgerEntry } from "../../edge/protocol/ledger_entry.ts";
import type { ClientMessage, ServerMessage } from "../../edge/protocol/messages.ts";
import { decodeLedgerFrame, type LedgerFrame } from "../../edge/protocol/ledger_frame.ts";
import { totalPieceCount } from "../../edge/protocol/parity.ts";
import { pieceSpan, type Span } from "../../edge/protocol/pieces.ts";
import { createSwarm } from "../../edge/swarm/swarm.ts";
import type { Clock } from "./clock.ts";
import { type Carrier, createHost, type Host, openFlow } from "./hosts.ts";
import { type Meter, noteEdgeBytes } from "./measure.ts";

/** The other end of a swarm socket. */
export interface SocketEnd {
  message(message: ServerMessage): void;
  ledger(frame: LedgerFrame): void;
  closed(): void;
}

export interface EdgeSocket {
  send(message: ClientMessage): void;
  /** The peer closed it; without a word if it vanished. */
  close(): void;
}

export type Purpose = keyof Meter["edgeBytes"];

export interface EdgeHost {
  readonly away: boolean;
  /** Where its bytes leave from. */
  readonly host: Host;
  /** Caps what HTTP may send, bytes/ms. */
  setEgress(rate: number): void;
  /** `near` is equal for those of one network. */
  connect(near: string | undefined, delayMs: number, end: SocketEnd): EdgeSocket;
  /** Pieces of a unit by HTTP, in order. Answers how to cancel. */
  get(
    host: Host,
    delayMs: number,
    request: { entry: LedgerEntry; pieces: Span; purpose: Purpose },
    onPiece: (index: number) => void,
    onEnd: (result: "complete" | "failed") => void,
  ): () => void;
  publish(entry: LedgerEntry): void;
  readonly units: readonly LedgerEntry[];
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
          const bytes = JSON.stringify(output.message).length;
          for (const to of output.to) {
            deliver(to, bytes, (end, { message }) => end.message(message), output);
          }
          break;
        }
        case "ledger": {
          const { frame } = output;
          const ledger = decoded.get(frame) ?? decodeLedgerFrame(frame)!;
          decoded.set(frame, ledger);
          for (const to of output.to) {
            deliver(to, frame.length, (end) => end.ledger(ledger), output);
          }
          break;
        }
        case "close":
          deliver(output.socket, 0, (end) => end.closed(), output);
          ends.delete(output.socket);
          break;
        case "event":
          break;
      }
    }
  }

  function deliver<T>(
    socket: number,
    bytes: number,
    tell: (end: SocketEnd, output: T) => void,
    output: T,
  ): void {
    const to = ends.get(socket);
    if (!to) return;
    countControl(bytes);
    clock.after(to.delayMs, () => tell(to.end, output));
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
    connect(near, delayMs, end) {
      const socket = ++sockets;
      ends.set(socket, { end, delayMs });
      swarm.handle({ type: "opened", socket, iceServers: [], near }, clock.now());
      const toEdge = (run: () => void) =>
        clock.after(delayMs, () => {
          if (!ends.has(socket) || away) return;
          run();
          drain();
        });
      return {
        send(message) {
          const text = JSON.stringify(message);
          countControl(text.length);
          toEdge(() => swarm.handle({ type: "text", socket, text }, clock.now()));
        },
        close() {
          toEdge(() => {
            swarm.handle({ type: "closed", socket }, clock.now());
            ends.delete(socket);
          });
        },
      };
    },
    get(to, delayMs, { entry, pieces, purpose }, onPiece, onEnd) {
      let over = false;
      const flow = openFlow(host, to, delayMs, purpose === "inject");
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
        for (let index = pieces.from; index < pieces.to; index++) {
          const span = pieceSpan(entry, index);
          const bytes = span.to - span.from;
          const arrived = () => {
            if (over) return;
            onPiece(index);
            if (index < pieces.to - 1) return;
            end();
            onEnd("complete");
          };
          carrier.send(
            flow,
            bytes,
            arrived,
            () => noteEdgeBytes(meter, purpose, bytes, clock.now()),
          );
        }
      });
      return () => {
        end();
        // What has not left yet does not leave; the news takes its time to get there.
        clock.after(delayMs, () => flow.open = false);
      };
    },
    publish(entry) {
      units.push(entry);
      if (units.length > WINDOW_UNITS) units.shift();
      if (meter.on) meter.publishedBytes += entry.length;
      if (!away) tellSwarm(entry);
    },
    goAway() {
      away = true;
      for (const [, { end, delayMs }] of ends) clock.after(delayMs, () => end.closed());
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
