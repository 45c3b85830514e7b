/**
 * One who watches: the real engine in a shell on virtual time. The first picture comes by plain
 * HTTP (`element.ts`); then the socket opens, partners are met, and the engine answers.
 */
import type { LedgerEntry } from "../../edge/protocol/ledger_entry.ts";
import { totalPieceCount } from "../../edge/protocol/parity.ts";
import { pieceCount } from "../../edge/protocol/pieces.ts";
import type { ServerMessage } from "../../edge/protocol/messages.ts";
import { unitKey } from "../../edge/protocol/unit.ts";
import { PROTOCOL_VERSION } from "../../edge/protocol/version.ts";
import { createEngine } from "../../web/swarm/engine.ts";
import { createDonet } from "./donet/engine.ts";
import type { SimEngine, SimInput, SimOutput } from "./donet/io.ts";
import { drive } from "./driver.ts";
import type { EdgeSocket, SocketEvent } from "./edge_host.ts";
import { CONNECT_TRIPS, SimElement } from "./element.ts";
import { Handshakes } from "./handshakes.ts";
import { createHost, type Host } from "./hosts.ts";
import { Links } from "./links.ts";
import { noteEdgeBytes } from "./measure.ts";
import type { World } from "./world.ts";
import { idOf } from "./keys.ts";

/** Stands for the bytes of a piece: how many have handed them on since the edge, or that they are wrong. */
export type Handle = number;
const GOOD: Handle = 0;
export const BAD: Handle = -1;

export interface ViewerOptions {
  /** bytes/ms */
  readonly uplink: number;
  readonly downlink: number;
  /** One-way to the edge, ms. */
  readonly edgeDelayMs: number;
  /** Gives to others. */
  readonly uploads: boolean;
  /** bytes/s */
  readonly uploadCap: number;
  /** Sends wrong bytes in place of every piece. */
  readonly liar: boolean;
  /** Whether the edge may be asked for what partners do not bring. */
  readonly fallback: boolean;
  readonly counted: boolean;
  /** DONet's source: at the edge, and plays nothing. */
  readonly source: boolean;
}

const STATUS_MS = 10_000;
/** DONet's M, as in most of its paper's experiments. */
const DONET_PARTNERS = 4;

export class Viewer {
  readonly host: Host;
  readonly id: string;
  readonly engine: SimEngine<Handle>;
  readonly element: SimElement;
  readonly links: Links;
  readonly handshakes: Handshakes;
  gone = false;
  #socket: EdgeSocket | undefined;
  #online = false;
  #welcomes = 0;
  #backlog = 0;
  readonly #feed: (input: SimInput<Handle>) => void;
  readonly #fetches = new Map<number, () => void>();
  #statusMs = 0;
  #wasAble = "";

