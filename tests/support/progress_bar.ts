/** A line on the terminal that shows how far something is. */
export interface ProgressBar {
  /** `done` from 0 to 1, and a few words beside it. */
  show(done: number, words: string): void;
  clear(): void;
}

const WIDTH = 30;
/** Back to the start of the line, and clear it. */
const ANEW = "\r\x1b[K";

/** On standard error, so that standard output holds results alone; nothing where that is no terminal. */
export function openProgressBar(): ProgressBar {
  if (!Deno.stderr.isTerminal()) return { show() {}, clear() {} };
  const write = (text: string) => void Deno.stderr.writeSync(new TextEncoder().encode(text));
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
