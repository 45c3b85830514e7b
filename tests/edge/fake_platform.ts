/** A platform for tests: its clock stands still until it is moved, and nothing leaves the process unless `fetch` is given. */
import type { LogLine, Platform, Store } from "../../edge/platform/platform.ts";

export interface FakePlatform extends Platform {
  readonly lines: LogLine[];
  readonly stored: Map<string, unknown>;
  /**
   * Moves the clock on, timer by timer, in order. Between timers, and at the end, everything that
   * waits for no I/O is done.
   */
  advance(ms: number): Promise<void>;
  /** Moves the clock on while no timer fires, as on a machine that sleeps. */
  sleep(ms: number): void;
  /** How many timers are set: 0 once everything has been stopped. */
  timers(): number;
}

export interface FakeOptions {
  /** ms since 1970 */
  now?: number;
  random?: () => number;
  fetch?: typeof fetch;
  assets?: Record<string, Uint8Array<ArrayBuffer>>;
  upgrade?: Platform["upgrade"];
  /** What an earlier platform has stored: a restart. */
  stored?: Map<string, unknown>;
}

export function createFakePlatform(options: FakeOptions = {}): FakePlatform {
  let now = options.now ?? Date.UTC(2026, 0, 1);
  let timers: { at: number; callback: () => void }[] = [];
  const lines: LogLine[] = [];
  const stored = options.stored ?? new Map<string, unknown>();

  return {
    lines,
    stored,
    now: () => now,
    random: options.random ?? (() => 0.5),
    after(ms, callback) {
      const timer = { at: now + Math.max(0, ms), callback };
      timers.push(timer);
      return () => void (timers = timers.filter((one) => one !== timer));
    },
    timers: () => timers.length,
    sleep: (ms) => void (now += ms),
    async advance(ms) {
      const end = now + ms;
      await turn();
      for (;;) {
        const due = timers.filter((timer) => timer.at <= end);
        if (due.length === 0) break;
        const next = due.reduce((a, b) => (b.at < a.at ? b : a));
        timers = timers.filter((one) => one !== next);
        now = Math.max(now, next.at);
        next.callback();
        await turn();
      }
      now = end;
    },
    fetch: options.fetch ?? (() => Promise.reject(new TypeError("this test has no network"))),
    store: memoryStore(stored),
    asset: (path) => Promise.resolve(options.assets?.[path]),
    upgrade: options.upgrade ?? (() => {
      throw new Error("this test has no sockets");
    }),
    log: (line) => void lines.push(line),
  };
}

function memoryStore(stored: Map<string, unknown>): Store {
  const text = (key: readonly string[]) => key.join("/");
  return {
    get: <T>(key: readonly string[]) =>
      Promise.resolve(structuredClone(stored.get(text(key))) as T),
    set(key, value) {
      stored.set(text(key), structuredClone(value));
      return Promise.resolve();
    },
    delete(key) {
      stored.delete(text(key));
      return Promise.resolve();
    },
  };
}

/** Hashes that are being made, in other threads, which a busy machine lets wait. */
let hashing = 0;
const { digest } = SubtleCrypto.prototype;
SubtleCrypto.prototype.digest = function (...args) {
  hashing++;
  return digest.apply(this, args).finally(() => hashing--);
};

/** A turn of the event loop, and as many more as hashes need: promises that wait for no I/O are settled after it. */
export async function turn(): Promise<void> {
  do await nextTask(); while (hashing > 0);
}

function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      port2.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
