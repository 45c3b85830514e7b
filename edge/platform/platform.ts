import type { Files } from "./files.ts";

/** What a runtime gives to the edge. Everything else in `edge/` runs anywhere. */
export interface Platform {
  /** ms since 1970 */
  now(): number;
  /** 0 ≤ x < 1 */
  random(): number;
  /** Calls back once after `ms`; answers what cancels it. */
  after(ms: number, callback: () => void): () => void;
  readonly fetch: typeof fetch;
  readonly store: Store;
  /** The data folder; absent where the runtime has no disk, and then there are no files to watch. */
  readonly files?: Files;
  /** A built script, page or picture by its path, such as `tributary.js`; `undefined` if there is none. */
  asset(path: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Turns a request into a WebSocket; the handlers are called by the runtime. */
  upgrade(request: Request, handlers: SocketHandlers): Response;
  log(line: LogLine): void;
}

/** What must outlast a restart: small values under path-like keys. */
export interface Store {
  get<T>(key: readonly string[]): Promise<T | undefined>;
  set(key: readonly string[], value: unknown): Promise<void>;
  delete(key: readonly string[]): Promise<void>;
}

export interface Socket {
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(code: number, reason: string): void;
}

export interface SocketHandlers {
  open(socket: Socket): void;
  message(socket: Socket, data: string | Uint8Array): void;
  close(socket: Socket): void;
}

export interface LogLine {
  readonly level: "info" | "warn" | "error";
  /** A stable code, such as `upstream-malformed`. */
  readonly code: string;
  readonly message: string;
}
