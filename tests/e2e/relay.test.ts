/** The relay as people run it: `deno task relay`, ended by Ctrl-C. */
import { assert, assertEquals } from "@std/assert";
import type { Reading } from "../../web/headless/reading.ts";
import { root } from "../support/build.ts";
import { type Child, startChild } from "../support/child.ts";
import { startEdge } from "../support/edge_process.ts";
import { joinHeadless, lastReading } from "../support/headless_peer.ts";
import { waitUntil } from "../support/wait.ts";

const RELAYS = 3;
const PATIENCE_MS = 30_000;
/** It is ended by force later than this, `tests/support/child.ts`. */
const ENDS_WITHIN_MS = 3_000;

function startRelay(url: string): Child {
  const args = ["task", "--quiet", "relay", url, "--json", "--count", `${RELAYS}`];
  const task = startChild(Deno.execPath(), args, root);
  // The task's own end would leave the relay behind; this signal is handed on to it.
  return { ...task, [Symbol.asyncDispose]: () => task.end("SIGINT") };
}

async function until(relay: Child, what: string, holds: (reading: Reading) => boolean) {
  await waitUntil(what, () => holds(lastReading(relay)), PATIENCE_MS);
}

/** Command lines of this machine's processes that have `text` in them. */
async function processesWith(text: string): Promise<string[]> {
  const { stdout } = await new Deno.Command("ps", { args: ["-eo", "args"] }).output();
  return new TextDecoder().decode(stdout).split("\n").filter((line) => line.includes(text));
}

Deno.test("a relay gives its uplink, comes back to an edge that restarts, and leaves on Ctrl-C", async () => {
  await using edge = await startEdge();
  const url = `${edge.url}/live/demo/index.m3u8`;
  await using relay = startRelay(url);
  await relay.printed(/^{.*}$/m, PATIENCE_MS);
  await until(relay, "all relays", ({ online }) => online === RELAYS);

  await using viewer = await joinHeadless(edge.url, "demo");
  const met = await viewer.until("the relays", ({ partners }) => partners === RELAYS);
  const fed = await viewer.until("segments", ({ complete }) => complete >= met.complete + 5);
  const fromRelays = fed.peers - met.peers;
  const fromEdge = fed.edge - met.edge;
  // Each of the four fetches two of eight runs for the others: at most four of the ten pieces.
  assert(fromRelays > 1.4 * fromEdge, `${fromRelays} B from relays, ${fromEdge} B from the edge`);

  await edge.kill();
  await until(relay, "an edge that is away", ({ online }) => online === 0);
  await edge.restart();
  await until(relay, "relays that are back", ({ online }) => online === RELAYS);
  const back = viewer.totals();
  await viewer.until("media after the restart", ({ peers }) => peers > back.peers + 500_000);

  assert((await processesWith(url)).length > 0, "it can be seen");
  const toldMs = performance.now();
  await relay.end("SIGINT");
  assert(performance.now() - toldMs < ENDS_WITHIN_MS, "it ends by itself");
  assertEquals(await processesWith(url), []);
  // Without a goodbye it would take 17 s to notice.
  await waitUntil("the goodbye", () => viewer.totals().partners === 0, ENDS_WITHIN_MS);
  assertEquals((await edge.stats("demo")).viewers, 1);
});
