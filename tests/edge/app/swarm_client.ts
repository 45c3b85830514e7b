/** A peer's end of a real swarm socket: everything that comes is kept, and can be waited for. */
import { decodeLedgerFrame, type LedgerFrame } from "../../../edge/protocol/ledger_frame.ts";
import type { ClientMessage, ServerMessage } from "../../../edge/protocol/messages.ts";

export interface SwarmClient {
  send(message: ClientMessage): void;
  /** Sends as it is. */
  sendRaw(data: string | Uint8Array<ArrayBuffer>): void;
  /** The first message of this type that has not been taken yet. Rejects if the socket closes before it comes. */
  next<T extends ServerMessage["type"]>(type: T): Promise<Extract<ServerMessage, { type: T }>>;
  nextLedger(): Promise<LedgerFrame>;
  /** Resolves when the socket is closed, with the code. */
  readonly closed: Promise<number>;
  close(): Promise<number>;
}

type Received = ServerMessage | { type: "ledger"; frame: LedgerFrame };

export async function connect(url: string): Promise<SwarmClient> {
  const ws = new WebSocket(url);
  ws.binaryType = "arraybuffer";
  const inbox: Received[] = [];
  const waiting = new Set<() => void>();
  const notify = () => waiting.forEach((look) => look());
  let over = false;

  ws.onmessage = ({ data }) => {
    inbox.push(
      typeof data === "string"
        ? JSON.parse(data)
        : { type: "ledger", frame: decodeLedgerFrame(new Uint8Array(data))! },
    );
    notify();
  };
  const closed = new Promise<number>((resolve) => {
    ws.onclose = ({ code }) => {
      over = true;
      notify();
      resolve(code);
    };
  });
  await new Promise<void>((resolve, reject) => {
    ws.onopen = () => resolve();
    ws.onerror = () => reject(new Error(`no WebSocket at ${url}`));
  });
  ws.onerror = null;

  function take(type: string): Promise<Received> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const at = inbox.findIndex((one) => one.type === type);
        if (at < 0 && !over) return;
        waiting.delete(look);
        if (at < 0) reject(new Error(`the socket closed before ${type} came`));
        else resolve(inbox.splice(at, 1)[0]!);
      };
      waiting.add(look);
      look();
    });
  }

  return {
    send: (message) => ws.send(JSON.stringify(message)),
    sendRaw: (data) => ws.send(data),
    next: async (type) => await take(type) as never,
    nextLedger: async () => (await take("ledger") as { frame: LedgerFrame }).frame,
    closed,
    close() {
      ws.close();
      return closed;
    },
  };
}
