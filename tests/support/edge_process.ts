import type { ChannelStats } from "../../edge/channels/channel_stats.ts";
import { ensureBuilt, root } from "./build.ts";
import { type Child, startChild } from "./child.ts";
import { freePort } from "./free_port.ts";

/** The edge as people run it: a process of its own, on a port and a data folder that it keeps over restarts. */
export interface EdgeProcess extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`, without a slash. */
  readonly url: string;
  /** The folder given as `--data`. */
  readonly data: string;
  /** Ends it at once, as a crash would (SIGKILL). */
  kill(): Promise<void>;
  /** Asks it to end (SIGTERM). */
  stop(): Promise<void>;
  /** Ends it at once if it runs, and starts it again on the same port and data. */
  restart(): Promise<void>;
  /** `/api/channels/CHANNEL/stats`. */
  stats(channel: string): Promise<ChannelStats>;
  /** All it has printed since its last start. */
  log(): string;
}

const START_TIMEOUT_MS = 20_000;

/**
 * Starts `edge/main.ts` with `args` after port and data folder; ready when `/healthz` answers.
 * Without `--stun-port` among them there is no STUN, so that edges do not meet on one UDP port.
 */
export async function startEdge(args: readonly string[] = []): Promise<EdgeProcess> {
  await ensureBuilt();
  const port = freePort();
  const url = `http://127.0.0.1:${port}`;
  const data = await Deno.makeTempDir({ prefix: "tributary-data-" });
  const common = ["--port", `${port}`, "--host", "127.0.0.1", "--data", data];
  if (!args.includes("--stun-port")) common.push("--no-stun");

  const start = async (): Promise<Child> => {
    const child = startChild(
      Deno.execPath(),
      ["run", "-A", "edge/main.ts", ...common, ...args],
      root,
    );
    try {
      await child.printed(new RegExp(`:${port}\\b`), START_TIMEOUT_MS);
      const health = await fetch(`${url}/healthz`);
      await health.body?.cancel();
      if (!health.ok) throw new Error(`/healthz answered ${health.status}:\n${child.log()}`);
      return child;
    } catch (error) {
      await child.end("SIGKILL");
      throw error;
    }
  };

  const forget = () => Deno.remove(data, { recursive: true });
  let child = await start().catch(async (error) => {
    await forget();
    throw error;
  });
  return {
    url,
    data,
    kill: () => child.end("SIGKILL"),
    stop: () => child.end("SIGTERM"),
    async restart() {
      await child.end("SIGKILL");
      child = await start();
    },
    async stats(channel) {
      const response = await fetch(`${url}/api/channels/${channel}/stats`);
      if (!response.ok) throw new Error(`stats of ${channel}: ${response.status}`);
      return await response.json();
    },
    log: () => child.log(),
    async [Symbol.asyncDispose]() {
      await child.end("SIGKILL");
      await forget();
    },
  };
}
