/** An edge with channels that wait for sources of Icecast, and what is heard of them. */
import { startChild } from "../support/child.ts";
import { type Ear, listenAt } from "../support/ear.ts";
import { type EdgeProcess, startEdge } from "../support/edge_process.ts";
import { freePort } from "../support/free_port.ts";
import { waitUntil } from "../support/wait.ts";

export const KEY = "key-of-the-test";

export interface RadioStage extends AsyncDisposable {
  readonly edge: EdgeProcess;
  /** TCP port for sources. */
  readonly port: number;
  /** Resolves when the channel has been on air and its source has left. */
  left(channel: string): Promise<unknown>;
  onAir(channel: string): Promise<unknown>;
}

export async function radioStage(channels: readonly string[]): Promise<RadioStage> {
  const port = freePort();
  const ingests = channels.flatMap((name) => ["--ingest", `${name}=${KEY}`]);
  const edge = await startEdge(["--no-demo", ...ingests, "--ingest-port", `${port}`]);
  const until = (channel: string, state: string, ms: number) =>
    waitUntil(`${channel} ${state}`, async () => (await edge.stats(channel)).state === state, ms);
  return {
    edge,
    port,
    onAir: (channel) => until(channel, "on-air", 15_000),
    left: (channel) => until(channel, "upstream-down", 20_000),
    [Symbol.asyncDispose]: () => edge[Symbol.asyncDispose](),
  };
}

/** Listens from the first byte that the edge has. */
export async function listenTo(
  { edge }: RadioStage,
  channel: string,
  headers: Record<string, string> = {},
): Promise<Ear> {
  return await listenAt(`${edge.url}/stream/${channel}?burst=60`, headers);
}

/** ffmpeg with something to be heard, sent in real time to each of the outputs. */
export function startEncoder(
  inputs: readonly string[],
  seconds: number,
  ...outputs: readonly (readonly string[])[]
) {
  const args = ["-hide_banner", "-nostdin", "-v", "error", ...inputs];
  for (const output of outputs) args.push("-t", `${seconds}`, ...output);
  return startChild(Deno.env.get("TRIBUTARY_FFMPEG") ?? "ffmpeg", args);
}

export const TONE = ["-re", "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"];
export const PICTURE = ["-re", "-f", "lavfi", "-i", "testsrc=size=160x90:rate=10"];
