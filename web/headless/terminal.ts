/** Where a status goes: a line that is written anew in place, or lines one below the other. */
export interface StatusOutput {
  /** How often there should be a status, ms. */
  readonly everyMs: number;
  show(line: string): void;
  /** Leaves what was shown last standing. */
  end(): void;
}

const IN_PLACE_MS = 1_000;
const BELOW_MS = 10_000;
/** Back to the start of the line, and clear it. */
const ANEW = "\r\x1b[K";

/** On a terminal one line that refreshes; elsewhere, as in a log file, a line now and then. */
export function openTerminal(): StatusOutput {
  if (!Deno.stdout.isTerminal()) return linesEvery(BELOW_MS);
  const write = (text: string) => Deno.stdout.writeSync(new TextEncoder().encode(text));
  return {
    everyMs: IN_PLACE_MS,
    // A line that is broken by the terminal could not be written over.
    show: (line) => write(ANEW + line.slice(0, Deno.consoleSize().columns - 1)),
    end: () => write("\n"),
  };
}

export function linesEvery(everyMs: number): StatusOutput {
  return { everyMs, show: (line) => console.log(line), end() {} };
}
