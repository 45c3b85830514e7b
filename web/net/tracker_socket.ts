import { decodeLedgerFrame, type LedgerFrame } from "../../edge/protocol/ledger_frame.ts";
import type { ClientMessage, ServerMessage } from "../../edge/protocol/messages.ts";

/** The first pause before connecting again, and the longest, ms. Doubled each time, with jitter. */
const FIRST_PAUSE_MS = 250;
const MAX_PAUSE_MS = 3_000;
/** The edge drops a member that it has not heard of for a minute; networks drop idle sockets sooner. */
export const STATUS_INTERVAL_MS = 10_000;

export interface TrackerEvents {
  message(message: ServerMessage): void;
  ledger(frame: LedgerFrame): void;
  /** The socket is gone; it comes back by itself. */
  away(): void;
}

export interface TrackerSocket {
  /** Sends if connected; otherwise the message is lost, as joining again brings everything up to date. */
  send(message: ClientMessage): void;
  close(): void;
}

/** The swarm socket of a channel: joins, and joins again whenever the connection is lost. */
export function openTracker(
  url: string,
  join: () => ClientMessage,
  events: TrackerEvents,
): TrackerSocket {
  let socket: WebSocket | undefined;
  let pauseMs = FIRST_PAUSE_MS;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let closed = false;

  function connect(): void {
    const mine = socket = new WebSocket(url);
    mine.binaryType = "arraybuffer";
    mine.onopen = () => mine.send(JSON.stringify(join()));
    mine.onmessage = ({ data }) => receive(data);
    mine.onclose = () => {
      if (closed) return;
      events.away();
      timer = setTimeout(connect, pauseMs * (0.5 + Math.random() / 2));
      pauseMs = Math.min(MAX_PAUSE_MS, pauseMs * 2);
    };
  }

  function receive(data: unknown): void {
    if (typeof data === "string") {
      const message = readMessage(data);
      if (!message) return;
      if (message.type === "welcome") pauseMs = FIRST_PAUSE_MS;
      if (message.type === "error" && message.fatal) close();
      events.message(message);
    } else if (data instanceof ArrayBuffer) {
      const frame = decodeLedgerFrame(new Uint8Array(data));
      if (frame) events.ledger(frame);
    }
  }

  function close(): void {
    closed = true;
    clearTimeout(timer);
    socket?.close();
  }

  connect();
  return {
    send(message) {
      if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
    },
    close,
  };
}

/** The edge gave this page its script: its messages are read as they are. What is no JSON is from something between. */
function readMessage(text: string): ServerMessage | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
