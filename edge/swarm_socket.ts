import type { Context } from "hono";
import type { SwarmHost } from "./channels/swarm_host.ts";
import { errorResponse } from "./origin/error_response.ts";
import { networkOf } from "./platform/network.ts";
import type { Platform } from "./platform/platform.ts";

/** Answers the handshake of a swarm socket, or says in a coded error what it was not. */
export function joinSwarm(
  c: Context,
  swarm: SwarmHost,
  { platform, iceServers, address }: {
    readonly platform: Platform;
    readonly iceServers: readonly string[];
    /** Of the client; empty where it is not known. */
    readonly address: string;
  },
): Response {
  if (c.req.header("Upgrade")?.toLowerCase() !== "websocket") {
    return errorResponse(426, {
      code: "websocket-only",
      message: "The swarm is reached by WebSocket.",
      hint: "Open it with new WebSocket(…); PROTOCOL.md says what to send.",
    }, { Upgrade: "websocket", Connection: "Upgrade" });
  }
  try {
    return platform.upgrade(c.req.raw, swarm.accept(iceServers, networkOf(address)));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return errorResponse(400, {
      code: "bad-upgrade",
      message: `This is not a WebSocket handshake (${error.message}).`,
      hint: "A proxy in between may drop headers: let Connection and Upgrade pass.",
    });
  }
}
