import { join } from "@std/path";
import { CodedError } from "../media/coded_error.ts";
import { createDenoFiles } from "./deno_files.ts";
import type { LogLine, Platform, Socket, SocketHandlers, Store } from "./platform.ts";

export interface DenoPlatformOptions {
  /** Folder for what must outlast a restart; made if it is not there. */
  readonly dataDir: string;
  /** Folder with what `deno task build` makes. */
  readonly distDir: string;
}

export interface DenoPlatform extends Platform {
  /** Resolves when every socket that is open now has been closed by both sides. */
  socketsClosed(): Promise<void>;
  close(): void;
}

/** Seconds without an answer to a ping until a socket counts as dead. */
const IDLE_S = 30;
/** A peer that has this much unread is not reading: it may come back when it does. */
const SLOW_BYTES = 4 * 1024 * 1024;
const TRY_AGAIN_LATER = 1013;
/** A relative path that cannot leave its folder. */
const PLAIN_PATH = /^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/;

/** The edge in a Deno process. Throws a `CodedError` if the data folder cannot be used. */
export async function createDenoPlatform(
  { dataDir, distDir }: DenoPlatformOptions,
): Promise<DenoPlatform> {
  const kv = await openKv(dataDir);
  const closings = new Set<Promise<void>>();
  return {
    now: () => Date.now(),
    random: () => Math.random(),
    after(ms, callback) {
      const timer = setTimeout(callback, ms);
      return () => clearTimeout(timer);
    },
    fetch: (...args) => fetch(...args),
    store: kvStore(kv),
    files: createDenoFiles(dataDir),
    asset: cachedFiles(distDir),
    upgrade(request, handlers) {
      const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: IDLE_S });
      const closing = attach(socket, handlers);
      closings.add(closing);
      closing.then(() => closings.delete(closing));
      return response;
    },
    log,
    socketsClosed: () => Promise.all(closings).then(() => {}),
    close: () => kv.close(),
  };
}

async function openKv(dataDir: string): Promise<Deno.Kv> {
  try {
    await Deno.mkdir(dataDir, { recursive: true });
    return await Deno.openKv(join(dataDir, "tributary.sqlite"));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CodedError(
      "data-unusable",
      `The data folder ${dataDir} cannot be read and written (${why}).`,
      "Name another with --data DIR, or make this one a folder of yours.",
    );
  }
}

function kvStore(kv: Deno.Kv): Store {
  return {
    get: async <T>(key: readonly string[]) => (await kv.get<T>([...key])).value ?? undefined,
    set: async (key, value) => void await kv.set([...key], value),
    delete: (key) => kv.delete([...key]),
  };
}

/** Reads files below `folder`, each once; one that is missing may come later. */
function cachedFiles(folder: string): Platform["asset"] {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  return async (path) => {
    const known = files.get(path);
    if (known || !PLAIN_PATH.test(path)) return known;
    try {
      const bytes = await Deno.readFile(join(folder, path));
      files.set(path, bytes);
      return bytes;
    } catch (error) {
      const { NotFound, IsADirectory } = Deno.errors;
      if (error instanceof NotFound || error instanceof IsADirectory) return undefined;
      throw error;
    }
  };
}

/** Has `handlers` called for the socket; resolves when it is closed. */
function attach(ws: WebSocket, handlers: SocketHandlers): Promise<void> {
  ws.binaryType = "arraybuffer";
  const socket: Socket = {
    send(data) {
      if (ws.readyState !== WebSocket.OPEN) return;
      if (ws.bufferedAmount > SLOW_BYTES) ws.close(TRY_AGAIN_LATER, "reads too slowly");
      else ws.send(data);
    },
    close(code, reason) {
      if (ws.readyState === WebSocket.OPEN) ws.close(code, reason);
    },
  };
  ws.onopen = () => handlers.open(socket);
  ws.onmessage = ({ data }) =>
    handlers.message(socket, typeof data === "string" ? data : new Uint8Array(data));
  return new Promise((resolve) => {
    ws.onclose = () => {
      handlers.close(socket);
      resolve();
    };
  });
}

function log({ level, code, message }: LogLine): void {
  const line = `${level} ${code}: ${message}`;
  if (level === "info") console.log(line);
  else console.error(line);
}
