/** An edge with a channel `cam` that waits for a source. */
import { assert } from "@std/assert";
import { type EdgeProcess, startEdge } from "../support/edge_process.ts";
import { freePort } from "../support/free_port.ts";
import { waitUntil } from "../support/wait.ts";

const KEY = "key-of-the-test";

export interface Stage extends AsyncDisposable {
  readonly edge: EdgeProcess;
  /** Where `cam` is sent to, with the key in the path, and as a password. */
  readonly byPath: string;
  readonly byPassword: string;
  readonly served: string;
}

export async function stage(): Promise<Stage> {
  const port = freePort();
  const args = ["--no-demo", "--ingest", `cam=${KEY}`, "--ingest-port", `${port}`];
  const edge = await startEdge(args);
  return {
    edge,
    byPath: `http://127.0.0.1:${port}/ingest/cam/${KEY}`,
    byPassword: `http://source:${KEY}@127.0.0.1:${port}/ingest/cam`,
    served: `${edge.url}/live/cam`,
    [Symbol.asyncDispose]: () => edge[Symbol.asyncDispose](),
  };
}

/** Resolves when media comes from the source. */
export async function onAir(scene: Stage): Promise<void> {
  await waitUntil("the channel on air", async () => await state(scene) === "on-air", 15_000);
}

/** Resolves when the source has ended its stream. */
export async function ended(scene: Stage): Promise<void> {
  await waitUntil("the source's end", async () => await state(scene) === "off-air", 20_000);
}

async function state({ edge }: Stage): Promise<string> {
  return (await edge.stats("cam")).state;
}

export async function fetched(url: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(url);
  assert(response.ok, `${url} answers ${response.status}`);
  return await response.bytes();
}
