import type { OriginEvent, SwarmEvent } from "../origin/events.ts";
import type { Platform, Socket, SocketHandlers } from "../platform/platform.ts";
import type { ChannelDescription } from "../protocol/channel.ts";
import type { SwarmInput, SwarmOutput, SwarmStats } from "../swarm/io.ts";
import type { SwarmLimits } from "../swarm/limits.ts";
import type { SocketId } from "../swarm/peer_book.ts";
import { createSwarm } from "../swarm/swarm.ts";

const TICK_MS = 500;
/** RFC 6455 §7.4.1: who comes back may be refused. */
const POLICY_VIOLATION = 1008;
/** Close code 1012: the peer may come back at once. */
const SERVICE_RESTART = 1012;

/** A swarm with sockets and a clock around it. */
export interface SwarmHost {
  /** Handlers for one socket that is about to open; `near` is equal for those of one network. */
  accept(iceServers: readonly string[], near?: string): SocketHandlers;
  handle(event: OriginEvent): void;
  stats(): SwarmStats;
  /** Ends all sockets: those who still may come back. */
  sendAway(): void;
  /** Sends everyone away to come back when the edge does. */
  stop(): void;
}

export interface SwarmHostOptions {
  readonly platform: Platform;
  /** What is known of the channel before its origin describes it. */
  readonly channel: ChannelDescription;
  readonly limits?: Partial<SwarmLimits>;
  /** What the swarm has to say to the origin. */
  readonly emit: (event: SwarmEvent) => void;
}

export function createSwarmHost(
  { platform, channel, limits, emit }: SwarmHostOptions,
): SwarmHost {
  const swarm = createSwarm({
    channel,
    random: () => platform.random(),
    ...(limits ? { limits } : {}),
  });
  const sockets = new Map<SocketId, Socket>();
  let lastId: SocketId = 0;
  let draining = false;
  let stopped = false;
  let cancelTick: (() => void) | undefined;

  function feed(input: SwarmInput): void {
    if (stopped) return;
    swarm.handle(input, platform.now());
    // What is emitted may feed again: the loop that already runs takes that along.
    if (draining) return;
    draining = true;
    try {
      for (let output = swarm.poll(); output; output = swarm.poll()) perform(output);
    } finally {
      draining = false;
    }
  }

  function perform(output: SwarmOutput): void {
    switch (output.type) {
      case "message": {
        const text = JSON.stringify(output.message);
        for (const to of output.to) sockets.get(to)?.send(text);
        return;
      }
      case "ledger":
        for (const to of output.to) sockets.get(to)?.send(output.frame);
        return;
      case "close":
        sockets.get(output.socket)?.close(output.code, output.reason);
        sockets.delete(output.socket);
        return;
      case "event":
        return emit(output.event);
    }
  }

  /** Ticks while there are sockets; an edge that nobody uses has nothing to do. */
  function keepTicking(): void {
    cancelTick ??= platform.after(TICK_MS, () => {
      cancelTick = undefined;
      feed({ type: "tick" });
      if (sockets.size > 0) keepTicking();
    });
  }

  return {
    accept(iceServers, near) {
      const id = ++lastId;
      return {
        open(socket) {
          if (stopped) return socket.close(SERVICE_RESTART, "service restart");
          sockets.set(id, socket);
          keepTicking();
          feed({ type: "opened", socket: id, iceServers, near });
        },
        message(_, data) {
          feed(
            typeof data === "string"
              ? { type: "text", socket: id, text: data }
              : { type: "binary", socket: id },
          );
        },
        close() {
          sockets.delete(id);
          feed({ type: "closed", socket: id });
        },
      };
    },
    handle: (event) => feed({ type: "origin", event }),
    stats: () => swarm.stats(platform.now()),
    sendAway() {
      for (const socket of sockets.values()) socket.close(POLICY_VIOLATION, "the address changed");
    },
    stop() {
      stopped = true;
      cancelTick?.();
      for (const socket of sockets.values()) socket.close(SERVICE_RESTART, "service restart");
      sockets.clear();
    },
  };
}
