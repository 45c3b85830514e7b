/** A program under test: its output is kept, and it never outlives its owner. */
export interface Child extends AsyncDisposable {
  readonly pid: number;
  /** All it has printed so far. */
  log(): string;
  /** The first match in what it prints, from its start on. Rejects with the log if it ends before, or is too slow. */
  printed(pattern: RegExp, timeoutMs: number): Promise<RegExpMatchArray>;
  /** Sends the signal and waits for its end; by force after five seconds. */
  end(signal: Deno.Signal): Promise<void>;
}

const GRACE_MS = 5_000;

export function startChild(program: string, args: readonly string[], cwd?: string): Child {
  const child = new Deno.Command(program, {
    args: [...args],
    ...(cwd ? { cwd } : {}),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let log = "";
  let ended = false;
  const listeners = new Set<() => void>();
  const notify = () => listeners.forEach((listener) => listener());

  const read = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      log += text;
      notify();
    }
  };
  const gone = Promise.all([read(child.stdout), read(child.stderr), child.status]).then(() => {
    ended = true;
    notify();
  });

  const end = async (signal: Deno.Signal) => {
    if (ended) return;
    signalIfAlive(child, signal);
    const force = setTimeout(() => signalIfAlive(child, "SIGKILL"), GRACE_MS);
    await gone;
    clearTimeout(force);
  };

  return {
    pid: child.pid,
    log: () => log,
    printed: (pattern, timeoutMs) =>
      new Promise((resolve, reject) => {
        const settle = (result: RegExpMatchArray | string) => {
          clearTimeout(timer);
          listeners.delete(look);
          if (typeof result !== "string") resolve(result);
          else reject(new Error(`${program} ${result} before it printed ${pattern}:\n${log}`));
        };
        const look = () => {
          const match = log.match(pattern);
          if (match) settle(match);
          else if (ended) settle("ended");
        };
        const timer = setTimeout(() => settle(`ran ${timeoutMs} ms`), timeoutMs);
        listeners.add(look);
        look();
      }),
    end,
    [Symbol.asyncDispose]: () => end("SIGKILL"),
  };
}

function signalIfAlive(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch (error) {
    // Between its end and our hearing of it there is nobody to signal.
    if (!(error instanceof TypeError) && !(error instanceof Deno.errors.NotFound)) throw error;
  }
}
