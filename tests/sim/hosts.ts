/**
 * Hosts and what lies between them. A host sends one frame at a time, its flows taking turns, at the
 * rate of its uplink; a frame then travels for the delay of the pair, and is received at the rate of
 * the downlink. Within a flow frames keep their order, as on a reliable data channel or TCP, whose
 * losses show as delay.
 */
import type { Clock } from "./clock.ts";

export interface Host {
  readonly index: number;
  /** bytes/ms */
  uplink: number;
  /** bytes/ms */
  readonly downlink: number;
  /** What has not left by then is lost, ms. */
  goneMs: number;
  /** Flows with something to send, in turn. */
  readonly turns: Flow[];
  /** When what is being sent has left, ms, and whether what comes after it waits for that. */
  upFreeMs: number;
  waiting: boolean;
  /** When the downlink has received all that is on its way, ms. */
  downFreeMs: number;
}

/** One way of a connection. */
export interface Flow {
  readonly from: Host;
  readonly to: Host;
  readonly delayMs: number;
  /** Its frames go before those of other flows. */
  readonly first: boolean;
  readonly queue: Parcel[];
  open: boolean;
  /** When the last that is on its way reaches the other end, and has been received there, ms. */
  reachedMs: number;
  receivedMs: number;
}

interface Parcel {
  readonly bytes: number;
  readonly arrive: () => void;
  readonly left: (() => void) | undefined;
}

/** What the way between two hosts adds to a frame's delay beyond its distance, ms. */
export type Disturbance = () => number;

/** Retransmission of a lost packet takes about a round trip and some patience, ms. */
export const RETRANSMISSION_MS = 200;

export function createHost(index: number, uplink: number, downlink: number): Host {
  return {
    index,
    uplink,
    downlink,
    goneMs: Infinity,
    turns: [],
    upFreeMs: 0,
    waiting: false,
    downFreeMs: 0,
  };
}

export function openFlow(from: Host, to: Host, delayMs: number, first = false): Flow {
  return { from, to, delayMs, first, queue: [], open: true, reachedMs: 0, receivedMs: 0 };
}

/** What a host sends is lost with it; what it has sent arrives. */
export function createCarrier(clock: Clock, disturbance: Disturbance) {
  const isAlive = ({ goneMs }: Host) => clock.now() < goneMs;

  /** Sends the next frame, and wakes when it has left only if anything depends on that. */
  function next(host: Host): void {
    if (!isAlive(host)) return;
    let flow, parcel;
    do {
      flow = host.turns.shift();
      parcel = flow?.queue.shift();
    } while (flow && !(parcel && flow.open));
    if (!flow || !parcel) return;
    if (flow.queue.length > 0) takeTurn(flow);
    host.upFreeMs = clock.now() + parcel.bytes / host.uplink;
    arrive(flow, parcel, host.upFreeMs);
    if (parcel.left || host.turns.length > 0) awaitLeaving(host, parcel.left);
  }

  function awaitLeaving(host: Host, left?: () => void): void {
    host.waiting = true;
    clock.at(host.upFreeMs, () => {
      host.waiting = false;
      if (!isAlive(host)) return;
      left?.();
      if (clock.now() >= host.upFreeMs) next(host);
    });
  }

  function takeTurn(flow: Flow): void {
    if (flow.first) flow.from.turns.unshift(flow);
    else flow.from.turns.push(flow);
  }

  /** In the order of the flow; what is large takes its time on the downlink. */
  function arrive(flow: Flow, { bytes, arrive }: Parcel, leftMs: number): void {
    const { from, to } = flow;
    flow.reachedMs = Math.max(flow.reachedMs, leftMs + flow.delayMs + disturbance());
    clock.at(flow.reachedMs, () => {
      if (!flow.open || !isAlive(to) || from.goneMs < leftMs) return;
      to.downFreeMs = Math.max(to.downFreeMs, clock.now()) + bytes / to.downlink;
      // A moment's wait is not worth an event, unless something before it in the flow still waits.
      const soon = to.downFreeMs - clock.now() < 1;
      if (soon && flow.receivedMs <= clock.now()) return arrive();
      flow.receivedMs = to.downFreeMs;
      clock.at(to.downFreeMs, () => {
        if (flow.open && isAlive(to)) arrive();
      });
    });
  }

  return {
    /** Sends `bytes`; `left` is called when they have left the sender. */
    send(flow: Flow, bytes: number, arrive: () => void, left?: () => void): void {
      const { from, queue } = flow;
      if (!flow.open || !isAlive(from)) return;
      queue.push({ bytes, arrive, left });
      if (queue.length === 1) takeTurn(flow);
      if (from.waiting) return;
      if (clock.now() < from.upFreeMs) awaitLeaving(from);
      else next(from);
    },
  };
}

export type Carrier = ReturnType<typeof createCarrier>;
