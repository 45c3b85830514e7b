/**
 * The engine with everything around it: tracker socket, links, edge, checks and clock. It knows
 * nothing of pages and elements, so that a relay without a browser can run it too.
 */
import type { ChannelDescription, ChannelState } from "../../edge/protocol/channel.ts";
import { isDigestListOf, isPieceOf } from "../../edge/protocol/digest_list.ts";
import type { LedgerEntry } from "../../edge/protocol/ledger_entry.ts";
import type { LedgerFrame } from "../../edge/protocol/ledger_frame.ts";
import { unitKey } from "../../edge/protocol/unit.ts";
import type { PeerFrame } from "../../edge/protocol/peer_frames.ts";
import type { ByteReport, PeerStatus, ServerMessage } from "../../edge/protocol/messages.ts";
import { codePiece } from "../../edge/protocol/parity.ts";
import { PROTOCOL_VERSION } from "../../edge/protocol/version.ts";
import { createEngine, type EngineTotals, type SwarmEngine } from "../swarm/engine.ts";
import type { EngineOptions } from "../swarm/state.ts";
import type { VodEngine } from "../swarm/vod/engine.ts";
import type { VodInput } from "../swarm/vod/io.ts";
import type { Conduct, EngineInput, EngineOutput } from "../swarm/io.ts";
import { createAlarm } from "./alarm.ts";
import { fetchDigests, fetchPieces } from "./edge_http.ts";
import type { Link, LinkEvents } from "./link.ts";
import { connectionsOnDemand } from "./connections_on_demand.ts";
import { openTabLinks } from "./tab_links.ts";
import { openTracker, STATUS_INTERVAL_MS } from "./tracker_socket.ts";
import { proveWhole } from "./verify.ts";

type Bytes = Uint8Array<ArrayBuffer>;

export interface SwarmSessionOptions {
  /** Absolute URL of the channel's media, ending in a slash. */
  readonly base: string;
  /** `ws:` or `wss:` URL of the swarm socket. */
  readonly tracker: string;
  readonly conduct: Conduct;
  /** The engine, where it is not that of live channels. */
  readonly createEngine?: (options: EngineOptions) => VodEngine<Bytes>;
  /** `undefined` where the browser has no WebRTC. */
  readonly Connection: typeof RTCPeerConnection | undefined;
  /** Name under which tabs of this browser find each other; `undefined`: they do not. */
  readonly tabs: string | undefined;
  readonly status: () => Pick<PeerStatus, "playing" | "visible" | "uploads">;
  readonly report: () => ByteReport;
  readonly deliver: (demand: number, payload: Bytes, last: boolean) => void;
  readonly decline: (demand: number, reason: string) => void;
  readonly onEntry: (entry: LedgerEntry) => void;
  readonly onOnline: (online: boolean) => void;
  /** Of a file: all of a block has come, piece by piece. */
  readonly onWhole?: (entry: LedgerEntry, pieces: readonly Bytes[]) => void;
  /** Called every second, in a hidden page too. */
  readonly beat: () => void;
}

/** What the session knows of the channel, from the edge. */
export interface ChannelView {
  readonly description: ChannelDescription | undefined;
  readonly state: ChannelState;
  readonly viewers: number;
  /** Whether the swarm socket is up. */
  readonly online: boolean;
  /** Why the edge does not want this peer, for people. */
  readonly refused: string | undefined;
  /** WebRTC connections that could not be made. */
  readonly failedConnections: number;
  /** Ledger entries of before the join that are still to come. */
  readonly backlog: number;
}

export interface SwarmSession {
  view(): ChannelView;
  totals(): EngineTotals;
  setConduct(conduct: Conduct): void;
  /** Tells the edge of a changed status at once. */
  tellStatus(): void;
  demand(id: number, entry: LedgerEntry, deadlineMs: number): void;
  abandon(id: number): void;
  /** A whole unit that came past the engine; kept for partners if it is what the ledger names, which it answers. */
  hold(entry: LedgerEntry, body: Bytes): Promise<boolean>;
  hasWithoutEdge(entry: LedgerEntry): boolean;
  /** For an engine of the owner's: what only the owner knows. */
  handle(input: VodInput<Bytes>): void;
  close(): void;
}

/** How often the session looks after itself and its owner, ms. */
const BEAT_MS = 1_000;

const now = () => performance.now();

