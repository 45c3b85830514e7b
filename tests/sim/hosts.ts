/**
 * Hosts and what lies between them. A host sends one frame at a time, its flows taking turns, at the
 * rate of its uplink; a frame then travels for the delay of the pair, and is received at the rate of
 * the downlink. Within a flow frames keep their order, as on a reliable data channel or TCP, whose
 * losses show as delay. Of a flow to another thread only the way there is reckoned here, and what
 * comes of it, there.
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
  /** Its other end is in another thread. */
  readonly far: boolean;
  readonly queue: Parcel[];
  open: boolean;
  /** When the last that is on its way reaches the other end, and has been received there, ms. */
  reachedMs: number;
  receivedMs: number;
}

interface Parcel {
  readonly bytes: number;
  readonly arrive: (reachesMs: number) => void;
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

export function openFlow(
  from: Host,
  to: Host,
  delayMs: number,
  { first = false, far = false }: { first?: boolean; far?: boolean } = {},
): Flow {
  return { from, to, delayMs, first, far, queue: [], open: true, reachedMs: 0, receivedMs: 0 };
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
    const leftMs = host.upFreeMs = clock.now() + parcel.bytes / host.uplink;
    // What may be lost with its host must not be on its way to another thread before it has left.
    const late = flow.far && parcel.left !== undefined;
    if (!late) travel(flow, parcel, leftMs);
    if (!parcel.left && host.turns.length === 0) return;
    awaitLeaving(host, late ? () => (travel(flow, parcel, leftMs), parcel.left!()) : parcel.left);
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

  /** In the order of the flow. */
  function travel(flow: Flow, { bytes, arrive }: Parcel, leftMs: number): void {
    flow.reachedMs = Math.max(flow.reachedMs, leftMs + flow.delayMs + disturbance());
    if (flow.far) return arrive(flow.reachedMs);
    clock.at(flow.reachedMs, () => {
      if (flow.from.goneMs >= leftMs) receive(flow, bytes, arrive);
    });
  }

  /** A frame has reached the other end; what is large takes its time on the downlink. */
  function receive(flow: Flow, bytes: number, arrive: (reachedMs: number) => void): void {
    const { to } = flow;
    if (!flow.open || !isAlive(to)) return;
    const nowMs = clock.now();
    to.downFreeMs = Math.max(to.downFreeMs, nowMs) + bytes / to.downlink;
    // A moment's wait is not worth an event, unless something before it in the flow still waits.
    const soon = to.downFreeMs - nowMs < 1;
    if (soon && flow.receivedMs <= nowMs) return arrive(nowMs);
    flow.receivedMs = to.downFreeMs;
    clock.at(to.downFreeMs, () => {
      if (flow.open && isAlive(to)) arrive(clock.now());
    });
  }

  return {
    /**
     * Sends `bytes`; `left` is called when they have left the sender, and `arrive` when they have arrived. Where
     * the other end is far, `arrive` is called before, with the time when they reach it, ms.
     */
    send(
      flow: Flow,
      bytes: number,
      arrive: (reachesMs: number) => void,
      left?: () => void,
    ): void {
      const { from, queue } = flow;
      if (!flow.open || !isAlive(from)) return;
      queue.push({ bytes, arrive, left });
      if (queue.length === 1) takeTurn(flow);
      if (from.waiting) return;
      if (clock.now() < from.upFreeMs) awaitLeaving(from);
      else next(from);
    },
    /** What came from another thread has reached this end of its flow. */
    receive,
  };
}

export type Carrier = ReturnType<typeof createCarrier>;
