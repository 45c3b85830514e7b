import type { EngineTotals } from "../../web/swarm/engine.ts";
import { root } from "./build.ts";
import { startChild } from "./child.ts";
import { waitUntil } from "./wait.ts";

/** A real peer without a browser, in a process of its own: the page's session and engine over node-datachannel. */
export interface HeadlessPeer extends AsyncDisposable {
  totals(): EngineTotals;
  until(what: string, holds: (totals: EngineTotals) => boolean): Promise<EngineTotals>;
  /** Without a goodbye: no packet comes any more. */
  vanish(): Promise<void>;
}

export interface HeadlessPeerOptions {
  /** Sends wrong bytes in place of every piece. */
  readonly lies?: boolean;
}

const PROGRAM = new URL("./headless_program.ts", import.meta.url).pathname;
const PATIENCE_MS = 30_000;

/** Joins `channel` of the edge at `origin`; takes part in all of it and injects, as a playing viewer does. */
export async function joinHeadless(
  origin: string,
  channel: string,
  { lies = false }: HeadlessPeerOptions = {},
): Promise<HeadlessPeer> {
  const flags = lies ? ["--lies"] : [];
  const child = startChild(
    Deno.execPath(),
    ["run", "-A", PROGRAM, origin, channel, ...flags],
    root,
  );
  const vanish = () => child.end("SIGKILL");
  try {
    await child.printed(/^{.*}$/m, PATIENCE_MS);
  } catch (error) {
    await vanish();
    throw error;
  }
  const totals = (): EngineTotals => JSON.parse(child.log().match(/^{.*}$/gm)!.at(-1)!);
  return {
    totals,
    vanish,
    async until(what, holds) {
      await waitUntil(what, () => holds(totals()), PATIENCE_MS);
      return totals();
    },
    [Symbol.asyncDispose]: vanish,
  };
}