export function openSwarmSession(options: SwarmSessionOptions): SwarmSession {
  const self = randomId();
  const secret = randomId();
  const engineOptions = { self, random: Math.random, conduct: options.conduct };
  const vod = options.createEngine?.(engineOptions);
  const live = vod ? undefined : createEngine<Bytes>(engineOptions);
  // Ledger entries and demands are for live engines only, and nothing here gives them to another.
  const engine = (vod ?? live!) as SwarmEngine<EngineInput<Bytes> | VodInput<Bytes>, Bytes>;
  const links = new Map<string, Link>();
  const fetches = new Map<number, AbortController>();
  const view = {
    description: undefined as ChannelDescription | undefined,
    state: "starting" as ChannelState,
    viewers: 0,
    online: false,
    refused: undefined as string | undefined,
    failedConnections: 0,
    backlog: 0,
  };
  /** The edge counts a member from its join on, and an edge that restarts begins anew. */
  let atJoin: ByteReport = { peers: 0, edge: 0, cache: 0, uploaded: 0 };
  let draining = false;
  let nextBeatMs = 0;
  let nextStatusMs = 0;
  let wasAble = "";

  /** One timer drives all, as the page's own are held back while it is hidden. */
  const alarm = createAlarm(() => {
    if (now() >= nextBeatMs) beat();
    handle({ type: "wake" });
  });

  function handle(input: EngineInput<Bytes> | VodInput<Bytes>): void {
    engine.handle(input, now());
    if (draining) return;
    draining = true;
    for (let output; (output = engine.poll());) perform(output);
    draining = false;
    alarm.set(Math.min(engine.wakeMs(), nextBeatMs) - now());
  }

  function perform(output: EngineOutput<Bytes>): void {
    switch (output.type) {
      case "send":
        links.get(output.peer)?.send(output.frame);
        return;
      case "fetch":
        return startFetch(output);
      case "cancelFetch":
        fetches.get(output.fetch)?.abort();
        return;
      case "fetchDigests": {
        const { entry } = output;
        fetchDigests(options.base, entry).then((digests) =>
          handle({ type: "fetchedDigests", unit: entry.unit, digests })
        );
        return;
      }
      case "checkPiece": {
        const { unit, index, payload, digests } = output;
        isPieceOf(payload, digests, index).then((ok) =>
          handle({ type: "checkedPiece", unit, index, payload, ok })
        );
        return;
      }
      case "checkDigests": {
        const { unit, digests, root } = output;
        isDigestListOf(digests, root).then((ok) =>
          handle({ type: "checkedDigests", unit, digests, ok })
        );
        return;
      }
      case "code": {
        const { entry, index, pieces } = output;
        const payload = codePiece(entry, index, pieces);
        return handle({ type: "coded", unit: entry.unit, index, payload });
      }
      case "deliver":
        return options.deliver(output.demand, output.payload, output.last);
      case "decline":
        return options.decline(output.demand, output.reason);
      case "drop":
        links.get(output.peer)?.close();
        return;
      case "connect":
        return connections?.connect(output.peer);
      case "signal":
        return tracker.send({ type: "signal", to: output.to, signal: output.signal });
      case "signalled":
        return connections?.receive(output.from, output.signal);
      case "accuse":
        return tracker.send({ type: "accuse", peer: output.peer, unit: unitKey(output.unit) });
      case "injected": {
        const { unit, runs } = output;
        return tracker.send({ type: "injected", unit: unitKey(unit), runs: [...runs] });
      }
      case "whole":
        return options.onWhole?.(output.entry, output.pieces);
      case "seek":
        return tracker.send(output);
    }
  }

  function startFetch({ fetch, entry, pieces }: Extract<EngineOutput<Bytes>, { type: "fetch" }>) {
    const controller = new AbortController();
    fetches.set(fetch, controller);
    const onPiece = (index: number, payload: Bytes) =>
      handle({ type: "fetchedPiece", fetch, index, payload });
    fetchPieces(options.base, entry, pieces, onPiece, controller.signal).then((result) => {
      fetches.delete(fetch);
      handle({ type: "fetchEnded", fetch, result });
    });
  }

  const events: LinkEvents = {
    open(link) {
      // A second way to a peer that is a partner already is not taken.
      if (links.has(link.peer)) return link.close();
      links.set(link.peer, link);
      handle({ type: "linkOpen", peer: link.peer });
    },
    frame: (link, frame) => {
      if (links.get(link.peer) === link) {
        handle({ type: "frame", peer: link.peer, frame: frame as PeerFrame<Bytes> });
      }
    },
    junk: (link) => handle({ type: "junk", peer: link.peer }),
    sent: (link, bytes) => handle({ type: "sent", peer: link.peer, bytes }),
    close(link) {
      if (links.get(link.peer) !== link) return;
      links.delete(link.peer);
      handle({ type: "linkClosed", peer: link.peer });
    },
  };
  const mayJoin = (peer: string) => !links.has(peer) && engine.mayJoin(peer);
  const connections = options.Connection && connectionsOnDemand({
    self,
    events,
    mayJoin,
    signal: (to, signal) => handle({ type: "signal", to, signal }),
    failed: () => view.failedConnections++,
  }, options.Connection);
  const tabs = options.tabs === undefined
    ? undefined
    : openTabLinks(options.tabs, self, events, mayJoin, now());

  const status = (): PeerStatus => {
    const { partners, uplink, renditions } = engine.totals();
    return { ...options.status(), partners, uplink, renditions: [...renditions] };
  };
  const tracker = openTracker(
    options.tracker,
    () => ({ type: "join", version: PROTOCOL_VERSION, peer: self, secret, status: status() }),
    { message: onMessage, ledger: onLedger, away: () => setOnline(false) },
  );

  function setOnline(online: boolean): void {
    if (view.online === online) return;
    view.online = online;
    handle({ type: "edge", reachable: online });
    options.onOnline(online);
  }

  function setViewers(count: number): void {
    view.viewers = count;
    handle({ type: "audience", count });
  }

  function onMessage(message: ServerMessage): void {
    switch (message.type) {
      case "welcome":
        view.description = message.channel;
        view.state = message.state;
        setViewers(message.viewers);
        connections?.setIceServers(message.iceServers);
        view.backlog = message.backlog;
        atJoin = options.report();
        return setOnline(true);
      case "describe":
        view.description = message.channel;
        return;
      case "state":
        view.state = message.state;
        return;
      case "viewers":
        return setViewers(message.count);
      case "introduce":
        return handle({ type: "introduced", peers: message.peers });
      case "signal":
        return handle({ type: "signalled", from: message.from, signal: message.signal });
      case "error":
        if (message.fatal) view.refused = message.message;
        return;
    }
  }

  function sinceJoin(): ByteReport {
    const bytes = { ...options.report() };
    for (const source of ["peers", "edge", "cache", "uploaded"] as const) {
      bytes[source] -= atJoin[source];
    }
    return bytes;
  }

  function onLedger({ entry, inject, digests }: LedgerFrame): void {
    if (!live) return;
    const isNew = view.backlog === 0;
    if (!isNew) view.backlog--;
    options.onEntry(entry);
    handle({ type: "ledger", entry, live: isNew, inject, ...(digests ? { digests } : {}) });
  }

  /** What decides of what this peer may inject. */
  function abilities(): string {
    const { partners, renditions } = engine.totals();
    return `${partners > 0} ${renditions}`;
  }

  function beat(): void {
    nextBeatMs = now() + BEAT_MS;
    tabs?.tick(now());
    options.beat();
    // The edge gives runs only to those who have partners and play the rendition: it should know soon.
    const able = abilities();
    if (able !== wasAble) nextStatusMs = 0;
    wasAble = able;
    if (now() < nextStatusMs) return;
    nextStatusMs = now() + STATUS_INTERVAL_MS;
    tracker.send({ type: "status", status: status() });
    tracker.send({ type: "report", bytes: sinceJoin() });
  }
  alarm.set(0);

  return {
    view: () => view,
    totals: () => engine.totals(),
    setConduct: (conduct) => handle({ type: "conduct", conduct }),
    tellStatus: () => tracker.send({ type: "status", status: status() }),
    demand: (demand, { unit }, deadlineMs) => handle({ type: "demand", demand, unit, deadlineMs }),
    abandon: (demand) => handle({ type: "abandon", demand }),
    async hold({ unit, ...entry }, body) {
      const proven = await proveWhole(body, { unit, ...entry });
      if (proven) handle({ type: "held", unit, ...proven });
      return proven !== undefined;
    },
    hasWithoutEdge: ({ unit }) => live?.hasWithoutEdge(unit) ?? false,
    handle,
    close() {
      for (const link of links.values()) link.send({ type: "bye" });
      tracker.send({ type: "leave" });
      tracker.close();
      for (const controller of fetches.values()) controller.abort();
      tabs?.closeAll();
      connections?.closeAll();
      alarm.stop();
    },
  };
}

/** 120 random bits as 20 characters of base64url. */
function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(15));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_");
}
