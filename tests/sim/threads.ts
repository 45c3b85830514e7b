/**
 * A world in several threads. Nothing gets from one to another sooner than the shortest way takes, so
 * that all may go on for that long without news of the others: conservative synchronisation in windows of
 * that lookahead (Chandy and Misra 1979; Fujimoto, Parallel Discrete Event Simulation, CACM 1990).
 */
import type { Clock } from "./clock.ts";
import { LEAST_DELAY_MS, type Letter, type Note, type Threads } from "./post.ts";
import { type ReportLine, reportLine } from "./report_line.ts";
import { prepare, type RunOptions, told } from "./run.ts";
import { SCENARIOS } from "./scenarios.ts";
import { mergeTallies, type Tally, tallyOf } from "./tally.ts";

/** What a thread is told to play. */
interface Task {
  /** By its name, as what it does cannot go to another thread. */
  readonly scenario: string;
  readonly options: Omit<RunOptions, "progress">;
  readonly count: number;
  readonly mine: number;
  /** To the other threads; there is none at the place of this one. */
  readonly ports: readonly (MessagePort | undefined)[];
}

/** Plays the scenario of that name to its end in so many threads; this one has the first part of it. */
export async function runInThreads(
  name: string,
  { progress, ...options }: RunOptions,
  count: number,
): Promise<ReportLine> {
  const begunMs = performance.now();
  const ports = connectAll(count);
  const workers = ports.slice(1).map(() =>
    new Worker(import.meta.resolve("./thread.ts"), { type: "module" })
  );
  try {
    const others = workers.map((worker, index) => {
      const mine = index + 1;
      const task: Task = { scenario: name, options, count, mine, ports: ports[mine]! };
      worker.postMessage(task, task.ports.filter((port) => port !== undefined));
      return tallyFrom(worker);
    });
    const [own, ...tallies] = await Promise.all([
      play({ scenario: name, options, count, mine: 0, ports: ports[0]! }, progress),
      ...others,
    ]);
    return reportLine({
      ...told(name, options, begunMs),
      tally: mergeTallies([own, ...tallies]),
    });
  } finally {
    for (const worker of workers) worker.terminate();
    for (const port of ports[0]!) port?.close();
  }
}

/** A port of each thread to each other. */
function connectAll(count: number): (MessagePort | undefined)[][] {
  const ports = Array.from(
    { length: count },
    () => new Array<MessagePort | undefined>(count).fill(undefined),
  );
  for (let a = 0; a < count; a++) {
    for (let b = a + 1; b < count; b++) {
      const { port1, port2 } = new MessageChannel();
      ports[a]![b] = port1;
      ports[b]![a] = port2;
    }
  }
  return ports;
}

function tallyFrom(worker: Worker): Promise<Tally> {
  const { promise, resolve, reject } = Promise.withResolvers<Tally>();
  worker.onmessage = ({ data }) => resolve(data);
  worker.onerror = (event) => {
    event.preventDefault();
    reject(new Error(event.message));
  };
  return promise;
}

/** This thread's part of a world, to its end. */
export async function play(task: Task, progress?: (share: number) => void): Promise<Tally> {
  const { count, mine, ports } = task;
  const outboxes: Letter[][] = ports.map(() => []);
  const threads: Threads = {
    count,
    mine,
    post: (thread, atMs, note) => void outboxes[thread]!.push({ atMs, note }),
  };
  const scenario = SCENARIOS.get(task.scenario)!;
  const { world, startMs, toMs } = prepare(scenario, task.options, threads);
  const others = ports.flatMap((port, index) =>
    port ? [{ index, port, inbox: inboxOf(port) }] : []
  );
  for (let atMs = startMs; atMs < toMs;) {
    atMs = Math.min(toMs, atMs + LEAST_DELAY_MS);
    world.clock.runUntil(atMs);
    for (const { index, port } of others) {
      port.postMessage(outboxes[index]);
      outboxes[index] = [];
    }
    for (const { inbox } of others) deliver(await inbox(), world);
    if (Math.floor(atMs / 1000) > Math.floor((atMs - LEAST_DELAY_MS) / 1000)) {
      progress?.((atMs - startMs) / (toMs - startMs));
    }
  }
  return tallyOf(world);
}

function deliver(
  letters: readonly Letter[],
  { clock, take }: { clock: Clock; take: (note: Note) => void },
): void {
  for (const { atMs, note } of letters) clock.at(atMs, () => take(note));
}

/** The next that comes by a port, in order. */
function inboxOf(port: MessagePort): () => Promise<Letter[]> {
  const waiting: Letter[][] = [];
  let wake: (() => void) | undefined;
  port.onmessage = ({ data }) => {
    waiting.push(data);
    wake?.();
  };
  return async () => {
    if (waiting.length === 0) await new Promise<void>((resolve) => wake = resolve);
    return waiting.shift()!;
  };
}
