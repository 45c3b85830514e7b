import type { Reading } from "../../web/headless/reading.ts";
import { root } from "./build.ts";
import { type Child, startChild } from "./child.ts";
import { waitUntil } from "./wait.ts";

/** A real peer without a browser: the relay, in a process of its own. */
export interface HeadlessPeer extends AsyncDisposable {
  totals(): HeadlessTotals;
  until(what: string, holds: (totals: HeadlessTotals) => boolean): Promise<HeadlessTotals>;
  /** Without a goodbye: no packet comes any more. */
  vanish(): Promise<void>;
}

/** As of the last second. */
export interface HeadlessTotals extends Pick<Reading, "partners" | "complete"> {
  /** Media bytes received, by source. */
  readonly peers: number;
  readonly edge: number;
  readonly uploaded: number;
}

export interface HeadlessPeerOptions {
  /** Sends wrong bytes in place of every piece. */
  readonly lies?: boolean;
}

const PATIENCE_MS = 30_000;

/** Joins `channel` of the edge at `origin`; takes part in all of it and injects, as a playing viewer does. */
export async function joinHeadless(
  origin: string,
  channel: string,
  { lies = false }: HeadlessPeerOptions = {},
): Promise<HeadlessPeer> {
  const program = lies ? "tests/support/headless_liar.ts" : "web/headless/main.ts";
  const url = `${origin}/watch/${channel}`;
  const args = ["run", "-A", program, url, "--json", "--upload", "80M"];
  const child = startChild(Deno.execPath(), args, root);
  const vanish = () => child.end("SIGKILL");
  try {
    await child.printed(/^{.*}$/m, PATIENCE_MS);
  } catch (error) {
    await vanish();
    throw error;
  }
  const totals = (): HeadlessTotals => {
    const { bytes, partners, complete } = lastReading(child);
    return { partners, complete, ...bytes };
  };
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

/** The last line of a relay that runs with `--json`. */
export function lastReading(child: Child): Reading {
  return JSON.parse(child.log().match(/^{.*}$/gm)!.at(-1)!);
}
