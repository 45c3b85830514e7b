import { root } from "./build.ts";
import { type Child, startChild } from "./child.ts";
import { lastReading } from "./headless_peer.ts";
import { waitUntil } from "./wait.ts";
import type { Reading } from "../../web/headless/reading.ts";

/** `deno task relay --listen`, in a process of its own. */
export interface LocalRelay extends AsyncDisposable {
  /** Where players find it, without a slash at the end. */
  readonly url: string;
  until(what: string, holds: (reading: Reading) => boolean): Promise<void>;
  /** As of the last second. */
  reading(): Reading;
  /** Without a goodbye (SIGKILL). */
  vanish(): Promise<void>;
}

const PATIENCE_MS = 30_000;

/** Resolves when it listens, on a port that the system has chosen. */
export function startLocalRelay(edge: string, channel: string): Promise<LocalRelay> {
  const args = [`${edge}/watch/${channel}`, "--listen", "127.0.0.1:0", "--json"];
  return start("web/headless/main.ts", args);
}

/** The same for one that only takes: what it has came by a partner, or because it was asked for at the edge. */
export function startLeafRelay(edge: string, channel: string): Promise<LocalRelay> {
  return start("tests/support/leaf_relay.ts", [`${edge}/watch/${channel}`]);
}

async function start(program: string, args: readonly string[]): Promise<LocalRelay> {
  const child: Child = startChild(Deno.execPath(), ["run", "-A", program, ...args], root);
  const vanish = () => child.end("SIGKILL");
  try {
    const [, url] = await child.printed(/^Players find it at (\S+)\/$/m, PATIENCE_MS);
    await child.printed(/^{.*}$/m, PATIENCE_MS);
    return {
      url: url!,
      reading: () => lastReading(child),
      async until(what, holds) {
        await waitUntil(what, () => holds(lastReading(child)), PATIENCE_MS);
      },
      vanish,
      [Symbol.asyncDispose]: vanish,
    };
  } catch (error) {
    await vanish();
    throw error;
  }
}
