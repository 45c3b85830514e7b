/**
 * Who is here, who meets whom, who injects what: the swarm of one channel as a state machine.
 * Feed it with `handle(input, now)`, then drain `poll()`. It reads no clock, draws no random number
 * of its own and touches no socket, so that it runs the same in a process, in a Durable Object and,
 * thousands of peers at once, in a test. Nothing in it outlives a restart: peers join again.
 */
import * as v from "valibot";
import type { OriginEvent } from "../origin/events.ts";
import type { ChannelDescription, ChannelState } from "../protocol/channel.ts";
import { ClientMessage, parseMessage, type ServerMessage } from "../protocol/messages.ts";
import { PROTOCOL_VERSION } from "../protocol/version.ts";
import { accuse } from "./accusations.ts";
import { type Connection, isOverdue, openConnection } from "./connection.ts";
import { type Farewell, FAREWELLS } from "./farewells.ts";
import { createInjectors, type Injection, isEligible } from "./injectors.ts";
import { encodeLedgerFrame } from "../protocol/ledger_frame.ts";
import { introduce } from "./introductions.ts";
import type { SwarmInput, SwarmOutput, SwarmStats } from "./io.ts";
import { createLedgerLog } from "./ledger_log.ts";
import { DEFAULT_LIMITS, type SwarmLimits } from "./limits.ts";
import { miss } from "./missing.ts";
import { createOffloadTotals } from "./offload_totals.ts";
import { createPeerBook, haveMet, type Member, type SocketId } from "./peer_book.ts";

export interface Swarm {
  handle(input: SwarmInput, nowMs: number): void;
  /** The next thing to do, or `undefined` when there is none. */
  poll(): SwarmOutput | undefined;
  stats(nowMs: number): SwarmStats;
}

export interface SwarmOptions {
  /** What is known of the channel before its origin describes it. */
  readonly channel: ChannelDescription;
  /** 0 ≤ x < 1 */
  readonly random: () => number;
  readonly limits?: Partial<SwarmLimits>;
}

/** Enough of a join to tell that its sender is of another version, whatever else that version says. */
const AnyJoin = v.object({ type: v.literal("join"), version: v.number() });
/** How often everyone is told how many watch, at most, ms: 40 bytes a second while a crowd comes. */
const VIEWERS_EVERY_MS = 1_000;