  constructor(readonly world: World, index: number, readonly options: ViewerOptions) {
    const { uplink, downlink, source } = options;
    this.host = source ? world.edgeHost.host : createHost(index, uplink, downlink);
    this.id = idOf(index);
    this.element = new SimElement(this);
    this.links = new Links(this);
    this.handshakes = new Handshakes(this);
    this.engine = this.#createEngine();
    this.#feed = drive({
      clock: world.clock,
      engine: this.engine,
      alive: () => !this.gone,
      perform: (output) => this.#perform(output),
    });
    if (source) this.#openSocket();
    else this.element.begin();
  }

  /** Whether the edge has ever taken it in. */
  get isMember(): boolean {
    return this.#welcomes > 0;
  }

  #createEngine(): SimEngine<Handle> {
    const { source, uploads, uploadCap } = this.options;
    // Where there is no fallback, elements skip what others, who are further behind live, still need.
    const prefetch = this.options.fallback ? "played" : "all";
    const { scheduler, partners } = this.world.options;
    const conduct = { prefetch, inject: uploads, upload: uploads, uploadCap } as const;
    const usual = { self: this.id, random: this.world.random, conduct };
    if (scheduler === "tributary") {
      const sought = partners === undefined ? {} : { partners };
      return createEngine<Handle>({ ...usual, conduct: { ...conduct, ...sought } });
    }
    const playMs = (entry: LedgerEntry) => this.element.dueMs(entry);
    const wanted = partners ?? DONET_PARTNERS;
    return createDonet<Handle>({ ...usual, source, wanted, playMs });
  }

  /** The whole of a segment is here, past the engine. */
  hold({ unit, ...entry }: LedgerEntry): void {
    const count = pieceCount(entry);
    const total = totalPieceCount(entry);
    const payloads: Handle[] = new Array(count).fill(GOOD);
    this.handle({ type: "held", unit, digests: this.world.digests(total), payloads });
  }

  /** The first picture has come: the tag begins. */
  plays(): void {
    const tripsMs = 2 * (CONNECT_TRIPS + 1) * this.options.edgeDelayMs;
    this.world.clock.after(tripsMs, () => this.#openSocket());
  }

  #openSocket(): void {
    const { edge } = this.world;
    if (this.gone) return;
    if (edge.away) return this.#openLater();
    const near = this.world.regionOf(this);
    this.#socket = edge.connect(near, this.options.edgeDelayMs, (event) => this.#hearEdge(event));
    this.#socket.send({
      type: "join",
      version: PROTOCOL_VERSION,
      peer: this.id,
      secret: this.id,
      status: this.#status(),
    });
  }

  #openLater(): void {
    this.world.clock.after(500 + 1500 * this.world.random(), () => this.#openSocket());
  }

  #status() {
    const totals = this.engine.totals();
    return {
      playing: true,
      visible: true,
      uploads: this.options.uploads,
      partners: totals.partners,
      uplink: Math.round(totals.uplink),
      renditions: [...totals.renditions],
    };
  }

  #hearEdge(event: SocketEvent): void {
    switch (event.type) {
      case "message":
        return this.#hear(event.message);
      case "ledger": {
        if (this.gone) return;
        const { entry, inject, digests } = event.frame;
        const live = this.#backlog-- <= 0;
        this.handle({ type: "ledger", entry, live, inject, ...(digests ? { digests } : {}) });
        return this.element.announced(entry, live);
      }
      case "closed":
        this.#online = false;
        this.handle({ type: "edge", reachable: false });
        return this.#openLater();
    }
  }

  #hear(message: ServerMessage): void {
    if (this.gone) return;
    switch (message.type) {
      case "welcome":
        this.#backlog = message.backlog;
        this.#online = true;
        this.handle({ type: "edge", reachable: true });
        this.handle({ type: "audience", count: message.viewers });
        if (this.#welcomes++ === 0) this.#beat();
        return;
      case "viewers":
        return this.handle({ type: "audience", count: message.count });
      case "introduce": {
        const donet = this.world.options.scheduler === "donet";
        const peers = donet ? this.world.deputyList() : message.peers;
        return this.handle({ type: "introduced", peers });
      }
      case "signal":
        return this.handle({ type: "signalled", from: message.from, signal: message.signal });
      default:
        return;
    }
  }

  #beat(): void {
    if (this.gone) return;
    const { clock } = this.world;
    const totals = this.engine.totals();
    const able = `${totals.partners > 0} ${totals.renditions}`;
    if (this.#online && (clock.now() >= this.#statusMs || able !== this.#wasAble)) {
      this.#statusMs = clock.now() + STATUS_MS;
      this.#wasAble = able;
      this.#socket!.send({ type: "status", status: this.#status() });
    }
    clock.after(1000, () => this.#beat());
  }

  handle(input: SimInput<Handle>): void {
    this.#feed(input);
  }

  #perform(output: SimOutput<Handle>): void {
    const { clock, edge, meter } = this.world;
    switch (output.type) {
      case "send":
        return this.links.send(output.peer, output.frame);
      case "fetch":
        return this.#fetch(output);
      case "cancelFetch":
        this.#fetches.get(output.fetch)?.();
        this.#fetches.delete(output.fetch);
        return;
      case "fetchDigests": {
        const { entry } = output;
        clock.after(2 * this.options.edgeDelayMs, () => {
          const digests = edge.away ? undefined : this.world.digests(totalPieceCount(entry));
          this.handle({ type: "fetchedDigests", unit: entry.unit, digests });
        });
        return;
      }
      case "checkPiece": {
        const { unit, index, payload } = output;
        const ok = payload !== BAD;
        this.engine.handle({ type: "checkedPiece", unit, index, payload, ok }, clock.now());
        if (ok) this.element.arrived(unit, index, payload);
        return;
      }
      case "checkDigests": {
        const { unit, digests } = output;
        this.engine.handle({ type: "checkedDigests", unit, digests, ok: true }, clock.now());
        return;
      }
      case "code": {
        const { entry, index, pieces } = output;
        const handles = pieces.map(({ payload }) => payload);
        const payload = handles.includes(BAD) ? BAD : Math.max(...handles);
        return this.handle({ type: "coded", unit: entry.unit, index, payload });
      }
      case "deliver":
        if (output.payload === BAD) meter.badPlayed++;
        return this.element.delivered(output.demand, output.last);
      case "decline":
        return this.element.declined(output.demand);
      case "drop":
        return this.links.close(output.peer);
      case "connect":
        return this.handshakes.connect(output.peer);
      case "signal":
        this.#socket?.send({ type: "signal", to: output.to, signal: output.signal });
        return;
      case "signalled":
        return this.handshakes.receive(output.from, output.signal);
      case "accuse":
        this.#socket?.send({ type: "accuse", peer: output.peer, unit: unitKey(output.unit) });
        return;
      case "injected": {
        const { unit, runs } = output;
        this.#socket?.send({ type: "injected", unit: unitKey(unit), runs: [...runs] });
        return;
      }
      case "seek":
        if (!this.#online) return;
        this.#socket!.send(output);
        return;
    }
  }

  #fetch(
    { fetch, entry, pieces, purpose }: Extract<SimOutput<Handle>, { type: "fetch" }>,
  ): void {
    // Where there is no fallback, the edge leaves such requests unanswered.
    if (purpose === "fallback" && !this.options.fallback) return;
    const cancel = this.world.edge.get(
      this.host,
      this.options.edgeDelayMs,
      { entry, pieces, purpose },
      (index) => {
        if (this.gone) return;
        this.element.countEdge(entry, index);
        this.handle({ type: "fetchedPiece", fetch, index, payload: GOOD });
      },
      (result) => {
        this.#fetches.delete(fetch);
        this.handle({ type: "fetchEnded", fetch, result });
      },
    );
    this.#fetches.set(fetch, cancel);
  }

  /** Media bytes have left toward a partner. */
  sent(peer: string, bytes: number): void {
    if (this.options.source) {
      noteEdgeBytes(this.world.meter, "inject", bytes, this.world.clock.now());
    }
    this.handle({ type: "sent", peer, bytes });
  }

  /** A segment is published: the source has it. */
  takeIn(entry: LedgerEntry): void {
    this.handle({ type: "ledger", entry, live: true, inject: [] });
    this.hold(entry);
  }

  /** Leaves: with a goodbye, or as a machine that loses its power. */
  leave(polite: boolean): void {
    if (polite) {
      this.links.sendAll({ type: "bye" });
      this.#socket?.send({ type: "leave" });
    }
    const lateMs = polite ? 0 : this.world.vanishedMs();
    this.links.closeAll(lateMs);
    for (const cancel of this.#fetches.values()) cancel();
    this.element.stop();
    if (!polite) this.world.clock.after(lateMs, () => this.#socket?.close());
    else this.#socket?.close();
    this.gone = true;
    this.host.goneMs = this.world.clock.now();
    this.world.viewers.delete(this.id);
  }
}
