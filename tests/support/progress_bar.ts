/** A line on the terminal that shows how far something is. */
export interface ProgressBar {
  /** `done` from 0 to 1, and a few words beside it. */
  show(done: number, words: string): void;
  clear(): void;
}

const WIDTH = 30;
/** Back to the start of the line, and clear it. */
const ANEW = "\r\x1b[K";

/** Where there is no terminal, a line is written this often at most, ms. */
const LINE_MS = 30_000;

function write(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(text));
}

/** On standard error, so that standard output holds results alone; now and then a line where that is no terminal. */
export function openProgressBar(): ProgressBar {
  if (!Deno.stderr.isTerminal()) return lines();
  return {
    show(done, words) {
      const full = Math.round(Math.min(1, Math.max(0, done)) * WIDTH);
      const bar = "█".repeat(full) + "░".repeat(WIDTH - full);
      const line = `${bar} ${Math.floor(done * 100)} % ${words}`;
      write(ANEW + line.slice(0, Deno.consoleSize().columns - 1));
    },
    clear: () => write(ANEW),
  };
}

function lines(): ProgressBar {
  let nextMs = performance.now() + LINE_MS;
  return {
    show(done, words) {
      if (performance.now() < nextMs) return;
      nextMs = performance.now() + LINE_MS;
      write(`${Math.floor(done * 100)} % ${words}\n`);
    },
    clear() {},
  };
}