export function createSwarm({ channel, random, ...options }: SwarmOptions): Swarm {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const connections = new Map<SocketId, Connection>();
  const peers = createPeerBook();
  const log = createLedgerLog(limits);
  const injectors = createInjectors({ random });
  const totals = createOffloadTotals();
  const outputs: SwarmOutput[] = [];
  let state: ChannelState = "idle";
  let detail: string | undefined;
  let toldViewers = 0;
  let toldViewersMs = -Infinity;

  function tell(to: readonly SocketId[], message: ServerMessage): void {
    if (to.length > 0) outputs.push({ type: "message", to, message });
  }

  function everyone(): SocketId[] {
    return Array.from(peers.members(), (member) => member.socket);
  }

  function stateMessage(): ServerMessage {
    return { type: "state", state, ...(detail === undefined ? {} : { detail }) };
  }

  function watchersChanged(): void {
    const event = { type: "watchers", channel: channel.name, count: peers.size } as const;
    outputs.push({ type: "event", event });
  }

  function tellInjectors(injections: readonly Injection[]): void {
    for (const { unit: { entry, digests }, member, runs } of injections) {
      const frame = encodeLedgerFrame({ entry, inject: runs, digests });
      outputs.push({ type: "ledger", to: [member.socket], frame });
    }
  }

  /** Takes a peer out of the swarm; its socket stays. */
  function part(connection: Connection, nowMs: number): void {
    const { member } = connection;
    if (!member) return;
    delete connection.member;
    peers.remove(member);
    tellInjectors(injectors.replace(member, peers, nowMs));
    watchersChanged();
  }

  function forget(connection: Connection, nowMs: number): void {
    connections.delete(connection.socket);
    part(connection, nowMs);
  }

  function close(connection: Connection, code: number, reason: string, nowMs: number): void {
    outputs.push({ type: "close", socket: connection.socket, code, reason });
    forget(connection, nowMs);
  }

  function dismiss(connection: Connection, farewell: Farewell, nowMs: number): void {
    const { closeCode, code, message, fatal } = farewell;
    tell([connection.socket], { type: "error", code, message, fatal });
    close(connection, closeCode, code, nowMs);
  }

  function refuseJunk(connection: Connection, why: string, nowMs: number): void {
    connection.junk++;
    if (connection.junk >= limits.junk) return dismiss(connection, FAREWELLS.junk, nowMs);
    tell([connection.socket], { type: "error", code: "junk", message: why, fatal: false });
  }

  function join(
    connection: Connection,
    { peer, secret, status }: Extract<ClientMessage, { type: "join" }>,
    nowMs: number,
  ): void {
    // A peer that comes back before its old socket is known to be dead takes its own place.
    const before = peers.get(peer);
    if (before && before.secret !== secret) return dismiss(connection, FAREWELLS.taken, nowMs);
    if (before) dismiss(connections.get(before.socket)!, FAREWELLS.replaced, nowMs);
    if (peers.size >= limits.peers) return dismiss(connection, FAREWELLS.full, nowMs);
    const member: Member = {
      peer,
      socket: connection.socket,
      near: connection.near,
      joinedMs: nowMs,
      heardMs: nowMs,
      missedBy: new Map(),
      secret,
      met: before?.met ?? new Set(),
      status,
      introduced: 0,
      accusers: before?.accusers ?? new Map(),
      shunned: before?.shunned ?? false,
      reported: { peers: 0, edge: 0, cache: 0, uploaded: 0 },
      restsUntilMs: before?.restsUntilMs ?? 0,
    };
    connection.member = member;
    peers.add(member);
    watchersChanged();
    welcome(connection, member, nowMs);
  }

  function welcome({ socket, iceServers }: Connection, member: Member, nowMs: number): void {
    const backlog = log.recent(nowMs);
    tell([socket], {
      type: "welcome",
      version: PROTOCOL_VERSION,
      channel,
      state,
      viewers: peers.size,
      backlog: backlog.length,
      iceServers: [...iceServers],
    });
    if (detail !== undefined) tell([socket], stateMessage());
    for (const { frame } of backlog) {
      outputs.push({ type: "ledger", to: [socket], frame });
    }
    makeIntroductions(member, limits.introductions, []);
  }

  function makeIntroductions(member: Member, want: number, known: readonly string[]): void {
    const { partners } = limits;
    const met = introduce(member, peers, { want, known: new Set(known), partners, random });
    tell([member.socket], { type: "introduce", peers: met.map(({ peer }) => peer) });
  }

  function hear(connection: Connection, text: string, nowMs: number): void {
    const message = parseMessage(ClientMessage, text);
    const version = message?.type === "join"
      ? message.version
      : message
      ? undefined
      : parseMessage(AnyJoin, text)?.version;
    if (version !== undefined && version !== PROTOCOL_VERSION) {
      return dismiss(connection, FAREWELLS.version, nowMs);
    }
    if (!message) return refuseJunk(connection, "Not a message of PROTOCOL.md.", nowMs);
    const { member } = connection;
    if (message.type === "join") {
      if (member) return refuseJunk(connection, "This socket has joined already.", nowMs);
      return join(connection, message, nowMs);
    }
    if (!member) return refuseJunk(connection, "Send join first.", nowMs);
    hearMember(connection, member, message, nowMs);
  }

  function hearMember(
    connection: Connection,
    member: Member,
    message: Exclude<ClientMessage, { type: "join" }>,
    nowMs: number,
  ): void {
    switch (message.type) {
      case "status":
        member.status = message.status;
        member.introduced = 0;
        return;
      case "seek":
        if (!connection.seeks(nowMs)) return;
        for (const peer of message.silent ?? []) {
          const missed = peers.get(peer);
          if (missed) miss(missed, member, nowMs);
        }
        makeIntroductions(member, message.want, message.known);
        return;
      case "signal": {
        const target = peers.get(message.to);
        if (!target || !haveMet(member, target)) return;
        return tell([target.socket], {
          type: "signal",
          from: member.peer,
          signal: message.signal,
        });
      }
      case "injected":
        return injectors.done(member, message.unit, message.runs, nowMs);
      case "report":
        return totals.report(member, message.bytes, nowMs);
      case "accuse": {
        const accused = peers.get(message.peer);
        if (accused && connection.accusations(nowMs)) accuse(accused, member, nowMs);
        return;
      }
      case "leave":
        return close(connection, 1000, "left", nowMs);
    }
  }

  function hearOrigin(event: OriginEvent, nowMs: number): void {
    switch (event.type) {
      case "described":
        channel = event.description;
        return tell(everyone(), { type: "describe", channel });
      case "state":
        state = event.state;
        detail = event.detail;
        return tell(everyone(), stateMessage());
      case "published":
        return publish(event.entry, event.digests, nowMs);
    }
  }

  function publish(entry: Uint8Array, digests: Uint8Array, nowMs: number): void {
    const unit = log.publish(entry, digests, nowMs);
    if (!unit) return;
    const injections = injectors.assign(unit, peers, nowMs);
    // Injectors first: everyone else waits for what they fetch.
    tellInjectors(injections);
    const told = new Set(injections.map(({ member }) => member.socket));
    const others = everyone().filter((socket) => !told.has(socket));
    if (others.length > 0) outputs.push({ type: "ledger", to: others, frame: unit.frame });
  }

  function tick(nowMs: number): void {
    tellInjectors(injectors.hurry(peers, nowMs));
    for (const connection of [...connections.values()]) {
      if (!isOverdue(connection, limits, nowMs)) continue;
      dismiss(connection, connection.member ? FAREWELLS.silent : FAREWELLS.late, nowMs);
    }
    if (peers.size !== toldViewers && nowMs - toldViewersMs >= VIEWERS_EVERY_MS) {
      toldViewers = peers.size;
      toldViewersMs = nowMs;
      tell(everyone(), { type: "viewers", count: peers.size });
    }
  }

  function handleSocket(
    input: Extract<SwarmInput, { socket: SocketId }>,
    nowMs: number,
  ): void {
    if (input.type === "opened") {
      if (connections.has(input.socket)) return;
      connections.set(input.socket, openConnection(input, limits, nowMs));
      return;
    }
    const connection = connections.get(input.socket);
    // A socket that was closed from here may still have had something on its way.
    if (!connection) return;
    if (input.type === "closed") return forget(connection, nowMs);
    connection.heardMs = nowMs;
    if (connection.member) connection.member.heardMs = nowMs;
    if (!connection.budget(nowMs)) return dismiss(connection, FAREWELLS.tooFast, nowMs);
    if (input.type === "text") return hear(connection, input.text, nowMs);
    refuseJunk(connection, "Binary messages come from the edge only.", nowMs);
  }

  return {
    handle(input, nowMs) {
      switch (input.type) {
        case "opened":
        case "text":
        case "binary":
        case "closed":
          return handleSocket(input, nowMs);
        case "origin":
          return hearOrigin(input.event, nowMs);
        case "tick":
          return tick(nowMs);
      }
    },
    poll: () => outputs.shift(),
    stats: (nowMs) => ({
      joined: peers.size,
      eligible: Array.from(peers.members()).filter(isEligible).length,
      bytes: { ...totals.bytes },
      injectedCopies: injectors.copies(nowMs),
      injectedRuns: injectors.runs,
    }),
  };
}
