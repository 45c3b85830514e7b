/** A swarm on a stage: virtual time, seeded randomness, and everything it says kept by socket. */
import type { OriginEvent, SwarmEvent } from "../../../edge/origin/events.ts";
import type { ChannelDescription } from "../../../edge/protocol/channel.ts";
import { encodeLedgerEntry } from "../../../edge/protocol/ledger_entry.ts";
import { decodeLedgerFrame, type LedgerFrame } from "../../../edge/protocol/ledger_frame.ts";
import type { ClientMessage, PeerStatus, ServerMessage } from "../../../edge/protocol/messages.ts";
import { cut, pieceCount } from "../../../edge/protocol/pieces.ts";
import { WHOLE } from "../../../edge/protocol/unit.ts";
import { PROTOCOL_VERSION } from "../../../edge/protocol/version.ts";
import type { SwarmInput } from "../../../edge/swarm/io.ts";
import type { SwarmLimits } from "../../../edge/swarm/limits.ts";
import type { Member } from "../../../edge/swarm/peer_book.ts";
import { createSwarm } from "../../../edge/swarm/swarm.ts";
import { mulberry32 } from "../../sim/random.ts";

export const WATCHING: PeerStatus = {
  playing: true,
  visible: true,
  uploads: true,
  partners: 2,
  uplink: 250_000,
  renditions: [0],
};
export const ALONE: PeerStatus = { ...WATCHING, partners: 0 };
export const SEGMENT_MS = 2_000;

export const CHANNEL: ChannelDescription = {
  name: "demo",
  title: "Demo",
  base: "/live/demo/",
  targetDurationMs: SEGMENT_MS,
  master: false,
  renditions: [],
};

/** A member that has met nobody, and has last been heard of at time 0. */
export function newMember(number: number, near?: string): Member {
  return {
    peer: peerId(number),
    socket: number,
    near,
    joinedMs: 0,
    heardMs: 0,
    missedBy: new Map(),
    secret: undefined,
    met: new Set(),
    status: WATCHING,
    introduced: 0,
    accusers: new Map(),
    shunned: false,
    reported: { peers: 0, edge: 0, cache: 0, uploaded: 0 },
    restsUntilMs: 0,
  };
}

/** What one socket has got. */
export interface Mailbox {
  readonly messages: ServerMessage[];
  readonly ledger: LedgerFrame[];
  /** When each of `ledger` came, ms. */
  readonly ledgerMs: number[];
  closed?: { readonly code: number; readonly reason: string };
}

/** A peer id for a number. */
export function peerId(number: number): string {
  return `peer-${String(number).padStart(15, "0")}`;
}

export function published(sequence: number, pieces = 8): OriginEvent & { type: "published" } {
  const plan = cut(pieces * 16 * 1024);
  const entry = encodeLedgerEntry({
    ...plan,
    unit: { epoch: 1, rendition: 0, sequence, part: WHOLE },
    uri: `r0/${sequence}.m4s`,
    startMs: sequence * SEGMENT_MS,
    durationMs: SEGMENT_MS,
    discontinuity: false,
    parityRuns: 0,
    root: new Uint8Array(16),
  });
  return {
    type: "published",
    channel: "demo",
    entry,
    digests: new Uint8Array(16 * pieceCount(plan)),
  };
}

export function setStage(
  { seed = 1, limits = {} }: { seed?: number; limits?: Partial<SwarmLimits> } = {},
) {
  const swarm = createSwarm({ channel: CHANNEL, random: mulberry32(seed), limits });
  const mailboxes = new Map<number, Mailbox>();
  const events: SwarmEvent[] = [];
  let nowMs = 1_000_000;

  function mailbox(socket: number): Mailbox {
    const box = mailboxes.get(socket);
    if (!box) throw new Error(`output for socket ${socket}, which was never opened`);
    if (box.closed) throw new Error(`output for socket ${socket}, which is closed`);
    return box;
  }

  function handle(input: SwarmInput): void {
    if (input.type === "opened") {
      mailboxes.set(input.socket, { messages: [], ledger: [], ledgerMs: [] });
    }
    if (input.type === "closed") {
      const box = mailboxes.get(input.socket);
      if (box) box.closed = { code: 1006, reason: "gone" };
    }
    swarm.handle(input, nowMs);
    for (let output = swarm.poll(); output; output = swarm.poll()) {
      switch (output.type) {
        case "message":
          for (const to of output.to) mailbox(to).messages.push(output.message);
          break;
        case "ledger":
          for (const to of output.to) {
            mailbox(to).ledger.push(decodeLedgerFrame(output.frame)!);
            mailbox(to).ledgerMs.push(nowMs);
          }
          break;
        case "close":
          mailbox(output.socket).closed = { code: output.code, reason: output.reason };
          break;
        case "event":
          events.push(output.event);
      }
    }
  }

  const stage = {
    handle,
    events,
    stats: () => swarm.stats(nowMs),
    now: () => nowMs,
    open(socket: number, iceServers: readonly string[] = [], near?: string): Mailbox {
      handle({ type: "opened", socket, iceServers, near });
      return mailboxes.get(socket)!;
    },
    box: (socket: number) => mailboxes.get(socket)!,
    say: (socket: number, message: ClientMessage) =>
      handle({ type: "text", socket, text: JSON.stringify(message) }),
    /** Opens a socket and joins on it; the peer id is made of the socket's number unless it is given. */
    join(
      socket: number,
      status: PeerStatus = ALONE,
      peer = peerId(socket),
      near?: string,
    ): Mailbox {
      const box = stage.open(socket, [], near);
      stage.say(socket, { type: "join", version: PROTOCOL_VERSION, peer, status });
      return box;
    },
    publish: (sequence: number, pieces?: number) =>
      handle({ type: "origin", event: published(sequence, pieces) }),
    /** Lets time pass, with a tick each second. */
    pass(ms: number): void {
      for (const end = nowMs + ms; nowMs < end;) {
        nowMs = Math.min(end, nowMs + 1_000);
        handle({ type: "tick" });
      }
    },
    /** Lets time pass without a tick. */
    jump: (ms: number) => void (nowMs += ms),
  };
  return stage;
}

/** Runs of a segment that a socket was told to inject, each as often as it was told anew. */
export function runsOf(box: Mailbox, sequence: number): number[] {
  return gifts(box, sequence).map(({ run }) => run);
}

/** The same, with when it was told. A frame names the runs that were told before too. */
export function gifts(box: Mailbox, sequence: number): { run: number; atMs: number }[] {
  let before: readonly number[] = [];
  return box.ledger.flatMap(({ entry, inject }, at) => {
    if (entry.unit.sequence !== sequence) return [];
    const fresh = inject.filter((run) => !before.includes(run));
    before = inject;
    return fresh.map((run) => ({ run, atMs: box.ledgerMs[at]! }));
  });
}

/** All messages of one type that a socket has got. */
export function got<T extends ServerMessage["type"]>(
  box: Mailbox,
  type: T,
): Extract<ServerMessage, { type: T }>[] {
  return box.messages.filter((message): message is Extract<ServerMessage, { type: T }> =>
    message.type === type
  );
}

/** Codes of the errors that a socket has got. */
export function errors(box: Mailbox): string[] {
  return got(box, "error").map(({ code }) => code);
}
