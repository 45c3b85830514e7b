/** A timer that rings in a hidden page too, where the page's own timers are held back to one a second or a minute. */
export interface Alarm {
  /** Rings once after `ms`, or earlier if an earlier ring was set already. `Infinity` sets none. */
  set(ms: number): void;
  stop(): void;
}

const WORKER = "onmessage=({data})=>setTimeout(()=>postMessage(0),data)";
/** Rings within this of each other need no second timer, ms. */
const SLACK_MS = 4;

/**
 * The timers run in a dedicated worker; in the page where a content policy forbids such a worker,
 * which some browsers say at once and others by an event.
 */
export function createAlarm(ring: () => void): Alarm {
  let ringsAtMs = Infinity;
  const rung = () => {
    ringsAtMs = Infinity;
    ring();
  };
  let timer = startWorker(rung, () => {
    timer = startTimers(rung);
    if (ringsAtMs < Infinity) timer.after(Math.max(0, ringsAtMs - performance.now()));
  }) ?? startTimers(rung);
  return {
    set(ms) {
      const atMs = performance.now() + ms;
      if (atMs >= ringsAtMs - SLACK_MS) return;
      ringsAtMs = atMs;
      timer.after(Math.max(0, ms));
    },
    stop() {
      // Nothing rings earlier than this: what is set from now on sets nothing.
      ringsAtMs = -Infinity;
      timer.stop();
    },
  };
}

interface Timer {
  after(ms: number): void;
  stop(): void;
}

function startWorker(ring: () => void, failed: () => void): Timer | undefined {
  try {
    const url = URL.createObjectURL(new Blob([WORKER], { type: "text/javascript" }));
    const worker = new Worker(url);
    URL.revokeObjectURL(url);
    worker.onmessage = ring;
    worker.onerror = failed;
    return { after: (ms) => worker.postMessage(ms), stop: () => worker.terminate() };
  } catch {
    return undefined;
  }
}

function startTimers(ring: () => void): Timer {
  const timers = new Set<ReturnType<typeof setTimeout>>();
  return {
    after(ms) {
      const timer = setTimeout(() => {
        timers.delete(timer);
        ring();
      }, ms);
      timers.add(timer);
    },
    stop() {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}
