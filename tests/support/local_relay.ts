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
  /** Without a goodbye (SIGKILL). */
  vanish(): Promise<void>;
}

const PATIENCE_MS = 30_000;

/** Resolves when it listens, on a port that the system has chosen. */
export async function startLocalRelay(edge: string, channel: string): Promise<LocalRelay> {
  const args = [`${edge}/watch/${channel}`, "--listen", "127.0.0.1:0", "--json"];
  const child: Child = startChild(
    Deno.execPath(),
    ["run", "-A", "web/headless/main.ts", ...args],
    root,
  );
  const vanish = () => child.end("SIGKILL");
  try {
    const [, url] = await child.printed(/^Players find it at (\S+)\/$/m, PATIENCE_MS);
    await child.printed(/^{.*}$/m, PATIENCE_MS);
    return {
      url: url!,
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
